"""What is known about every tensor of a graph: types, shapes over named dims, contents where they are constant.

Shape arithmetic (Shape, Gather, Concat ... as exporters leave it for a reshape) is done on arrays of sizes, so that
``x.view(x.size(0), -1)`` is understood for a named batch as well.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import dims, dtypes, moving, patterns, registry, shapes, signals
from .errors import ShapeError
from .values import UNKNOWN, TensorType, Value

if TYPE_CHECKING:
    from .graph import Graph, Node

_Array = NDArray[Any]
_Values = Mapping[str, Value]


def analyse(graph: Graph) -> dict[str, Value]:
    """All tensors of a graph; ShapeError names the operator whose inputs do not fit."""
    values = sources(graph)
    for node in graph.nodes:
        values.update(step(node, values, graph.opsets))
    return values


def sources(graph: Graph) -> dict[str, Value]:
    """The inputs and constants of a graph."""
    values = {info.name: Value(info.name, TensorType(info.dtype, dims.shape(info.shape))) for info in graph.inputs}
    values |= {name: Value.of(name, array) for name, array in graph.initializers.items()}
    return values


def step(node: Node, values: _Values, opsets: Mapping[str, int]) -> dict[str, Value]:
    """The outputs of one node."""
    inputs = [values[name] if name else None for name in node.inputs]
    try:
        evaluated = evaluate(node, inputs)
        if evaluated is not None:
            return {
                name: dataclasses.replace(one, name=name)
                for name, one in zip(node.outputs, evaluated, strict=True)
                if name
            }
        types = _infer(node, inputs, values, opsets)
    except ShapeError as error:
        where = f" at {node.origin}" if node.origin else ""
        raise ShapeError(f"{node.kind}{where}: {error}") from None
    return {name: Value(name, found) for name, found in zip(node.outputs, types, strict=False) if name}


def _infer(node: Node, inputs: Sequence[Value | None], values: _Values, opsets: Mapping[str, int]) -> list[TensorType]:
    operator, _ = registry.find(node, opsets)
    if operator is None or any(one is not None and not one.is_known for one in inputs):
        return [UNKNOWN] * len(node.outputs)
    if node.subgraphs:
        return [*operator.infer(node, values, opsets)]
    number = {"outputs": len(node.outputs)} if operator.counts_outputs else {}
    found = operator.infer(*inputs, **node.attributes, **number)
    types = [found] if isinstance(found, TensorType) else list(found)
    return types + [UNKNOWN] * (len(node.outputs) - len(types))


def evaluate(node: Node, inputs: Sequence[Value | None]) -> tuple[Value, ...] | None:
    """A node's outputs where their contents follow from constants and shapes; None where they do not."""
    function = _FUNCTIONS.get(node.op_type)
    if node.domain or (len(node.outputs) != 1 and node.op_type != "Split"):
        return None
    if node.op_type in ("Shape", "Size"):
        measured = _measure(node, inputs[0])
        return None if measured is None else (measured,)
    if node.op_type == "CastLike":
        cast = _cast_like(*inputs)
        return None if cast is None else (cast,)
    if function is None or any(one is not None and one.contents is None for one in inputs):
        return None
    arrays = [None if one is None else one.contents for one in inputs]
    symbolic = any(array is not None and array.dtype == object for array in arrays)
    if symbolic and node.op_type not in _ON_SIZES:
        return None
    number = {"outputs": len(node.outputs)} if node.op_type == "Split" else {}
    try:
        result = function(*arrays, **node.attributes, **number)
    except (TypeError, ValueError, IndexError, KeyError, ArithmeticError):
        return None
    if result is None:
        return None
    results: Sequence[_Array] = result if isinstance(result, list) else [result]
    own = inputs[1:] if node.op_type == "Where" else inputs  # those that the result has its type from
    return tuple(_value(np.asarray(one), own) for one in results)


def _measure(node: Node, x: Value | None) -> Value | None:
    if x is None or x.type.shape is None:
        return None
    if node.op_type == "Size":
        return _sizes(np.array(dims.count(x.shape), dtype=object))
    start, end = node.attributes.get("start", 0), node.attributes.get("end")
    return _sizes(np.array((*x.shape,), dtype=object)[start:end])


def _cast_like(x: Value | None, like: Value | None) -> Value | None:
    """A constant of the type that another tensor has, which need not be constant."""
    if x is None or x.constant is None or like is None or like.type.dtype is None:
        return None
    return Value.of("", x.constant.astype(like.dtype))


def _value(result: _Array, inputs: Sequence[Value | None]) -> Value:
    if result.dtype != object:
        return Value.of("", result)
    return _sizes(result, next(one.dtype for one in inputs if one is not None))


