"""Which front-end reads what: files by their suffix, models in memory by their class."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import files
from .errors import ModelFileError, SofieError
from .torch import aten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .graph import Graph
    from .request import Request


@contextmanager
def _heap_set_aside() -> Iterator[None]:
    """Keep the collector of garbage to what is made from now on: one walk through a framework's objects takes longer than a model."""
    if gc.get_freeze_count():  # somebody else has done so, and wants it to stay
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@dataclass(frozen=True, slots=True)
class Door:
    """A front-end: the package that it needs, its kinds of files and of models in memory, and the options that it takes.

    Its module has `read(path, request)` and `of_live(model, request)`, which return a Graph.
    """

    package: str
    suffixes: tuple[str, ...]
    classes: tuple[str, ...]
    options: tuple[str, ...] = ()

    def read(self, path: Path, request: Request) -> Graph:
        """The Graph of a file, whatever its suffix."""
        with _heap_set_aside():
            return aten.take_apart(self.reader().read(path, request))

    def of_live(self, model: Any, request: Request) -> Graph:
        """The Graph of a model in memory."""
        with _heap_set_aside():
            return aten.take_apart(self.reader().of_live(model, request))

    def reader(self) -> Any:
        """The module of the front-end, where its package is installed."""
        if importlib.util.find_spec(self.package) is None:
            raise SofieError(
                f"models of {self.package} need the package {self.package}: pip install 'pysofie[{self.package}]'"
            )
        return importlib.import_module(f"pysofie.{self.package}.reader")


DOORS = (
    Door(
        "torch",
        (".pt", ".pth", ".jit", ".ts", ".pt2"),
        ("Module", "ExportedProgram"),
        ("example_inputs", "state_dict"),
    ),
    Door("keras", (".keras", ".h5", ".hdf5"), ("Model",), ("custom_objects",)),
    Door("onnx", (".onnx",), ("ModelProto",)),
)
BY_PACKAGE = {door.package: door for door in DOORS}
SUFFIXES = tuple(suffix for door in DOORS for suffix in door.suffixes)


def kind_of(source: Any) -> str:
    """The suffix of a file, or the class by which a front-end knows a model in memory; the object's own class otherwise."""
    if isinstance(source, (str, os.PathLike)):
        return Path(source).suffix.lower()
    # By name: a package that nobody has imported has made no object.
    known = {(door.package, name) for door in DOORS for name in door.classes}
    bases = ((base.__module__.partition(".")[0], base.__name__) for base in type(source).__mro__)
    return next((name for package, name in bases if (package, name) in known), type(source).__name__)


def read(source: Any, request: Request) -> Graph:
    """The Graph of a model as its front-end makes it."""
    kind = kind_of(source)
    is_file = isinstance(source, (str, os.PathLike))
    if is_file:
        files.check_readable(Path(source))
    door = next((door for door in DOORS if kind in (door.suffixes if is_file else door.classes)), None)
    if door is None and is_file:
        raise ModelFileError(
            f"{source}: models with the suffix '{kind}' are not read, those with {', '.join(SUFFIXES)} are"
        )
    if door is None:
        raise SofieError(f"a model of type {kind} is not read; save it to a file ({', '.join(SUFFIXES)})")
    foreign = [name for name in request.options if name not in door.options]
    if foreign:
        raise SofieError(f"{' and '.join(foreign)} cannot be given with a model of {door.package}")
    return door.read(Path(source), request) if is_file else door.of_live(source, request)
