"""Hangs the parsers into ROOT's namespace: ``ROOT.TMVA.Experimental.SOFIE.PyTorch.Parse``.

``import pysofie`` must not start cling (half a second), yet the parsers have to be there whichever of the two is imported
first. So ROOT's module gets a property for ``TMVA``, as it has for its own pythonizations, which at its first use loads the
core and attaches the parsers.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import builder, config, doors, parsing, provider, registry
from .errors import ShapeError, SofieError, UnsupportedOperator, cpp_message
from .request import Request
from .tmva import beside

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)


class PyTorch:
    """The parser of PyTorch models, with the signature of ROOT's own."""

    @staticmethod
    def Parse(  # noqa: N802 - ROOT's spelling
        filename: str | os.PathLike[str],
        input_shapes: Sequence[Sequence[int | str]],
        input_dtypes: Sequence[Any] | None = None,
    ) -> Any:
        """Make an RModel of a TorchScript file; `pysofie.parse` for more."""
        graph = doors.BY_PACKAGE["torch"].read(Path(filename), Request.of(input_shapes, input_dtypes))
        beside.warn(Path(filename))
        return provider.rmodel(builder.recipe(parsing.prepare(graph)))


class PyKeras:
    """The parser of Keras models, with the signature of ROOT's own."""

    @staticmethod
    def Parse(filename: str | os.PathLike[str], batch_size: int = 1) -> Any:  # noqa: N802
        """Make an RModel of a ``.keras`` or ``.h5`` file for batches of one size; -1 leaves it open. `pysofie.parse` for more."""
        graph = doors.BY_PACKAGE["keras"].read(
            Path(filename), Request.of(batch_size=None if batch_size == -1 else batch_size)
        )
        beside.warn(Path(filename))
        return provider.rmodel(builder.recipe(parsing.prepare(graph)))


class RModelParser_ONNX:  # noqa: N801 - ROOT's spelling
    """The parser of ONNX models, with the methods of ROOT's own, which takes its place where ROOT has one."""

    def Parse(self, filename: str | os.PathLike[str], verbose: bool = False) -> Any:  # noqa: N802
        """Make an RModel of an ONNX file; `pysofie.parse` for more."""
        return provider.rmodel(self._recipe(filename, verbose))

    def CheckModel(self, filename: str | os.PathLike[str], verbose: bool = False) -> bool:  # noqa: N802
        """Whether all of a model can be translated; what cannot is logged."""
        try:
            self._recipe(filename, verbose)
        except UnsupportedOperator as error:
            log.warning("%s", error)
            return False
        return True

    def GetRegisteredOperators(self) -> list[str]:  # noqa: N802
        """The names of all operators that are supported, sorted."""
        return sorted({one.op_type for one in registry.operators()})

    def IsRegisteredOperator(self, name: str) -> bool:  # noqa: N802
        """Whether an operator is supported, in some version."""
        return name in self.GetRegisteredOperators()

    @staticmethod
    def _recipe(filename: str | os.PathLike[str], verbose: bool) -> builder.Recipe:
        graph = doors.BY_PACKAGE["onnx"].read(Path(filename), Request.of())
        log.log(logging.INFO if verbose else logging.DEBUG, "%s", graph)
        return builder.recipe(parsing.prepare(graph))


_PARSERS = {
    "PyTorch": PyTorch,
    "PyKeras": PyKeras,
    "RModelParser_Keras": PyKeras,
    "RModelParser_ONNX": RModelParser_ONNX,
}


def attach() -> None:
    """See to it that cling starts with what `config` says, and that ``ROOT.TMVA.Experimental.SOFIE`` has the parsers.

    Cling starts when ROOT is first used; without ROOT there is nothing more to do.
    """
    arguments = config.cling_arguments()
    if "cppyy" in sys.modules and os.environ.get(config.CLING_ENV) != arguments:
        log.info("ROOT was used before pysofie was imported: cling compiles slower code (docs/header.md, In cling)")
    os.environ[config.CLING_ENV] = arguments
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel says at every import that it is an alpha version
            import ROOT
    except ImportError:
        return
    facade = type(ROOT)
    original = vars(facade).get("TMVA")
    if isinstance(original, property):
        facade.TMVA = property(lambda module: _with_parsers(facade, original, module))
    else:
        _attach_to(ROOT.TMVA)


def _with_parsers(facade: type, original: property, module: Any) -> Any:
    provider.load_core()
    facade.TMVA = original  # type: ignore[attr-defined]  # it deletes itself when it has run
    found = module.TMVA
    _attach_to(found)
    return found


def _attach_to(tmva: Any) -> None:
    for name, parser in _PARSERS.items():
        # ROOT's own parser of ONNX brings a protobuf of its own, which must not meet that of Python's onnx in one process.
        if not (name == "RModelParser_ONNX" and provider.is_native()):
            setattr(tmva.Experimental.SOFIE, name, parser)
    if not provider.is_native():
        provider.root().pythonization("RSofieReader", ns="TMVA::Experimental")(_pythonize_reader)


def _pythonize_reader(cls: Any) -> None:
    """Let RSofieReader take shapes and values as Python has them; cppyy makes empty vectors of nested lists."""
    make, load, compute = cls.__init__, cls.Load, cls.Compute

    def __init__(self: Any, *arguments: Any, **keywords: Any) -> None:  # noqa: N807
        if len(arguments) == 1 and isinstance(arguments[0], cls):
            make(self, *arguments)
            return
        make(self)
        if arguments or keywords:
            self.Load(*arguments, **keywords)

    def Load(  # noqa: N802 - ROOT's spelling
        self: Any,
        path: str | os.PathLike[str],
        inputShapes: Any = (),  # noqa: N803
        verbose: int = 0,
    ) -> None:
        shapes = Request.of(inputShapes).shapes or ()
        _call(load, self, os.fspath(path), _nested(shapes), verbose)

    def Compute(self: Any, *inputs: Any) -> Any:  # noqa: N802
        return _call(compute, self, *(_floats(one) for one in inputs))

    cls.__init__, cls.Load, cls.Compute = __init__, Load, Compute


def _call(method: Any, *arguments: Any) -> Any:
    try:
        return method(*arguments)
    except Exception as error:  # what C++ throws arrives as ROOT's own classes
        raise SofieError(cpp_message(error)) from error


def _nested(shapes: Sequence[Sequence[int | str]]) -> Any:
    vector = provider.root().std.vector
    made = vector["std::vector<size_t>"]()
    for shape in shapes:
        if not all(isinstance(dim, int) for dim in shape):
            raise ShapeError(f"RSofieReader takes shapes of integers, not {list(shape)}")
        made.push_back(vector["size_t"](shape))
    return made


def _floats(values: Any) -> Any:
    vector = provider.root().std.vector["float"]
    return values if isinstance(values, vector) else vector(np.asarray(values, np.float32).ravel())
