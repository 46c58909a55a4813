"""Shape and type inference: one rule for each family of operators.

A rule is called as a translator is, inputs positional (None where absent) and attributes by keyword, with inputs whose
types are all known; it returns the type of the output (of each output, where there are several) or raises ShapeError.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from . import dims, dtypes
from .dims import Expression, Shape, Size
from .errors import ShapeError
from .values import UNKNOWN, TensorType, Value

if TYPE_CHECKING:
    from .graph import Array, Attribute

Ints = Sequence[int]


def same(x: Value, *_: Value | None, **__: Attribute) -> TensorType:
    """The type of the first input."""
    return x.type


def broadcast(*inputs: Value, **_: Attribute) -> TensorType:
    """The common shape of all inputs."""
    types = {one.dtype for one in inputs}
    if len(types) > 1:
        raise ShapeError(f"inputs of different types: {', '.join(sorted(map(str, types)))}")
    return TensorType(inputs[0].dtype, broadcast_shapes(*(one.shape for one in inputs)))


def power(x: Value, y: Value, **_: Attribute) -> TensorType:
    """Pow, whose exponent may have a type of its own."""
    return TensorType(x.dtype, broadcast_shapes(x.shape, y.shape))


def compare(*inputs: Value, **_: Attribute) -> TensorType:
    """A truth value for each element of the common shape."""
    return TensorType(np.dtype(bool), broadcast(*inputs).shape)


def broadcast_shapes(*shapes: Shape) -> Shape:
    """ONNX's multidirectional broadcasting."""
    result: list[Size] = []
    for sizes in zip_longest(*(reversed(shape) for shape in shapes), fillvalue=1):
        wide = {size for size in sizes if size != 1}
        if len(wide) > 1:
            raise ShapeError(f"{' and '.join(map(dims.text, shapes))} do not broadcast")
        result.append(wide.pop() if wide else 1)
    return tuple(reversed(result))


def gemm(
    a: Value,
    b: Value,
    c: Value | None = None,
    *,
    transA: int = 0,  # noqa: N803 - ONNX's name
    transB: int = 0,  # noqa: N803
    **_: Attribute,
) -> TensorType:
    """Gemm: matrices only."""
    if a.rank != 2 or b.rank != 2:
        raise ShapeError(f"{dims.text(a.shape)} by {dims.text(b.shape)}: Gemm takes matrices")
    rows, inner = reversed(a.shape) if transA else a.shape
    other, columns = reversed(b.shape) if transB else b.shape
    _same_size(inner, other, a, b)
    if c is not None and broadcast_shapes((rows, columns), c.shape) != (rows, columns):
        raise ShapeError(f"{dims.text(c.shape)} does not broadcast to {dims.text((rows, columns))}")
    return TensorType(a.dtype, (rows, columns))


def matmul(a: Value, b: Value) -> TensorType:
    """MatMul as numpy defines it."""
    if a.rank == 0 or b.rank == 0:
        raise ShapeError("MatMul of a scalar")
    left = a.shape if a.rank > 1 else (1, *a.shape)
    right = b.shape if b.rank > 1 else (*b.shape, 1)
    _same_size(left[-1], right[-2], a, b)
    rows = left[-2:-1] if a.rank > 1 else ()
    columns = right[-1:] if b.rank > 1 else ()
    return TensorType(a.dtype, (*broadcast_shapes(left[:-2], right[:-2]), *rows, *columns))


def _same_size(left: Size, right: Size, a: Value, b: Value) -> None:
    if left != right:
        raise ShapeError(f"{dims.text(a.shape)} by {dims.text(b.shape)}: {left} against {right}")


def transpose(x: Value, *, perm: Ints | None = None) -> TensorType:
    """Transpose."""
    order = tuple(perm) if perm is not None else tuple(reversed(range(x.rank)))
    if sorted(order) != list(range(x.rank)):
        raise ShapeError(f"perm {list(order)} is no order of the {x.rank} dimensions of {dims.text(x.shape)}")
    return TensorType(x.dtype, tuple(x.shape[axis] for axis in order))


def axis_of(axis: int, rank: int) -> int:
    """A possibly negative axis as an index."""
    if not -rank <= axis < max(rank, 1):
        raise ShapeError(f"axis {axis} of {rank} dimensions")
    return axis % rank if rank else 0


def axes_of(axes: Ints, rank: int) -> tuple[int, ...]:
    """Several possibly negative axes as sorted indices."""
    return tuple(sorted({axis_of(int(axis), rank) for axis in axes}))


