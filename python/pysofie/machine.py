"""What one core of this machine can do, measured: what figures of speed are shares of."""

from __future__ import annotations

import ctypes
import functools
from importlib import resources

from pysofie import toolchain

_SOURCE = resources.files(__package__).joinpath("machine.hxx").read_text(encoding="utf-8")

CACHES = {"l1": 16 << 10, "l2": 256 << 10, "memory": 256 << 20}
"""How many bytes are read to find the rate of a level."""


@functools.cache
def multiply_adds(compiler: toolchain.Compiler) -> float:
    """Return the rate of multiply-adds of float32 in registers, in GFLOP/s, each being two."""
    return _best(_library(compiler).MultiplyAdds)


@functools.cache
def reading(compiler: toolchain.Compiler, level: str) -> float:
    """Return the rate of reading from a level of memory, in GB/s; the levels are those of CACHES."""
    return _best(_library(compiler).Reading, ctypes.c_size_t(CACHES[level]))


def _best(function: ctypes._NamedFuncPointer, *arguments: ctypes.c_size_t) -> float:
    function.restype = ctypes.c_double
    return float(function(*arguments))


@functools.cache
def _library(compiler: toolchain.Compiler) -> ctypes.CDLL:
    return ctypes.CDLL(str(toolchain.build_shared(_SOURCE, compiler, ("-O3", "-march=native"))))
