"""How a Session runs its model on arrays of given shapes: what is settled once and used often."""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pysofie import glue
from pysofie.errors import ShapeError, SofieError
from pysofie.signature import format_shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pysofie.signature import TensorSpec

Array: TypeAlias = NDArray[Any]
Result: TypeAlias = Array | tuple[Array, ...]
Shapes: TypeAlias = tuple[tuple[int, ...], ...]
Expected: TypeAlias = tuple[tuple[int, ...], np.dtype[Any]]
Layout: TypeAlias = tuple[int, int, int, int, Callable[..., Array], tuple[Expected, ...], tuple[Expected, ...]]

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)

_NOTHING = ctypes.c_char * 0


def _address(array: Array) -> int:
    """Return where a contiguous array's values are."""
    buffer: Any = array
    try:
        return ctypes.addressof(_NOTHING.from_buffer(buffer))  # at a third of the cost of numpy's own answer
    except (TypeError, ValueError):  # it cannot be written, or its type is none of those that buffers know
        return array.ctypes.data


def make_plan(program: glue.Program, handle: glue.Handle, shapes: Shapes) -> Plan:
    """Choose the way for these input shapes, which are checked here."""
    signature = program.signature
    dims = signature.bind(shapes)
    if signature.sizes:
        return SizedPlan(program, handle, shapes, [dims[name] for name in signature.dims])
    inputs = [(shape, spec.dtype) for shape, spec in zip(shapes, signature.inputs, strict=True)]
    outputs = [(spec.sizes(dims), spec.dtype) for spec in signature.outputs]
    kind = Plan
    if any(0 in shape for shape, _ in inputs):
        if all(0 in shape for shape, _ in outputs):
            kind = EmptyPlan
        elif 0 in dims.values():  # and not by the model's own shapes
            given = ", ".join(map(format_shape, shapes))
            raise ShapeError(f"{signature.name} cannot be run on nothing: the inputs have the shapes {given}")
    return kind(program, handle, inputs, outputs, [dims[name] for name in signature.dims])


class Plan:
    """The arguments of one call into the compiled model, which reads and writes arrays where they are."""

    __slots__ = ("_addresses", "_argument", "_frame", "_inputs", "_outputs", "_program")

    is_plain: ClassVar[bool] = True
    """Whether one call of the function is all: results have their sizes before."""

    def __init__(
        self,
        program: glue.Program,
        handle: glue.Handle,
        inputs: Sequence[Expected],
        outputs: Sequence[Expected],
        dims: Sequence[int],
    ) -> None:
        self._program = program
        self._inputs, self._outputs = tuple(inputs), tuple(outputs)
        self._addresses = (ctypes.c_void_p * len(inputs))(), (ctypes.c_void_p * len(outputs))()
        self._frame = glue.Frame(handle.address, (ctypes.c_size_t * len(dims))(*dims), *self._addresses)
        self._argument = ctypes.byref(self._frame)

    @property
    def layout(self) -> Layout | None:
        """What `Caller.cxx` needs to do the same: the function, its frame, where the arrays' addresses go, what makes arrays, and which.

        None where it cannot.
        """
        if not self.is_plain or self._program.address_of_run is None:
            return None
        frame, sources, targets = map(ctypes.addressof, (self._frame, *self._addresses))
        return self._program.address_of_run, frame, sources, targets, np.empty, self._inputs, self._outputs

    def __call__(self, arrays: Sequence[Any]) -> Result | None:
        """Run the model; return None where an array is not exactly what this plan is for."""
        inputs = self._accepted(arrays)
        if inputs is None:
            return None
        results = [np.empty(*expected) for expected in self._outputs]
        self._run(inputs, results)
        return tuple(results) if len(results) > 1 else results[0]

    def run(self, arrays: Sequence[Array]) -> Result:
        """Run the model on arrays that were checked already."""
        result = self(arrays)
        if result is None:
            raise AssertionError(f"{self._program.signature.name}: checked arrays do not fit their own plan")
        return result

    def failure(self) -> SofieError:
        """Return what to raise after the model has failed."""
        return SofieError(f"{self._program.signature.name}: {self._frame.error.decode(errors='replace')}")

    def _run(self, inputs: Sequence[Array], outputs: Sequence[Array | None]) -> None:
        sources, targets = self._addresses
        sources[:] = [_address(array) for array in inputs]
        targets[:] = [None if array is None else _address(array) for array in outputs]
        if self._program.run(self._argument):
            raise self.failure()

    def _accepted(self, arrays: Sequence[Any]) -> list[Array] | None:
        """Return the arrays as the model can read them; None where one is not exactly what this plan is for."""
        if len(arrays) != len(self._inputs):
            return None
        accepted = []
        try:
            for array, (shape, dtype) in zip(arrays, self._inputs, strict=True):
                if array.shape != shape or array.dtype is not dtype:
                    return None
                accepted.append(array if array.flags.carray else np.require(array, requirements=["C", "A"]))
        except Exception:  # noqa: BLE001 - it is no array: what is wrong with it the Session's own checks say
            return None
        return accepted


class SizedPlan(Plan):
    """For a model with outputs whose sizes depend on data: they are fetched from the Session."""

    __slots__ = ("_dims", "_results", "_signature", "_sizes")

    is_plain = False

    def __init__(self, program: glue.Program, handle: glue.Handle, shapes: Shapes, dims: Sequence[int]) -> None:
        signature = program.signature
        inputs = [(shape, spec.dtype) for shape, spec in zip(shapes, signature.inputs, strict=True)]
        super().__init__(program, handle, inputs, [((), spec.dtype) for spec in signature.outputs], dims)
        self._signature = signature
        self._dims = dict(zip(signature.dims, dims, strict=True))
        self._sizes = (ctypes.c_size_t * len(signature.sizes))()
        self._results = (ctypes.c_void_p * len(signature.outputs))()
        self._frame.sizes, self._frame.results = self._sizes, self._results

    def __call__(self, arrays: Sequence[Any]) -> Result | None:
        """Run the model."""
        inputs = self._accepted(arrays)
        if inputs is None:
            return None
        fixed = [
            None if self._is_sized(spec) else np.empty(spec.sizes(self._dims), spec.dtype)
            for spec in self._signature.outputs
        ]
        self._run(inputs, fixed)
        dims = self._dims | dict(zip(self._signature.sizes, self._sizes, strict=True))
        results = tuple(
            self._fetch(address, spec.sizes(dims), spec.dtype) if array is None else array
            for array, spec, address in zip(fixed, self._signature.outputs, self._results, strict=True)
        )
        return results if len(results) > 1 else results[0]

    def _is_sized(self, spec: TensorSpec) -> bool:
        return any(isinstance(dim, str) and set(_NAME.findall(dim)) & {*self._signature.sizes} for dim in spec.shape)

    @staticmethod
    def _fetch(address: int | None, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
        count = math.prod(shape)
        if not count or address is None:
            return np.empty(shape, dtype)
        values: Array = np.frombuffer(ctypes.string_at(address, count * dtype.itemsize), dtype)
        return values.reshape(shape).copy()


class EmptyPlan(Plan):
    """For an empty batch: nothing to run, and results of the right shapes."""

    __slots__ = ()

    is_plain = False

    def __call__(self, arrays: Sequence[Any]) -> Result | None:
        """Return the empty results."""
        if self._accepted(arrays) is None:
            return None
        results = tuple(np.empty(*expected) for expected in self._outputs)
        return results if len(results) > 1 else results[0]
