"""The functions by name, what they write nodes with, and how they get their arguments.

A function ``(p, *arguments)`` has the parameters of the ATen operator in their order. Their annotations say what each is made to be:
a `Value` is a tensor, anything else must be known when code is generated.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from pysofie import analysis, dims
from pysofie.errors import Refusal
from pysofie.graph import Node
from pysofie.names import claim
from pysofie.passes.folding import constant_target
from pysofie.shapes import ONNX_TYPES
from pysofie.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pysofie.graph import Array, Attribute

DOMAIN = "org.pytorch.aten"
NOTHING = "uninitialized"
"""In place of a value that is never read, because `break`, `continue` or `return` skips what computes it."""
Sizes: TypeAlias = "tuple[dims.Size, ...]"
Kept: TypeAlias = Literal["shape", "rank", "unflattened", "scalar", "type", "nothing"]
"""What an operator's first output has of its first input: its type unless nothing; `scalar` is one number of it."""
Function: TypeAlias = "Callable[..., Value | Sequence[Value | None]]"

_FUNCTIONS: dict[str, Function] = {}
_KEEPS: dict[str, Kept] = {}
_EXPORTED: list[str] = []
_ONNX_NUMBERS = {name: number for number, name in ONNX_TYPES.items()}


def aten(
    *operators: str, keeps: Kept = "type", scripted: bool = True, exported: bool = False
) -> Callable[[Function], Function]:
    """Register a function for ATen operators by name; what they keep helps the exporter with what comes after them.

    PyTorch's exporters of TorchScript, and of torch.export's programs, pass on whole what is `scripted`, and `exported`; of an operator
    with an overload, ``lstm.input``, this one alone.
    """

    def register(function: Function) -> Function:
        for operator in operators:
            name = operator.partition(".")[0]
            if name in _FUNCTIONS:
                raise ValueError(f"two functions for aten::{name}")
            _FUNCTIONS[name] = function
            if scripted:
                _KEEPS[name] = keeps
            if exported:
                _EXPORTED.append(operator)
        return function

    return register


def find(name: str) -> Function | None:
    """The function for an operator."""
    _discover()
    return _FUNCTIONS.get(name)


def known() -> Mapping[str, Kept]:
    """All operators that TorchScript's exporter passes on, and what each keeps."""
    _discover()
    return _KEEPS


def exported() -> Sequence[str]:
    """All operators that the exporter of torch.export's programs passes on."""
    _discover()
    return _EXPORTED


@cache
def _discover() -> None:
    package = importlib.import_module(__package__)
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{__package__}.{module.name}")