def constant_axes(axes: Value | Ints | None) -> tuple[int, ...] | None:
    """Axes from an attribute or a constant input; None where there are none."""
    if isinstance(axes, Value):
        if axes.constant is None:
            raise ShapeError("axes that are computed at run time")
        return tuple(int(axis) for axis in axes.constant.reshape(-1))
    return None if axes is None else tuple(axes)


def softmax(x: Value, *, axis: int = -1) -> TensorType:
    """Softmax: an axis that exists."""
    axis_of(axis, x.rank)
    return x.type


def concat(*inputs: Value, axis: int) -> TensorType:
    """Concat: sizes along the axis add up, the others agree."""
    first = inputs[0].shape
    at = axis_of(axis, len(first))
    for one in inputs[1:]:
        if one.rank != len(first) or any(
            a != b for i, (a, b) in enumerate(zip(first, one.shape, strict=True)) if i != at
        ):
            raise ShapeError(f"{' and '.join(dims.text(v.shape) for v in inputs)} do not join along axis {at}")
    total: Size = 0
    for one in inputs:
        total = total + one.shape[at]
    return TensorType(inputs[0].dtype, (*first[:at], total, *first[at + 1 :]))


def flatten(x: Value, *, axis: int = 1) -> TensorType:
    """Flatten to a matrix."""
    at = x.rank if axis == x.rank else axis_of(axis, x.rank)
    return TensorType(x.dtype, (dims.count(x.shape[:at]), dims.count(x.shape[at:])))


def reshape(x: Value, target: Value, *, allowzero: int = 0) -> TensorType:
    """Reshape to known sizes; -1 stands for what is left."""
    if target.contents is None:
        return TensorType(x.dtype, known_later(target, f"Reshape {x.name}"))
    return TensorType(x.dtype, resolve_reshape(x.shape, list(target.contents.reshape(-1)), allowzero=bool(allowzero)))


def known_later(target: Value, what: str) -> Shape | None:
    """The shape of a tensor whose dims are the elements of another one, computed at run time; None where its rank is not known."""
    if target.rank != 1 or isinstance(target.shape[0], Expression):
        return None
    return tuple(dims.known_later(f"{what} {target.name} {at}") for at in range(target.shape[0]))


def resolve_reshape(shape: Shape, target: Sequence[Size], *, allowzero: bool) -> Shape:
    """The shape that a Reshape gives."""
    sizes = [dims.size(one) if isinstance(one, Expression) else int(one) for one in target]
    if not allowzero:
        if any(one == 0 and at >= len(shape) for at, one in enumerate(sizes)):
            raise ShapeError(f"{dims.text(shape)} to {dims.text(sizes)}: a 0 past the last dimension")
        sizes = [shape[at] if one == 0 else one for at, one in enumerate(sizes)]
    total = dims.count(shape)
    if -1 in sizes:
        at = sizes.index(-1)
        rest = dims.divide(total, dims.count(sizes[:at] + sizes[at + 1 :]))
        if rest is None or -1 in sizes[at + 1 :]:
            raise ShapeError(f"{dims.text(shape)} cannot become {dims.text(sizes)}")
        sizes[at] = rest
    if dims.count(sizes) != total:
        raise ShapeError(f"{dims.text(shape)} cannot become {dims.text(sizes)}")
    return tuple(sizes)


def squeeze(x: Value, axes: Value | Ints | None = None) -> TensorType:
    """Squeeze; without axes, all dimensions of size 1. Axes were an attribute before opset 13."""
    given = constant_axes(axes)
    at = axes_of(given, x.rank) if given is not None else squeezable(x)
    if any(x.shape[i] != 1 for i in at):
        raise ShapeError(f"{dims.text(x.shape)}: only dimensions of size 1 can be squeezed, not {list(at)}")
    return TensorType(x.dtype, tuple(size for i, size in enumerate(x.shape) if i not in at))


def squeezable(x: Value) -> tuple[int, ...]:
    """The dimensions of size 1, where that does not depend on the data."""
    if not dims.is_known(x.shape):
        raise ShapeError(f"{dims.text(x.shape)}: which dimensions are 1 is not known; name the axis to squeeze")
    return tuple(i for i, size in enumerate(x.shape) if size == 1)


def unsqueeze(x: Value, axes: Value | Ints | None = None) -> TensorType:
    """Unsqueeze."""
    given = constant_axes(axes) or ()
    rank = x.rank + len(given)
    at = axes_of(given, rank)
    rest = iter(x.shape)
    return TensorType(x.dtype, tuple(1 if i in at else next(rest) for i in range(rank)))


