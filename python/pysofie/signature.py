"""What a generated header says of itself: names, dtypes and shapes of the inputs and outputs."""

from __future__ import annotations

import ast
import json
import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie import dtypes
from pysofie.errors import ShapeError, SofieError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Dim = int | str
"""A number, a name, or for an output an expression over names such as `2*batch+3`."""

_INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
DTYPES: dict[str, np.dtype[Any]] = {
    "float": np.dtype(np.float32),
    "double": np.dtype(np.float64),
    "bool": np.dtype(np.bool_),
    **{f"{name}_t": np.dtype(name) for name in _INTEGERS},
    "float16": np.dtype(np.float16),
}
"""The types of a header's tensors; bfloat16 comes from ml_dtypes, where that is needed."""

_NAME = re.compile(r"\b[A-Za-z_]\w*", re.ASCII)
_OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.floordiv,  # sizes in C++ are integers
}


@dataclass(frozen=True)
class TensorSpec:
    """One input or output of a model."""

    name: str
    origin: str
    type: str
    shape: tuple[Dim, ...]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The numpy type of the elements."""
        return DTYPES[self.type] if self.type in DTYPES else dtypes.named(self.type)

    @property
    def label(self) -> str:
        """The user's own name of the tensor."""
        return self.origin or self.name

    def __str__(self) -> str:
        return f"{self.label}: {self.dtype} {format_shape(self.shape)}"

    def sizes(self, dims: Mapping[str, int]) -> tuple[int, ...]:
        """Return the shape for these values of the named dims."""
        return tuple(evaluate(dim, dims) for dim in self.shape)


@dataclass(frozen=True)
class Signature:
    """A model as seen from outside."""

    name: str
    dims: tuple[str, ...]
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    weights: str
    sizes: tuple[str, ...] = ()
    """Names of sizes that depend on data: they come with the outputs."""

    @classmethod
    def from_json(cls, text: str) -> Signature:
        """Read the text that the core writes into each header."""
        try:
            record = json.loads(text)
            return cls(
                name=record["name"],
                dims=tuple(record["dims"]),
                inputs=tuple(map(_tensor, record["inputs"])),
                outputs=tuple(map(_tensor, record["outputs"])),
                weights=record["weights"],
                sizes=tuple(record.get("sizes", ())),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise SofieError(f"the header's description of its model cannot be read: {error!r}") from error

    def bind(self, shapes: Sequence[tuple[int, ...]]) -> dict[str, int]:
        """Take the named dims from the inputs' shapes.

        Raises
        ------
        ShapeError
            If a shape is not the model's, or if two inputs disagree about a name.
        """
        dims: dict[str, int] = {}
        bound_by: dict[str, str] = {}
        for spec, shape in zip(self.inputs, shapes, strict=True):
            expected = f"input {spec.label!r} expects the shape {format_shape(spec.shape)}"
            if len(shape) != len(spec.shape):
                raise ShapeError(f"{expected}, got {format_shape(shape)}{_hint(spec, shape)}")
            for wanted, size in zip(spec.shape, shape, strict=True):
                if isinstance(wanted, int) and wanted != size:
                    raise ShapeError(f"{expected}, got {format_shape(shape)}")
                if isinstance(wanted, str) and dims.setdefault(wanted, size) != size:
                    raise ShapeError(
                        f"{expected}, got {format_shape(shape)}: "
                        f"{wanted} is {dims[wanted]} in input {bound_by[wanted]!r}"
                    )
                if isinstance(wanted, str):
                    bound_by.setdefault(wanted, spec.label)
        return dims


def evaluate(dim: Dim, dims: Mapping[str, int]) -> int:
    """Work out a dim: integers, names, + - * / and parentheses, with the meaning that they have in C++."""
    if isinstance(dim, int):
        return dim

    def value(node: ast.expr) -> int:
        match node:
            case ast.Constant(value=int(number)) if not isinstance(number, bool):
                return number
            case ast.Name(id=name) if name[1:] in dims:
                return dims[name[1:]]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -value(operand)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return _OPERATORS[type(op)](value(left), value(right))
        raise SofieError(f"the size {dim!r} of an output is not an expression over {', '.join(dims) or 'numbers'}")

    try:
        # The underscore: `lambda` may be the name of a dim, and `in`.
        size = value(ast.parse(_NAME.sub(r"_\g<0>", dim), mode="eval").body)
    except (SyntaxError, ZeroDivisionError, RecursionError) as error:
        raise SofieError(f"the size {dim!r} of an output cannot be worked out: {error}") from error
    if size < 0:
        sizes = ", ".join(f"{name}={value}" for name, value in dims.items())
        raise ShapeError(f"the inputs are too small: an output would have the size {dim} = {size} with {sizes}")
    return size


def format_shape(shape: Sequence[Dim]) -> str:
    """Print a shape as a tuple, names without quotes: (batch, 7)."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _hint(spec: TensorSpec, shape: tuple[int, ...]) -> str:
    batch, rest = spec.shape[:1], spec.shape[1:]
    if batch and (batch[0] == 1 or isinstance(batch[0], str)) and shape == rest:
        return ": add the batch dimension, x[numpy.newaxis]"
    return ""


def _tensor(record: dict[str, Any]) -> TensorSpec:
    spec = TensorSpec(record["name"], record.get("origin", ""), record["type"], tuple(record["shape"]))
    if spec.type not in (*DTYPES, *dtypes.HALVES):
        raise SofieError(f"tensor {spec.name!r} has the type {spec.type}, for which numpy has none")
    return spec