class Parts:
    """Makes the nodes that one is taken apart into."""

    def __init__(
        self,
        operator: str,
        node: Node,
        values: dict[str, Value],
        opsets: Mapping[str, int],
        taken: set[str],
        strings: Mapping[str, str],
        makers: Mapping[str, Node],
    ) -> None:
        self.node = node
        self.nodes: list[Node] = []
        self.initializers: dict[str, Array] = {}
        self.strings = strings
        self._makers = makers
        self.operator = operator
        """The ATen operator."""
        self.outputs = len(node.outputs)
        """How many outputs are asked for."""
        self.values, self._opsets, self._taken = values, opsets, taken

    @property
    def opset(self) -> int:
        """The version of ONNX's operators that the graph is written in."""
        return self._opsets.get("", 1)

    # ------------------------------------------------------------------------------------------------------ nodes

    def __call__(self, op: str, *inputs: Any, **attributes: Attribute) -> Value:
        """A node with one output. A plain number becomes a constant of the first tensor's type, a list one of int64."""
        return self.several(op, 1, *inputs, **attributes)[0]

    def several(self, op: str, outputs: int, *inputs: Any, **attributes: Attribute) -> tuple[Value, ...]:
        """A node with several outputs."""
        like = next((one for one in inputs if isinstance(one, Value)), None)
        read = tuple("" if one is None else self._input(one, like).name for one in inputs)
        made = tuple(self.name(op) for _ in range(outputs))
        node = Node(op, read, made, attributes, origin=self.node.origin)
        self.nodes.append(node)
        self.values.update(analysis.step(node, self.values, self._opsets))
        return tuple(self.values[name] for name in made)

    def constant(self, array: Any) -> Value:
        """A constant."""
        name = self.name("constant")
        self.initializers[name] = np.asarray(array)
        self.values[name] = Value.of(name, self.initializers[name])
        return self.values[name]

    def number(self, x: Value, number: float) -> Value:
        """A number of a tensor's type."""
        return self.constant(np.asarray(number, x.dtype))

    def reduce(self, op: str, x: Value, axes: Sequence[int], *, keepdims: bool = True) -> Value:
        """A reduction, whose axes are an attribute or an input by the version of the operator."""
        if self.opset >= (13 if op == "ReduceSum" else 18):
            return self(op, x, list(axes), keepdims=int(keepdims))
        return self(op, x, axes=tuple(axes), keepdims=int(keepdims))

    def reshape(self, x: Value, wanted: Sequence[dims.Size]) -> Value:
        """A tensor of another shape; -1 is what remains."""
        if any(isinstance(size, int) and size == -1 for size in wanted):
            rest = dims.count(x.shape)
            for size in wanted:
                if not (isinstance(size, int) and size == -1):
                    quotient = dims.divide(rest, size)
                    if quotient is None:
                        raise Refusal(f"{dims.text(x.shape)} cannot become {dims.text(wanted)}")
                    rest = quotient
            wanted = [rest if isinstance(size, int) and size == -1 else size for size in wanted]
        if tuple(wanted) == tuple(x.shape):
            return x
        target = constant_target(x.shape, tuple(wanted))
        if target is not None:
            return self("Reshape", x, target)
        return self("Reshape", x, self.sizes(x, wanted))

    def sizes(self, x: Value, wanted: Sequence[dims.Size]) -> Value:
        """A vector of sizes, the named ones of which are dims of a tensor."""
        shape = self("Shape", x)
        parts = []
        for size in wanted:
            if not isinstance(size, dims.Expression):
                parts.append(self.constant(np.array([size], np.int64)))
            elif size in x.shape:
                parts.append(self("Gather", shape, np.array([x.shape.index(size)], np.int64), axis=0))
            else:
                raise Refusal(f"the size {size} is none of {dims.text(x.shape)}")
        return self("Concat", *parts, axis=0)

    def split(self, x: Value, lengths: Sequence[dims.Size], axis: int) -> tuple[Value, ...]:
        """Parts of a tensor along a dim; those of equal lengths that are not known are as many as there are."""
        if len(lengths) == 1:
            return (x,)
        numbers = [size for size in lengths if not isinstance(size, dims.Expression)]
        if len(numbers) < len(lengths):
            if len(set(lengths)) > 1:
                raise Refusal(f"parts of the lengths {dims.text(lengths)}")
            count = {"num_outputs": len(lengths)} if self.opset >= 18 else {}
            return self.several("Split", len(lengths), x, axis=axis, **count)
        if self.opset < 13:
            return self.several("Split", len(lengths), x, axis=axis, split=tuple(numbers))
        return self.several("Split", len(lengths), x, numbers, axis=axis)

    def unsqueeze(self, x: Value, axis: int) -> Value:
        """A new dim."""
        return self("Unsqueeze", x, axes=(axis,)) if self.opset < 13 else self("Unsqueeze", x, [axis])

    def given(self, at: int) -> Value:
        """An input of the node itself."""
        if at >= len(self.node.inputs) or not self.node.inputs[at]:
            raise Refusal(f"the input {at} is absent")
        return self.values[self.node.inputs[at]]

    def range_of(self, x: Value) -> tuple[dims.Size, ...] | None:
        """Start, limit and step of a tensor that a Range made, where they are known."""
        maker = self._makers.get(x.name)
        while maker is not None and maker.op_type in ("Cast", "Identity"):
            maker = self._makers.get(maker.inputs[0])
        if maker is None or maker.op_type != "Range":
            return None
        given = [self.values[name].contents for name in maker.inputs]
        if any(one is None or one.size != 1 for one in given):
            return None
        found = [one.reshape(-1)[0] for one in given if one is not None]
        return tuple(one if isinstance(one, dims.Expression) else int(one) for one in found)

    def cast(self, x: Value, dtype: Any) -> Value:
        """A tensor of another type."""
        name = np.dtype(dtype).name
        return x if x.dtype.name == name else self("Cast", x, to=_ONNX_NUMBERS[name])

    def _input(self, one: Any, like: Value | None) -> Value:
        if isinstance(one, Value):
            return one
        if isinstance(one, np.ndarray):
            return self.constant(one)
        if isinstance(one, list | tuple):
            return self.constant(np.array(one, np.int64))
        return self.constant(np.asarray(one, None if like is None else like.dtype))

    def name(self, what: str) -> str:
        """A name that nothing else has."""
        return claim(f"{self.node.outputs[0]}_{what}", self._taken)

    # -------------------------------------------------------------------------------------------------- arguments

    def arguments(self, function: Function) -> list[Any]:
        """The arguments of a function from a node's inputs, or from attributes of the parameters' names."""
        parameters = list(inspect.signature(function).parameters.values())[1:]
        given = [self.values[name] if name else None for name in self.node.inputs]
        rest: list[Value | None] = []
        if parameters and parameters[-1].kind is inspect.Parameter.VAR_POSITIONAL:
            parameters.pop()
            rest = given[len(parameters) :]
        elif len(given) > len(parameters):
            raise Refusal(f"{len(given)} arguments, {len(parameters)} are known")
        found: list[Any] = []
        for at, parameter in enumerate(parameters):
            value: Any = given[at] if at < len(given) else self.node.attributes.get(parameter.name)
            if value is None and parameter.default is not inspect.Parameter.empty:
                found.append(parameter.default)
                continue
            try:
                found.append(self._converted(value, str(parameter.annotation)))
            except TypeError as error:
                raise Refusal(f"its argument {parameter.name} {error}") from None
        return found + rest

    def _converted(self, value: Any, kind: str) -> Any:
        wanted, _, optional = kind.partition(" | ")
        if value is None:
            if not optional:
                raise TypeError("is absent")
            return None
        if wanted == "Value":
            return value if isinstance(value, Value) else self.constant(np.asarray(value))
        if wanted == "str" and isinstance(value, Value) and value.name in self.strings:
            return self.strings[value.name]
        known = value.contents if isinstance(value, Value) else value
        if known is None:
            raise TypeError("is not known before run time")
        return _CONVERSIONS[wanted](known)


