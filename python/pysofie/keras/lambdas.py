"""Lambda layers of pickled Python code: which a file has, and functions of the user's in their place."""

from __future__ import annotations

import contextlib
import json
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# What goes with a function as it is written in a file, in Keras 3 and in Keras 2.
_OF_THE_FILE = ("function", "output_shape", "function_type", "module", "output_shape_type", "output_shape_module")


def names(path: Path) -> list[str]:
    """The names of the Lambda layers in a file whose functions are pickled code."""
    with contextlib.suppress(OSError, ValueError, KeyError, zipfile.BadZipFile):
        return sorted(set(_found(_config(path))))
    return []


@contextlib.contextmanager
def replaced(functions: Mapping[str, Any]) -> Iterator[None]:
    """Give a Lambda layer of pickled code the function of the layer's name; its own code is not looked at."""
    import keras

    cls = keras.layers.Lambda
    own = vars(cls)["from_config"]

    def from_config(cls: Any, config: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        function = functions.get(str(config.get("name")))
        if not callable(function) or not _is_pickled(config.get("function")):
            return own.__func__(cls, config, *args, **kwargs)
        rest = {name: value for name, value in config.items() if name not in _OF_THE_FILE}
        return cls(function, **rest)

    cls.from_config = classmethod(from_config)
    try:
        yield
    finally:
        cls.from_config = own


def _is_pickled(function: Any) -> bool:
    """As Keras 3 writes it, or as Keras 2 did: a list of code, defaults and closure."""
    return isinstance(function, list) or (isinstance(function, dict) and function.get("class_name") == "__lambda__")


def _config(path: Path) -> Any:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read("config.json"))
    import h5py  # noqa: PLC0415 - comes with Keras

    with h5py.File(path) as file:
        return json.loads(file.attrs["model_config"])


def _found(config: Any) -> Iterator[str]:
    inside = config.values() if isinstance(config, dict) else config if isinstance(config, list) else ()
    for one in inside:
        yield from _found(one)
    options = config.get("config") if isinstance(config, dict) else None
    if isinstance(options, dict) and _is_pickled(options.get("function")) and config.get("class_name") == "Lambda":
        yield str(options.get("name"))
