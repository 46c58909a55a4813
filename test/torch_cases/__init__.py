"""Tables of what people build networks from in PyTorch: modules with their options, and functions that they write in forward.

`CASES` has them all. A row makes a module and says what it is called with; a dim that is a name takes any size. PyTorch itself
says what comes out. exam/torch_doors.py takes each row through every door.
"""

from __future__ import annotations

import importlib
import linecache
import pkgutil
import textwrap
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

Array = np.ndarray[Any, Any]

FIXED = {"n": 2, "length": 6}
"""Sizes of named dims where a network is captured for fixed ones."""
SIZES = ({"n": 3, "length": 9}, {"n": 1, "length": 4})
"""Sizes that one network with named dims is run with."""


@dataclass(frozen=True)
class Given:
    """An input: random numbers of a range."""

    shape: tuple[int | str, ...]
    low: float = -2.0
    high: float = 2.0
    dtype: str = "float32"

    def array(self, name: str, sizes: Mapping[str, int]) -> Array:
        """The numbers, the same in every run; all different where they are floats, so that no order is undecided."""
        shape = tuple(sizes[dim] if isinstance(dim, str) else dim for dim in self.shape)
        rng = np.random.default_rng(zlib.crc32(repr((name, self, shape)).encode()))
        if self.dtype.startswith("float"):
            return rng.uniform(self.low, self.high, shape).astype(self.dtype)
        if self.dtype == "bool":
            return rng.integers(0, 2, shape).astype(bool)
        return rng.integers(int(self.low), int(self.high), shape).astype(self.dtype)


def f(*shape: int | str, low: float = -2.0, high: float = 2.0, dtype: str = "float32") -> Given:
    """Floats."""
    return Given(shape, low, high, dtype)


def ints(high: int, *shape: int | str, low: int = 0, dtype: str = "int64") -> Given:
    """Integers below `high`."""
    return Given(shape, low, high, dtype)


def bools(*shape: int | str) -> Given:
    """Yes and no."""
    return Given(shape, 0, 2, "bool")


@dataclass(frozen=True)
class Case:
    """A module and its inputs."""

    about: str
    """What the row of the document is about: ``nn.Conv2d``, ``torch.cumsum``."""
    build: Callable[[], nn.Module]
    inputs: Mapping[str, Given]
    id: str = ""
    tolerance: float = 1e-5
    """The largest error, relative to max(1, |result|)."""
    slow: tuple[str, ...] = ("export",)
    """Doors that only the first row about a thing is taken through."""
    without: tuple[str, ...] = ()
    """Doors that it is not taken through at all: a trace freezes a branch on data."""

    @property
    def name(self) -> str:
        """A name for pytest."""
        return f"{self.about}-{self.id}" if self.id else self.about

    @property
    def dims(self) -> tuple[str, ...]:
        """Names of dims."""
        return tuple(dict.fromkeys(dim for one in self.inputs.values() for dim in one.shape if isinstance(dim, str)))

    def module(self) -> nn.Module:
        """The module in eval mode, no weight of which is 0 or 1 all over."""
        torch.manual_seed(zlib.crc32(self.name.encode()))
        module = self.build()
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.add_(0.2 * torch.randn_like(parameter))
            for name, buffer in module.named_buffers():
                if name.endswith("running_mean"):
                    buffer.normal_()
                if name.endswith("running_var"):
                    buffer.uniform_(0.5, 2)
        return module.eval()

    def arrays(self, sizes: Mapping[str, int]) -> list[Array]:
        """The inputs in their order."""
        return [given.array(name, sizes) for name, given in self.inputs.items()]


def layer(
    kind: Callable[..., nn.Module], *args: Any, on: Given | tuple[Given, ...], id: str = "", **options: Any
) -> Case:
    """A module of torch.nn with its options."""
    inputs = on if isinstance(on, tuple) else (on,)
    said = [f"{name}={value}" for name, value in options.items()] or [",".join(map(str, args))]
    shapes = "x".join(map(str, inputs[0].shape))
    return Case(
        f"nn.{kind.__name__}",
        lambda: kind(*args, **options),
        dict(zip("xyzw", inputs, strict=False)),
        f"{shapes}-{id or ','.join(said)}",
    )


def net(about: str, kind: Callable[[], nn.Module], id: str = "", **inputs: Given) -> Case:
    """A module of the table's own."""
    return Case(about, kind, inputs, id or kind.__name__)


def call(about: str, code: str, id: str = "", tolerance: float = 1e-5, **inputs: Given) -> Case:
    """A function as it is written in forward: an expression of the inputs, or several lines with a return."""
    return Case(about, lambda: written(code, tuple(inputs)), inputs, id or code.strip().splitlines()[-1], tolerance)


def written(code: str, names: tuple[str, ...]) -> nn.Module:
    """A module whose forward has this code, which TorchScript can read."""
    body = textwrap.dedent(code).strip()
    if "return" not in body:
        body = f"return {body}"
    signature = ", ".join(("self", *names))
    source = f"class Written(nn.Module):\n    def forward({signature}):\n{textwrap.indent(body, ' ' * 8)}\n"
    path = f"<written {zlib.crc32(source.encode())}>"
    linecache.cache[path] = (len(source), None, source.splitlines(keepends=True), path)
    space: dict[str, Any] = {"torch": torch, "nn": nn, "F": nn.functional, "__name__": __name__}
    exec(compile(source, path, "exec"), space)  # noqa: S102 - code of the tables
    module: nn.Module = space["Written"]()
    return module


_TABLES = [importlib.import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__)]
CASES: tuple[Case, ...] = tuple(case for table in _TABLES for case in table.CASES)
SECTIONS: dict[str, tuple[Case, ...]] = {table.__doc__.strip().rstrip("."): tuple(table.CASES) for table in _TABLES}
