"""Tables of operators at work: one row is one node, its inputs and nothing about how it is computed.

`CASES` has them all. A case is a model of one operator (`rmodel`), inputs that are the same in every run (`arrays`), and what
comes out in double precision (`expected`): by onnx's own ReferenceEvaluator, or by a function of the case's own.
"""

from __future__ import annotations

import importlib
import pkgutil
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import pysofie

Array = np.ndarray[Any, Any]
Shape = tuple[int | str, ...]


def numbers(low: float, high: float, *shape: int, dtype: str = "float32") -> Array:
    """Random numbers of a range, always the same ones."""
    rng = np.random.default_rng(zlib.crc32(repr((low, high, shape)).encode()))
    values = rng.uniform(low, high, shape) if dtype.startswith("float") else rng.integers(int(low), int(high), shape)
    return values.astype(dtype)


@dataclass(frozen=True)
class Case:
    """One node of ONNX."""

    op: str
    inputs: Mapping[str, Shape | Array]
    """What is known at run time only: a shape for random numbers, or the numbers; a dim may be a name."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    weights: Mapping[str, Array] = field(default_factory=dict)
    """What is known when the code is generated; the dtype is the array's own."""
    outputs: int = 1
    dtype: str = "float32"
    id: str = ""
    """What the case is about, where the operator does not say it."""
    opset: int = 21
    order: tuple[str, ...] = ()
    """The node's inputs where they are not first `inputs` and then `weights`; "" is one left out."""
    reference: Callable[..., Array | Sequence[Array]] | None = None
    """A function of the inputs in their order (None where left out), in place of onnx's evaluator."""
    tolerance: float = 0
    """The largest error, relative to max(1, |result|), where it is not 1e-6 in float32 and 1e-13 in float64."""

    @property
    def name(self) -> str:
        """A name for pytest."""
        shapes = "_".join("x".join(map(str, self.shape(name))) or "scalar" for name in self.inputs)
        dtype = "" if self.dtype == "float32" else f"-{self.dtype}"
        return f"{self.op}{dtype}-{self.id or shapes}"

    @property
    def kind(self) -> str:
        """What is tested: cases of one kind differ in shapes, types and attributes."""
        return self.op

    @property
    def names(self) -> tuple[str, ...]:
        """The node's inputs in their order."""
        return self.order or (*self.inputs, *self.weights)

    @property
    def dims(self) -> tuple[str, ...]:
        """The names of dims, in the order in which they appear."""
        shapes = (self.shape(name) for name in self.inputs)
        return tuple(dict.fromkeys(dim for shape in shapes for dim in shape if isinstance(dim, str)))

    def shape(self, name: str) -> Shape:
        """The shape of an input."""
        given = self.inputs[name]
        return given if isinstance(given, tuple) else given.shape

    def arrays(self, **sizes: int) -> dict[str, Array]:
        """The inputs, with a size for each name of a dim."""
        return random_arrays(self, sizes)

    def to_onnx(self, *, exact: bool = False) -> onnx.ModelProto:
        """The model of one node; `exact` has float64 wherever the case has float32."""
        outputs = [f"y{i}" for i in range(self.outputs)] if self.outputs > 1 else ["y"]
        attributes = {name: _exact(value) if exact else value for name, value in self.attributes.items()}
        infos = []
        for name, given in self.inputs.items():
            dtype = given.dtype.name if isinstance(given, np.ndarray) else self.dtype
            element = helper.np_dtype_to_tensor_dtype(np.dtype("float64" if exact and dtype == "float32" else dtype))
            infos.append(helper.make_tensor_value_info(name, element, self.shape(name)))
        graph = helper.make_graph(
            [helper.make_node(self.op, self.names, outputs, name=self.name, **attributes)],
            "model",
            infos,
            [helper.make_empty_tensor_value_info(name) for name in outputs],
            [numpy_helper.from_array(_exact(array) if exact else array, name) for name, array in self.weights.items()],
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)])

    def rmodel(self, folder: Path, name: str) -> Any:
        """The model as pysofie parses it, from a file in the folder."""
        path = folder / f"{name}.onnx"
        onnx.save(self.to_onnx(), path)
        return pysofie.parse(path)

    def expected(self, arrays: Mapping[str, Array]) -> list[Array]:
        """What comes out, computed in float64."""
        exact = {name: _exact(array) for name, array in (arrays | self.weights).items()}
        with np.errstate(all="ignore"):
            if self.reference is None:
                run = ReferenceEvaluator(self.to_onnx(exact=True)).run
                return [np.asarray(one) for one in run(None, {name: exact[name] for name in arrays})]
            result = self.reference(*(exact.get(name) for name in self.names))
        return [np.asarray(one) for one in (result if isinstance(result, tuple) else (result,))][: self.outputs]


def random_arrays(case: Any, sizes: Mapping[str, int]) -> dict[str, Array]:
    """The inputs of a case, with a size for each name of a dim."""
    found = {}
    for name, given in case.inputs.items():
        if isinstance(given, np.ndarray):
            found[name] = given
            continue
        shape = tuple(sizes[dim] if isinstance(dim, str) else dim for dim in given)
        rng = np.random.default_rng(zlib.crc32(f"{case.name} {name} {shape}".encode()))
        found[name] = _random(rng, shape, case.dtype)
    return found


def _random(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> Array:
    if dtype == "bool":
        return rng.integers(0, 2, shape).astype(bool)
    if np.dtype(dtype).kind in "iu":
        return rng.integers(0 if dtype.startswith("u") else -9, 10, shape).astype(dtype)
    return rng.normal(size=shape).astype(dtype)


def _exact(value: Any) -> Any:
    """float64 in place of float32."""
    return value.astype(np.float64) if isinstance(value, np.ndarray) and value.dtype == np.float32 else value


_TABLES = [importlib.import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__)]
_ALL = [case for table in _TABLES for name in ("CASES", "CORE_CASES") for case in getattr(table, name, ())]
ONNX_CASES: tuple[Case, ...] = tuple(case for case in _ALL if isinstance(case, Case))
CASES: tuple[Any, ...] = (*ONNX_CASES, *(case for case in _ALL if not isinstance(case, Case)))
