"""The walk over a model: operation by operation, in an order in which they can run, nested models included.

A layer or operation that has a converter is written by it. What has none is traced: its ``call`` runs on symbolic tensors,
and what it consists of takes its place. Masks travel beside the tensors that they belong to, as they do in Keras.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie import dims, dtypes, files
from pysofie.errors import Missing, Refusal, ShapeError, SofieError
from pysofie.graph import Graph, TensorInfo
from pysofie.values import TensorType, Value

from . import registry, symbolic
from .exporting import UNTRACED
from .writer import OPSETS, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class Walk(Writer):
    """A Writer that knows how to write Keras's operations."""

    def __init__(self) -> None:
        super().__init__()
        self.missing: list[Missing] = []
        self.results: tuple[Any, ...] = ()
        """The symbolic results of the operation that is being converted: Keras's own word on types and shapes."""
        self._masks: dict[str, Value] = {}
        self._traces = 0
        self._weights: dict[int, tuple[Any, Value]] = {}

    # ---What converters ask for--------------------------------------------------------------------------------------------------

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type that Keras gives to the result of what is being converted."""
        return dtypes.named(self.results[0].dtype)

    def tensor(self, one: Any, dtype: Any = None) -> Value:
        """A Value of what an operation was called with: a tensor, a weight, an array or a number."""
        value = one if isinstance(one, Value) else self._known(one, dtype)
        return value if dtype is None else self.cast(value, dtype)

    def array(self, one: Any) -> np.ndarray[Any, Any]:
        """The numbers of a weight, or of a tensor that is constant."""
        known = one.constant if isinstance(one, Value) else _numpy(one)
        if known is None:
            raise Refusal("an argument has to be constant, and depends on the inputs")
        return np.asarray(known)

    def weight(self, one: Any, change: Callable[[Any], Any] | None = None, *, name: str | None = None) -> Value:
        """A constant made of a weight, under the weight's own name."""
        array = _numpy(one)
        return self.constant(array if change is None else change(array), name or _weight_name(one))

    def mask_of(self, x: Any) -> Value | None:
        """The mask that came with a tensor."""
        return self._masks.get(x.name) if isinstance(x, Value) else None

    def move_mask(self, result: Value, source: Value, *others: Value | None) -> None:
        """Give a result the mask of what it is made of, which loses it: what MultiHeadAttention does to its arguments."""
        mask = self._masks.get(source.name)
        for one in (source, *others):
            if one is not None:
                self._masks.pop(one.name, None)
        if mask is not None:
            self._masks[result.name] = mask

    def activate(self, function: Any, x: Value) -> Value:
        """What an activation function, by Keras or by the user, makes of a tensor."""
        if function is None:
            return x
        converter = registry.find_function(function)
        result = converter(self, x) if converter else self.trace(function, (x,), {})
        if not isinstance(result, Value):
            raise Refusal("an activation that gives no tensor")
        return result

    def _known(self, one: Any, dtype: Any) -> Value:
        if not hasattr(one, "shape"):
            return self.constant(np.asarray(one, dtype))
        if id(one) not in self._weights:  # kept with its key, as an id is unique among living objects alone
            self._weights[id(one)] = (one, self.constant(_numpy(one), _weight_name(one)))
        return self._weights[id(one)][1]

    # ---Operations---------------------------------------------------------------------------------------------------------------

    def apply(self, operation: Any, args: Sequence[Any], kwargs: Mapping[str, Any], results: Sequence[Any] = ()) -> Any:
        """What an operation gives when it is called so; `results` are the symbolic tensors of the same call."""
        import keras

        outer, self.results = self.results, tuple(results)
        try:
            with self.at(self._name(operation), type(operation).__name__):
                if isinstance(operation, keras.Layer):
                    return self._apply_layer(operation, tuple(args), dict(kwargs))
                converter = registry.find(operation, is_layer=False)
                if converter is None:
                    raise Refusal("this operation is not supported")
                return converter(self, operation, *args, **kwargs)
        finally:
            self.results = outer

    def _name(self, operation: Any) -> str:
        """A layer's or operation's own name; the class's for an operation of a trace, which Keras has just numbered."""
        import keras

        if self._traces and not isinstance(operation, keras.Layer):
            return type(operation).__name__.lower()
        return str(operation.name)

    def _apply_layer(self, layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:

        # That of the whole model's call counts, which Keras passes on to every layer, but not to those inside another's call.
        if kwargs.pop("training", None) and self._traces:
            raise Refusal("it is called with training=True", "a network at inference is deterministic")
        if getattr(layer, "quantization_mode", None) is not None:
            raise Refusal(f"its weights are quantized to {layer.quantization_mode}")
        if symbolic.is_graph(layer):
            return self._apply_model(layer, args[0])
        args, kwargs = self._autocast(layer, args), self._autocast(layer, kwargs)
        bound = inspect.signature(layer.call).bind(*args, **kwargs)
        first = next(iter(bound.arguments.values()), None)
        previous = self._add_masks(bound)
        converter = registry.find(layer, is_layer=True)
        if converter is None:
            result = self._trace_layer(layer, bound)
        else:
            result = converter(self, layer, *bound.args, **bound.kwargs)
        if layer.supports_masking:
            self._mask_results(layer, first, previous, result)
        return result

    def _apply_model(self, model: Any, given: Any) -> Any:
        """A nested model, Sequential or Functional."""
        import keras

        values = keras.tree.flatten(given)
        known = {id(one): value for one, value in zip(model.inputs, values, strict=True)}
        outputs = self.run(known, model)
        structure = model.outputs[0] if isinstance(model, keras.Sequential) else model._outputs_struct
        return keras.tree.pack_sequence_as(structure, outputs)

    def _autocast(self, layer: Any, arguments: Any) -> Any:
        """Floats in the type that a layer computes in, which is how Keras calls it."""
        import keras

        def cast(one: Any) -> Any:
            if isinstance(one, Value) and layer.autocast and one.dtype.kind == "f":
                return self.cast(one, layer.compute_dtype) if "float" in layer.compute_dtype else one
            return one

        return keras.tree.map_structure(cast, arguments)

    # ---Masks--------------------------------------------------------------------------------------------------------------------

    def _add_masks(self, bound: inspect.BoundArguments) -> Any:
        """Fill in the masks that a layer takes and was not given, as `Layer.__call__` does; returns that of the first input."""
        import keras

        tensors = {name: one for name, one in bound.arguments.items() if self._holds_tensor(one)}
        wanted = {f"{name}_mask": name for name in tensors} if len(tensors) > 1 else {"mask": next(iter(tensors), "")}
        for parameter, name in wanted.items():
            if parameter in bound.signature.parameters and bound.arguments.get(parameter) is None and name:
                bound.arguments[parameter] = keras.tree.map_structure(self.mask_of, tensors[name])
        given = bound.arguments.get("mask")
        first = next(iter(bound.arguments.values()), None)
        return given if given is not None else keras.tree.map_structure(self.mask_of, first)

    def _holds_tensor(self, one: Any) -> bool:
        import keras

        return any(isinstance(leaf, Value) for leaf in keras.tree.flatten(one))

    def _mask_results(self, layer: Any, inputs: Any, previous: Any, results: Any) -> None:
        import keras

        if type(layer).compute_mask is keras.Layer.compute_mask:
            masks = previous
        else:
            masks = self.trace(layer.compute_mask, (inputs, previous), {})
        flat = [] if masks is None else keras.tree.flatten(masks)
        for result, mask in zip(keras.tree.flatten(results), flat, strict=False):
            if isinstance(mask, Value) and isinstance(result, Value) and result.name not in self._masks:
                self._masks[result.name] = mask

    # ---Graphs of operations-----------------------------------------------------------------------------------------------------

    def run(self, known: dict[int, Value | None], model: Any) -> list[Any]:
        """The outputs of a model, computed from Values that are known by the ids of their symbolic tensors."""
        nodes = list(symbolic.in_order(model.outputs, known))
        graph = getattr(model, "_functional", model)
        depths = {id(node): depth for depth, same in getattr(graph, "_nodes_by_depth", {}).items() for node in same}
        # In Keras's own order: a layer may take the mask from a tensor that others read as well.
        nodes.sort(key=lambda node: -depths.get(id(node), 0))
        return self._compute(nodes, known, model.outputs)

    def _compute(self, nodes: Sequence[Any], known: dict[int, Value | None], outputs: Sequence[Any]) -> list[Any]:
        for node in nodes:
            for symbol, value in zip(node.outputs, self._results_of(node, known), strict=True):
                known[id(symbol)] = value
        return [known[id(one)] for one in outputs]

    def _results_of(self, node: Any, known: Mapping[int, Value | None]) -> list[Any]:
        import keras

        args, kwargs = keras.tree.map_structure(
            lambda one: known[id(one)] if isinstance(one, keras.KerasTensor) else one,
            (node.arguments.args, node.arguments.kwargs),
        )
        try:
            values: list[Any] = keras.tree.flatten(self.apply(node.operation, args, kwargs, node.outputs))
            if _says_shapes(node.operation):
                for value, symbol in zip(values, node.outputs, strict=True):
                    _check_shape(value, symbol)
        except Refusal as refusal:
            self.miss(node.operation, refusal)
            values = [self._unknown(symbol) for symbol in node.outputs]
        except ShapeError:
            if not self.missing:
                raise
            # It may be the stand-in for something before it that does not fit.
            values = [self._unknown(symbol) for symbol in node.outputs]
        return values

    def miss(self, operation: Any, refusal: Refusal) -> None:
        """Keep in mind what cannot be written."""
        path = "/".join([*(name for name, _ in self._scope), self._name(operation)])
        entry = Missing(type(operation).__name__, path, refusal.reason, refusal.advice)
        if entry not in self.missing:
            self.missing.append(entry)

    def _unknown(self, symbol: Any) -> Value:
        """A stand-in for what could not be written, so that the walk goes on and finds what else there is."""
        shape = [f"unknown{at}" if size is None else size for at, size in enumerate(symbol.shape)]
        return self._keep(Value(self.fresh("unknown"), TensorType(dtypes.named(symbol.dtype), dims.shape(shape))))

    # ---Tracing------------------------------------------------------------------------------------------------------------------

    def _trace_layer(self, layer: Any, bound: inspect.BoundArguments) -> Any:
        if layer.compute_dtype != layer.variable_dtype and layer.weights:
            raise Refusal(f"it mixes {layer.variable_dtype} and {layer.compute_dtype}")
        if "training" in bound.signature.parameters:
            bound.arguments["training"] = False
        return self.trace(layer.call, bound.args, bound.kwargs)

    def trace(self, function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """What a function of Keras's operations gives: run on symbolic tensors, then walked."""
        import keras

        known: dict[int, Value | None] = {}
        symbols: list[Any] = []  # alive as long as their ids are used

        def symbol(one: Any) -> Any:
            if not isinstance(one, Value):
                return one
            shape = [None if isinstance(size, dims.Expression) else size for size in one.shape]
            made = keras.KerasTensor(shape, dtype=one.dtype.name, name=one.name.replace("/", "_"))
            symbols.append(made)
            known[id(made)] = one
            return made

        given, named = keras.tree.map_structure(symbol, (tuple(args), dict(kwargs)))
        try:
            with symbolic.weights_take_part(), symbolic.without_chance():
                results = function(*given, **named)
        except SofieError:
            raise
        except Exception as error:  # the user's own code, or one that asks a backend for numbers
            asks = "KerasTensor cannot be used as input" in str(error)
            why = "it uses a backend's own functions" if asks else files.first_line(error)
            raise Refusal(
                f"{UNTRACED}: {why}",
                "layers and functions are traced where they consist of keras.ops and other layers; nor can model.export write ONNX of it",
            ) from error
        return self._walked(results, known)

    def _walked(self, results: Any, known: dict[int, Value | None]) -> Any:
        import keras

        flat = keras.tree.flatten(results)
        wanted = [one for one in flat if isinstance(one, keras.KerasTensor)]
        self._traces += 1
        try:
            nodes = list(symbolic.in_order(wanted, known))
            values = self._compute(nodes, known, wanted)
        finally:
            self._traces -= 1
        symbolic.forget(nodes)
        left = iter(values)
        return keras.tree.pack_sequence_as(
            results,
            [
                next(left) if isinstance(one, keras.KerasTensor) else None if one is None else self.tensor(one)
                for one in flat
            ],
        )

    # ---The end------------------------------------------------------------------------------------------------------------------

    def graph(self, name: str, inputs: Sequence[Value], outputs: Sequence[Value]) -> Graph:
        """All that was written, as a Graph."""
        with self.at("output", ""):
            # An output has a name of its own, even where it is an input, a constant, or an output twice.
            taken = {one.name for one in inputs} | set(self.initializers)
            names: list[str] = []
            for one in outputs:
                value = self.op("Identity", one) if one.name in taken else one
                taken.add(value.name)
                names.append(value.name)
        infos = [
            TensorInfo(one.name, one.dtype, tuple(str(s) if isinstance(s, dims.Expression) else s for s in one.shape))
            for one in inputs
        ]
        return Graph(name, tuple(infos), tuple(names), tuple(self.nodes), self.initializers, OPSETS)


def _says_shapes(operation: Any) -> bool:
    """Whether Keras infers the shapes of results well; some layers guess, and so does one operation."""
    import keras

    return not isinstance(operation, keras.Layer) and type(operation).__name__ != "DotProductAttention"


def _check_shape(value: Value, symbol: Any) -> None:
    """A shape must be the one that Keras has inferred."""
    fits = value.rank == len(symbol.shape) and all(
        own is None or isinstance(size, dims.Expression) or size == own
        for own, size in zip(symbol.shape, value.shape, strict=True)
    )
    if not fits:
        raise Refusal(f"its result was expected as {tuple(symbol.shape)}, and would be {dims.text(value.shape)}")


def _numpy(one: Any) -> np.ndarray[Any, Any]:
    import keras

    if isinstance(one, (np.ndarray, np.generic, bool, int, float, list, tuple)):
        return np.asarray(one)
    return np.asarray(keras.ops.convert_to_numpy(one))


def _weight_name(one: Any) -> str:
    import keras

    return str(one.path) if isinstance(one, keras.Variable) else ""
