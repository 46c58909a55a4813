"""What the caller asks for besides the model: shapes, types, batch size, in whatever spelling is handy."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from . import dtypes
from .builder import CPP_TYPES
from .errors import DataTypeError, ShapeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .graph import Dim

# SOFIE's ETensorType by number, and what its names and C++ spell.
_BY_NUMBER = {
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
_BY_NAME = {spelling: name for name, spelling in CPP_TYPES.items()} | {name: name for name in CPP_TYPES}


@dataclass(frozen=True, slots=True)
class Request:
    """Shapes and types of the inputs in their order; None where the model itself says them."""

    shapes: tuple[tuple[Dim, ...], ...] | None = None
    dtypes: tuple[np.dtype[Any], ...] | None = None
    batch_size: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    """What one kind of model takes besides."""

    @classmethod
    def of(cls, shapes: Any = None, dtypes: Any = None, batch_size: int | None = None, **options: Any) -> Request:
        """From what a user passes: lists, tuples or std::vectors; one shape alone stands for one input."""
        if batch_size is not None and (
            isinstance(batch_size, (bool, str)) or not _is_dim(batch_size) or batch_size < 1
        ):
            raise ShapeError(f"batch_size is {batch_size!r}, which is no size")
        found = None if shapes is None else _with_batch(_shapes(shapes), batch_size)
        types = None if dtypes is None else tuple(dtype_of(one) for one in _items(dtypes) or [dtypes])
        if found is not None and types is not None and len(found) != len(types):
            raise DataTypeError(f"{len(found)} input shapes and {len(types)} input types were given")
        given = {name: value for name, value in options.items() if value is not None}
        return cls(found, types, None if batch_size is None else int(batch_size), given)

    def dtype(self, at: int) -> np.dtype[Any]:
        """The type of an input; float32 where none was given."""
        return np.dtype(np.float32) if self.dtypes is None else self.dtypes[at]


def dtype_of(given: Any) -> np.dtype[Any]:
    """A data type from a numpy or torch one, a value of ETensorType, or a name of any of them; "float" is C++'s."""
    name = given.lower() if isinstance(given, str) else None
    if name is None and isinstance(given, int) and not isinstance(given, (type, bool)):
        name = _BY_NUMBER.get(int(given))
    if name is None:
        text = str(given)
        name = text.removeprefix("torch.") if text.startswith("torch.") else _numpy_name(given)
    if name not in _BY_NAME:
        raise DataTypeError(f"the input type {given!s} is not supported, but {', '.join(CPP_TYPES)}")
    return dtypes.named(_BY_NAME[name])


def _numpy_name(given: Any) -> str | None:
    try:
        return str(np.dtype(given).name)
    except TypeError:
        return None


def _items(given: Any) -> list[Any] | None:
    """The items of a list, a tuple or a std::vector (which is no Iterable by its class); None of what has none."""
    if isinstance(given, (str, bytes, type)):
        return None
    try:
        return list(given)
    except TypeError:
        return None


def _shapes(given: Any) -> tuple[tuple[Dim, ...], ...]:
    outer = _items(given)
    if outer is None:
        raise ShapeError(f"{given!r} is no list of shapes, such as [['batch', 7]]")
    if outer and all(_is_dim(one) for one in outer):
        outer = [outer]
    return tuple(_shape(one) for one in outer)


def _is_dim(one: Any) -> bool:
    return isinstance(one, str) or (hasattr(one, "__index__") and not hasattr(one, "__len__"))


def _shape(given: Any) -> tuple[Dim, ...]:
    sizes = _items(given)
    if sizes is None:
        raise ShapeError(f"{given!r} is no shape; a shape is a list of sizes and names, such as ['batch', 7]")
    return tuple(_dim(one) for one in sizes)


def _dim(one: Any) -> Dim:
    if isinstance(one, str):
        if not one.strip():
            raise ShapeError("a dimension without a name")
        if re.match(r"\s*[-+.]?\d", one):
            raise ShapeError(f"{one!r} is neither a size nor a name; sizes are integers, and commas stand between them")
        return one
    if isinstance(one, bool) or not hasattr(one, "__index__"):
        raise ShapeError(f"{one!r} is no size; a dimension is an integer of at least 1, or a name such as 'batch'")
    size = one.__index__()
    if size < 1:
        raise ShapeError(f"a dimension of size {size}; it is at least 1, or a name such as 'batch' that takes any size")
    return int(size)


def _with_batch(shapes: tuple[tuple[Dim, ...], ...], batch: int | None) -> tuple[tuple[Dim, ...], ...]:
    """Shapes with the batch size in place of what names the first dim, wherever that name stands."""
    if batch is None:
        return shapes
    for shape in shapes:
        if shape and isinstance(shape[0], int) and shape[0] != batch:
            raise ShapeError(f"batch_size is {batch}, but the shape {list(shape)} begins with {shape[0]}")
    names = {shape[0] for shape in shapes if shape}
    return tuple(
        tuple(int(batch) if isinstance(dim, str) and dim in names else dim for dim in shape) for shape in shapes
    )
