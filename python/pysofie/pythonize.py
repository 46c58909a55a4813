"""Hangs the parsers into ROOT's namespace: ``ROOT.TMVA.Experimental.SOFIE.PyTorch.Parse``.

``import pysofie`` must not start cling (half a second), yet the parsers have to be there whichever of the two is imported
first. So ROOT's module gets a property for ``TMVA``, as it has for its own pythonizations, which at its first use loads the
core and attaches the parsers.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import builder, parsing, provider
from .request import Request

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence


class PyTorch:
    """The parser of PyTorch models, with the signature of ROOT's own."""

    @staticmethod
    def Parse(  # noqa: N802 - ROOT's spelling
        filename: str | os.PathLike[str],
        input_shapes: Sequence[Sequence[int | str]],
        input_dtypes: Sequence[Any] | None = None,
    ) -> Any:
        """Make an RModel of a TorchScript file; `pysofie.parse` for more."""
        from .torch import reader  # noqa: PLC0415 - only where PyTorch is

        graph = reader.read(Path(filename), Request.of(input_shapes, input_dtypes))
        return provider.rmodel(builder.recipe(parsing.prepare(graph)))


_PARSERS = {"PyTorch": PyTorch}


def attach() -> None:
    """See to it that ``ROOT.TMVA.Experimental.SOFIE`` has the parsers; without ROOT there is nothing to do."""
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
        setattr(tmva.Experimental.SOFIE, name, parser)
