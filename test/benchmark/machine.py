"""The machine that figures depend on: what it is, and what one core of it can do.

Absolute times do not carry over to another machine, but what bounds a network does: the rate of multiply-adds, or of reading
its weights from a level of memory. So a time to reach that was set on the reference machine is scaled by that resource's rate.
"""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path
from time import perf_counter_ns

import torch
from tools import compiler_version

from pysofie import machine, toolchain

PACKAGES = ("ROOT", "torch", "onnxruntime", "openvino", "tensorflow_cpu", "ai-edge-litert", "keras", "numpy")

# The machine on which the times to reach were set: 2 cores, AVX-512. GFLOP/s and GB/s, of one core.
REFERENCE = {"fma": 212.0, "sgemm": 151.0, "l1": 259.0, "l2": 171.0, "memory": 15.0}
NAMES = {
    "fma": "multiply-adds, GFLOP/s",
    "sgemm": "sgemm, GFLOP/s",
    "l1": "first-level cache, GB/s",
    "l2": "second-level cache, GB/s",
    "memory": "memory, GB/s",
}


def facts() -> dict[str, object]:
    """Return what the figures depend on."""
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    values = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    flags = values.get("flags", "").split()
    return {
        "cpu": values.get("model name", platform.processor()),
        "cores": os.cpu_count(),
        "vector_extensions": [flag for flag in ("sse4_2", "avx2", "fma", "avx512f") if flag in flags],
        "system": platform.platform(),
        "compiler": compiler_version(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "load_average": os.getloadavg()[0],
    }


def version(package: str) -> str | None:
    """Return the version of an installed package, or nothing."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def rates() -> dict[str, float]:
    """Measure what one core can do, in the units of NAMES."""
    compiler = toolchain.find_compiler()
    if compiler is None:
        raise FileNotFoundError("there is no C++ compiler")
    levels = {level: machine.reading(compiler, level) for level in machine.CACHES}
    return {"fma": machine.multiply_adds(compiler), "sgemm": sgemm(), **levels}


def sgemm(size: int = 512, repetitions: int = 60) -> float:
    """Return the rate of PyTorch's product of two matrices by one thread, in GFLOP/s."""
    matrix = torch.rand(size, size)
    result = torch.empty_like(matrix)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    times = []
    for _ in range(repetitions):
        start = perf_counter_ns()
        torch.mm(matrix, matrix, out=result)
        times.append(perf_counter_ns() - start)
    torch.set_num_threads(threads)
    return 2 * size**3 / min(times)


def scaled(goal_us: float, bound: str, measured: dict[str, float]) -> float:
    """Return what a time of the reference machine is here; several bounds, joined by a plus, have equal shares of it."""
    bounds = bound.split("+")
    return goal_us * sum(REFERENCE[one] / measured[one] for one in bounds) / len(bounds)