def reduce(
    x: Value, axes: Value | Ints | None = None, *, keepdims: int = 1, noop_with_empty_axes: int = 0
) -> TensorType:
    """Reductions; without axes, over everything (or nothing, where the node says so)."""
    at = reduced_axes(x, axes, noop_with_empty_axes=noop_with_empty_axes)
    kept = (1 if i in at else size for i, size in enumerate(x.shape) if keepdims or i not in at)
    return TensorType(x.dtype, tuple(kept))


def arg_extreme(x: Value, *, axis: int = 0, keepdims: int = 1, select_last_index: int = 0) -> TensorType:
    """ArgMax and ArgMin."""
    del select_last_index
    at = _own_axis(axis, x)
    if x.shape[at] == 0:
        raise ShapeError(f"{dims.text(x.shape)}: there is nothing to choose from along axis {axis}")
    kept = (1,) if keepdims else ()
    return TensorType(np.dtype(np.int64), (*x.shape[:at], *kept, *x.shape[at + 1 :]))


def top_k(
    x: Value, k: Value | int, *, axis: int = -1, largest: int = 1, sorted: int = 1
) -> tuple[TensorType, TensorType]:
    """TopK: elements and their indices."""
    del largest, sorted
    at = _own_axis(axis, x)
    count: Size = k if isinstance(k, int) else dims.known_later(f"TopK {k.name}")
    if isinstance(k, Value) and k.contents is not None:
        if k.contents.size != 1:
            raise ShapeError(f"{k.contents.size} numbers of elements, not one")
        first = k.contents.reshape(-1)[0]
        count = first if isinstance(first, Expression) else int(first)
    size = x.shape[at]
    many = not isinstance(count, Expression) and not isinstance(size, Expression) and count > size
    if many or dims.is_negative(count):
        raise ShapeError(f"the first {count} of {size} elements")
    shape = (*x.shape[:at], count, *x.shape[at + 1 :])
    return TensorType(x.dtype, shape), TensorType(np.dtype(np.int64), shape)


def top_k_1(x: Value, *, k: int, axis: int = -1) -> tuple[TensorType, TensorType]:
    """TopK as it was before opset 10."""
    return top_k(x, k, axis=axis)


def cumulate(x: Value, axis: Value, *, exclusive: int = 0, reverse: int = 0) -> TensorType:
    """CumSum and CumProd."""
    del exclusive, reverse
    given = constant_axes(axis) or ()
    if len(given) != 1:
        raise ShapeError(f"{len(given)} axes, not one")
    _own_axis(given[0], x)
    return x.type


def _own_axis(axis: int, x: Value) -> int:
    if not x.rank:
        raise ShapeError("a scalar, which has no axis")
    return axis_of(axis, x.rank)


def reduced_axes(x: Value, axes: Value | Ints | None = None, *, noop_with_empty_axes: int = 0) -> tuple[int, ...]:
    """The axes that a reduction runs over."""
    given = constant_axes(axes)
    if given:
        return axes_of(given, x.rank)
    return () if noop_with_empty_axes else tuple(range(x.rank))


def batch_normalization(x: Value, *parameters: Value, **_: Attribute) -> TensorType:
    """BatchNormalization: parameters of one number for each channel."""
    if x.rank < 2:
        raise ShapeError(f"{dims.text(x.shape)}: BatchNormalization takes at least 2 dimensions")
    for one in parameters:
        if one.shape != x.shape[1:2]:
            raise ShapeError(f"{dims.text(one.shape)} parameters for {x.shape[1]} channels")
    return x.type


def cast(x: Value, *, to: int, **_: Attribute) -> TensorType:
    """Cast to one of ONNX's types."""
    dtype = ONNX_TYPES.get(to)
    return TensorType(dtypes.named(dtype), x.shape) if dtype else UNKNOWN


def constant(*, value: Attribute | None = None, **values: Attribute) -> TensorType:
    """Constant, by whichever attribute holds it."""
    array = constant_array(value=value, **values)
    return TensorType(array.dtype, dims.shape(array.shape))


def constant_array(*, value: Attribute | None = None, **values: Attribute) -> Array:
    """The array that a Constant node holds."""
    if isinstance(value, np.ndarray):
        return value
    for suffix, dtype in (("int", np.int64), ("float", np.float32)):
        for name in (f"value_{suffix}", f"value_{suffix}s"):
            if name in values:
                return np.asarray(values[name], dtype)
    raise ShapeError("a Constant of a kind that is not supported")


# ONNX's numbers of the types that C++ code can hold (TensorProto.DataType).
ONNX_TYPES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    7: "int64",
    9: "bool",
    10: "float16",
    11: "float64",
    12: "uint32",
    13: "uint64",
    16: "bfloat16",
}
