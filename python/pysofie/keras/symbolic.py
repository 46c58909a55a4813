"""Keras's symbolic tensors: the calls that made them, in order; weights among them; and how to leave a model as it was."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from pysofie.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


def is_graph(layer: Any) -> bool:
    """Whether it computes what its graph of layers says: a Sequential or Functional model whose `call` is Keras's own."""
    import keras

    if not isinstance(layer, (keras.Function, keras.Sequential)) or not layer.inputs:
        return False
    owner = next(cls for cls in type(layer).__mro__ if "call" in vars(cls))
    return owner.__module__.split(".")[0] == "keras"


def in_order(outputs: Sequence[Any], known: Mapping[int, Any]) -> Iterator[Any]:
    """The calls that lead from known tensors to the outputs, each after those that it depends on."""
    done: set[int] = set()
    stack = [(one, False) for one in reversed(outputs)]
    while stack:
        tensor, expanded = stack.pop()
        if id(tensor) in known:
            continue
        history = getattr(tensor, "_keras_history", None)
        if history is None or history.operation is None:
            raise Refusal(f"the tensor {tensor.name} comes from nowhere")
        node = history.operation._inbound_nodes[history.node_index]
        if id(node) in done:
            continue
        if expanded:
            done.add(id(node))
            yield node
            continue
        if not node.input_tensors:
            raise Refusal(f"the input {tensor.name} is none of the model's")
        stack.append((tensor, True))
        stack.extend((one, False) for one in reversed(node.input_tensors))


def forget(nodes: Sequence[Any]) -> None:
    """Take traced calls out of the user's layers, which keep a list of them."""
    for node in reversed(nodes):
        for one in node.input_tensors:
            operation = one._keras_history.operation
            if operation is not None and node in operation._outbound_nodes:
                operation._outbound_nodes.remove(node)
        if node in node.operation._inbound_nodes:
            node.operation._inbound_nodes.remove(node)


_OPERATORS = {
    "__add__": "add", "__sub__": "subtract", "__mul__": "multiply", "__truediv__": "true_divide", "__floordiv__": "floor_divide",
    "__mod__": "mod", "__pow__": "power", "__matmul__": "matmul", "__lt__": "less", "__le__": "less_equal", "__gt__": "greater",
    "__ge__": "greater_equal",
}  # fmt: skip


@contextlib.contextmanager
def weights_take_part() -> Iterator[None]:
    """Let ``weight * tensor`` be an operation of the graph, as ``tensor * weight`` is: by itself a weight asks the backend."""
    import keras

    cls = keras.Variable
    own = {name: vars(cls)[name] for name in _OPERATORS if name in vars(cls)}
    for name, operation in _OPERATORS.items():
        setattr(cls, name, _symbolic(getattr(cls, name), getattr(keras.ops, operation)))
    try:
        yield
    finally:
        for name in _OPERATORS:
            if name in own:
                setattr(cls, name, own[name])
            else:
                delattr(cls, name)


@contextlib.contextmanager
def without_chance() -> Iterator[None]:
    """Refuse numbers that are drawn anew each time, of which a trace would keep the first ones."""
    import keras

    def refuse(*_: Any, **__: Any) -> Any:
        raise Refusal(
            "its numbers are random", "a network at inference is deterministic; a seed of its own makes them constants"
        )

    own = keras.random.SeedGenerator.next
    keras.random.SeedGenerator.next = refuse
    try:
        yield
    finally:
        keras.random.SeedGenerator.next = own


def _symbolic(method: Callable[..., Any], operation: Callable[..., Any]) -> Callable[..., Any]:
    import keras

    def call(self: Any, other: Any) -> Any:
        return (operation if isinstance(other, keras.KerasTensor) else method)(self, other)

    return call
