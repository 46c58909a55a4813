"""pysofie: the PyTorch, Keras and ONNX parsers for SOFIE, ROOT's generator of C++ inference code.

``pysofie.parse`` makes an RModel of a trained network; ``compile`` makes it callable, ``verify`` compares it with the
original, ``define`` puts it into an RDataFrame. ``ROOT.TMVA.Experimental.SOFIE.PyTorch.Parse`` is there as well.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from . import pythonize
from .custom import register
from .errors import (
    CaptureError,
    DataTypeError,
    GraphError,
    ModelFileError,
    ModelFileNotFoundError,
    ShapeError,
    SofieError,
    UnsupportedOperator,
)
from .parsing import parse
from .registry import translator
from .support import supported

if TYPE_CHECKING:
    from .rdataframe import define
    from .session import Session, compile
    from .verification import verify

__version__ = "0.1.0"

# Where the names are that are looked up at their first use.
_LAZY = {"Session": "session", "compile": "session", "define": "rdataframe", "verify": "verification"}

__all__ = [
    "CaptureError",
    "DataTypeError",
    "GraphError",
    "ModelFileError",
    "ModelFileNotFoundError",
    "Session",
    "ShapeError",
    "SofieError",
    "UnsupportedOperator",
    "compile",
    "define",
    "parse",
    "register",
    "supported",
    "translator",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    value = getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


pythonize.attach()
