"""Which function writes which layer or operation of Keras, found by decorator.

A converter is a function ``(walk, operation, *arguments, **keywords)``. It is called as the layer or operation was, with a
Value for each tensor, and returns Values in the structure of the original's result. What has none is traced: its own
``call`` runs on symbolic tensors, and the operations that it is made of are converted.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

from pysofie.tables import entry

Converter: TypeAlias = Callable[..., Any]

_LAYERS: dict[str, Converter] = {}
_OPERATIONS: dict[str, Converter] = {}
_FUNCTIONS: dict[str, Converter] = {}


def layer(*names: str) -> Callable[[Converter], Converter]:
    """Register a converter for classes of ``keras.layers``."""
    return entry(_LAYERS, *names)


def operation(*names: str) -> Callable[[Converter], Converter]:
    """Register a converter for classes of Keras's operations: ``keras.ops.relu`` is recorded as ``Relu``."""
    return entry(_OPERATIONS, *names)


def function(*names: str) -> Callable[[Converter], Converter]:
    """Register a converter for functions of ``keras.activations`` that cannot be traced: ``(walk, x)``."""
    return entry(_FUNCTIONS, *names)


def find_function(given: Any) -> Converter | None:
    """The converter of a function of Keras's own; None for one that is traced."""
    _discover()
    is_own = getattr(given, "__module__", "").split(".")[0] == "keras"
    return _FUNCTIONS.get(getattr(given, "__name__", "")) if is_own else None


def find(operation: Any, *, is_layer: bool) -> Converter | None:
    """The converter of an operation; a subclass has its base's where it computes as its base does."""
    _discover()
    table = _LAYERS if is_layer else _OPERATIONS
    computes = type(operation).call
    cls: Any
    for cls in type(operation).__mro__:
        if cls.__module__.split(".")[0] == "keras" and cls.__name__ in table and cls.call is computes:
            return table[cls.__name__]
    return None


@cache
def _discover() -> None:
    """Import every module of converters, once."""
    from . import converters  # noqa: PLC0415 - they import this module

    for module in pkgutil.iter_modules(converters.__path__):
        importlib.import_module(f"{converters.__name__}.{module.name}")