def _sizes(contents: _Array, dtype: np.dtype[np.generic] | None = None) -> Value:
    """A tensor of sizes; plain numbers where none of them has a name."""
    kind = dtype or np.dtype(np.int64)
    if dims.is_known(contents.reshape(-1)):
        return Value.of("", contents.astype(kind))
    return Value.of("", contents, kind)


def _quotient(a: _Array, b: _Array) -> _Array | None:
    if a.dtype.kind == "f":
        return np.divide(a, b)
    if object in (a.dtype, b.dtype):
        return a // b  # sizes are not negative
    if not b.all():
        return None
    down = a // b
    return np.asarray(down + ((down < 0) & (down * b != a))).astype(a.dtype)  # ONNX rounds towards zero, numpy down


def _pad(
    x: _Array, pads: _Array, value: _Array | None = None, axes: _Array | None = None, mode: str = "constant"
) -> _Array | None:
    if mode != "constant" or (pads < 0).any():
        return None
    at = range(x.ndim) if axes is None else [int(axis) % x.ndim for axis in axes]
    margins = [(0, 0)] * x.ndim
    for i, axis in enumerate(at):
        margins[axis] = (int(pads[i]), int(pads[len(at) + i]))
    fits = _is_small([size + sum(margin) for size, margin in zip(x.shape, margins, strict=True)], x)
    return np.pad(x, margins, constant_values=0 if value is None else value.reshape(-1)[0]) if fits else None


def _gather(x: _Array, at: _Array, axis: int = 0) -> _Array:
    return np.take(x, at.astype(np.int64), axis=axis)


def _slice(x: _Array, starts: _Array, ends: _Array, axes: _Array | None = None, steps: _Array | None = None) -> _Array:
    by_axis = [None if one is None else one.tolist() for one in (axes, steps)]
    return _cut(x, starts.tolist(), ends.tolist(), *by_axis)


def _cut(
    x: _Array,
    starts: Sequence[int],
    ends: Sequence[int],
    axes: Sequence[int] | None = None,
    steps: Sequence[int] | None = None,
) -> _Array:
    for axis, first, count, step in moving.ranges(dims.shape(x.shape), starts, ends, axes, steps):
        begin = _integer(first)
        x = x.take(range(begin, begin + _integer(count) * step, step), axis=axis)
    return x


def _split(
    x: _Array, lengths: _Array | Sequence[int] | None = None, *, axis: int = 0, outputs: int, **_: int
) -> list[_Array]:
    given = None if lengths is None else [int(one) for one in lengths]
    sizes = [_integer(one[axis]) for one in moving.parts(dims.shape(x.shape), axis, outputs, given)]
    return np.split(x, np.cumsum(sizes)[:-1].tolist(), axis=axis)


def _expand(x: _Array, shape: _Array) -> _Array | None:
    wanted = np.broadcast_shapes(x.shape, tuple(int(one) for one in shape))
    return np.broadcast_to(x, wanted).copy() if _is_small(wanted, x) else None


def _tile(x: _Array, repeats: _Array) -> _Array | None:
    times = [int(one) for one in repeats]
    fits = len(times) == x.ndim and min(times, default=0) >= 0
    return np.tile(x, times) if fits and _is_small([a * b for a, b in zip(x.shape, times, strict=True)], x) else None


def _integer(size: dims.Size) -> int:
    if isinstance(size, dims.Expression):
        raise TypeError(f"{size} is no number")
    return int(size)


def _is_small(shape: Sequence[int], x: _Array) -> bool:
    """Whether a constant may be written out: it is not much larger than what it is made of."""
    return math.prod(shape) <= max(x.size, 1 << 16)


def _squeeze(x: _Array, axes: _Array | Sequence[int] | None = None) -> _Array:
    return np.squeeze(x, axis=None if axes is None else tuple(int(axis) for axis in axes))


def _unsqueeze(x: _Array, axes: _Array | Sequence[int]) -> _Array:
    return np.expand_dims(x, tuple(int(axis) for axis in axes))


def _reshape(x: _Array, target: _Array, allowzero: int = 0) -> _Array:
    return x.reshape(tuple(shapes.resolve_reshape(dims.shape(x.shape), target.tolist(), allowzero=bool(allowzero))))  # type: ignore[arg-type]


def _cast(x: _Array, to: int) -> _Array | None:
    if x.dtype == object:
        return x if shapes.ONNX_TYPES[to] == "int64" else None
    return x.astype(dtypes.named(shapes.ONNX_TYPES[to]))


def _filled(shape: _Array, value: _Array | None = None) -> _Array | None:
    small = shape.size == 0 or (math.prod(shape.tolist()) <= 1 << 16 and bool((shape >= 0).all()))
    fill = np.zeros(1, np.float32) if value is None else value
    return np.full(shape.tolist(), fill[0], fill.dtype) if small else None