def _listed(known: Any) -> list[Any]:
    items = np.asarray(known).reshape(-1)
    # An exporter keeps 32 bits of what was 1.7 in the model; the shortest decimal that they round to brings it back.
    return [float(str(one)) for one in items] if items.dtype == np.float32 else list(items.tolist())


def _one(known: Any) -> Any:
    items = _listed(known)
    if len(items) != 1 or isinstance(items[0], dims.Expression):
        raise TypeError(f"is {items}, not one number")
    return items[0]


def _numbers(known: Any) -> list[Any]:
    items = _listed(known)
    if any(isinstance(one, dims.Expression) for one in items):
        raise TypeError("is not known before run time")
    return items


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "float": lambda known: float(_one(known)),
    "int": lambda known: int(_one(known)),
    "bool": lambda known: bool(_one(known)),
    "str": str,
    "Sizes": lambda known: tuple(_listed(known)),
    "Ints": lambda known: tuple(int(one) for one in _numbers(known)),
    "Floats": lambda known: tuple(float(one) for one in _numbers(known)),
}

Ints: TypeAlias = "tuple[int, ...]"
Floats: TypeAlias = "tuple[float, ...]"


def spread(values: Sequence[int], rank: int) -> tuple[int, ...]:
    """One number for each dim from one for all."""
    return tuple(values) * rank if len(values) == 1 else tuple(values)


def fixed(size: dims.Size) -> int:
    """A size that must be known when code is generated."""
    if isinstance(size, dims.Expression):
        raise Refusal(f"the size {size} is not known before run time")
    return size