def _range(start: _Array, limit: _Array, delta: _Array, **_: int) -> _Array | None:
    first, last, step = (one.reshape(-1)[0] for one in (start, limit, delta))
    length = _integer(patterns.range_length(first, last, step))
    return np.asarray(first + np.arange(length) * step).astype(start.dtype) if _is_small((length,), start) else None


def _equal(x: _Array, y: _Array) -> _Array | None:
    """Whether numbers are the same; a size with a name is no negative number, which in a target means something else."""
    if object not in (x.dtype, y.dtype):
        return np.equal(x, y)
    found = []
    for a, b in np.broadcast(x, y):
        sizes = [one for one in (a, b) if isinstance(one, dims.Expression)]
        if len(sizes) == 1:
            other = b if sizes[0] is a else a
            if other >= 0 or sizes[0].name is None:
                return None
            found.append(False)
        elif sizes and a != b:
            return None
        else:
            found.append(bool(a == b))
    return np.array(found, np.bool_).reshape(np.broadcast_shapes(x.shape, y.shape))


def _trilu(x: _Array, k: _Array | None = None, upper: int = 1) -> _Array:
    diagonal = 0 if k is None else int(k.reshape(-1)[0])
    return (np.triu if upper else np.tril)(x, diagonal)


def _where(condition: _Array, x: _Array, y: _Array) -> _Array:
    return np.where(condition, x, y)


def _reduce(function: Callable[..., Any]) -> Callable[..., _Array]:
    def reduce(
        x: _Array, axes: Sequence[int] | _Array | None = None, keepdims: int = 1, noop_with_empty_axes: int = 0
    ) -> _Array:
        if noop_with_empty_axes and (axes is None or len(axes) == 0):
            return x
        at = None if axes is None or len(axes) == 0 else tuple(int(axis) for axis in axes)
        return np.asarray(function(x, axis=at, keepdims=bool(keepdims))).astype(x.dtype)

    return reduce


_FUNCTIONS: dict[str, Callable[..., _Array | list[_Array] | None]] = {
    "Constant": shapes.constant_array,
    "ConstantOfShape": _filled,
    "Identity": lambda x: x,
    "Cast": _cast,
    "Gather": _gather,
    "Slice": lambda x, *given, **old: _cut(x, **old) if old else _slice(x, *given),
    "Split": lambda x, lengths=None, split=None, **how: _split(x, split if lengths is None else lengths, **how),
    "Expand": _expand,
    "Tile": _tile,
    "Concat": lambda *x, axis: np.concatenate(x, axis=axis),
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Reshape": _reshape,
    "Transpose": lambda x, perm=None: np.ascontiguousarray(np.transpose(x, perm)),
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": _quotient,
    "Mod": lambda x, y, fmod=0: (np.fmod if fmod else np.mod)(x, y),
    "Pow": lambda x, y: np.power(x, y).astype(x.dtype),
    "Max": lambda *x: functools.reduce(np.maximum, x),
    "Min": lambda *x: functools.reduce(np.minimum, x),
    "Neg": np.negative,
    "Abs": np.abs,
    "Sign": np.sign,
    "Pad": _pad,
    "NonZero": lambda x: np.array(np.nonzero(np.atleast_1d(x)), np.int64),
    "Sqrt": np.sqrt,
    "Reciprocal": np.reciprocal,
    "ReduceProd": _reduce(np.prod),
    "ReduceSum": _reduce(np.sum),
    "ReduceMax": _reduce(np.max),
    "ReduceMin": _reduce(np.min),
    "Equal": _equal,
    "Greater": np.greater,
    "Less": np.less,
    "LessOrEqual": np.less_equal,
    "GreaterOrEqual": np.greater_equal,
    "Not": np.logical_not,
    "And": np.logical_and,
    "Or": np.logical_or,
    "Xor": np.logical_xor,
    "Floor": np.floor,
    "Ceil": np.ceil,
    "Where": _where,
    "Range": _range,
    "Trilu": _trilu,
    "MelWeightMatrix": signals.mel_weight_matrix,
}

# Those whose result does not depend on what a name stands for (most comparisons would).
_ON_SIZES = frozenset(
    {
        "Identity",
        "Cast",
        "Gather",
        "Slice",
        "Split",
        "Expand",
        "Tile",
        "Concat",
        "Squeeze",
        "Unsqueeze",
        "Reshape",
        "Transpose",
        "Add",
        "Sub",
        "Mul",
        "Div",
        "ReduceProd",
        "ReduceSum",
        "Equal",
        "Where",
    }
)
