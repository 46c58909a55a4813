"""Files by Keras 2, as Keras 3 takes them: without options that it wrote and that mean nothing."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ANY = object()
# What can go, by classes and options, and the value with which it can.
_IDLE: tuple[tuple[frozenset[str], Mapping[str, Any]], ...] = (
    (
        frozenset({"RNN", "SimpleRNN", "LSTM", "GRU", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"}),
        {"time_major": False},
    ),
    (
        frozenset({"SeparableConv1D", "SeparableConv2D", "DepthwiseConv1D", "DepthwiseConv2D"}),
        {"groups": 1, "kernel_initializer": _ANY, "kernel_regularizer": None, "kernel_constraint": None},
    ),
    (frozenset({"Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"}), {"groups": 1}),
)


@contextlib.contextmanager
def readable(path: Path) -> Iterator[Path]:
    """The file itself, or a copy of one by Keras 2 without such options."""
    found = _config(path)
    if found is None or not _strip(found):
        yield path
        return
    import h5py  # noqa: PLC0415 - comes with Keras

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        shutil.copyfile(path, copy)
        with h5py.File(copy, "r+") as file:
            file.attrs["model_config"] = json.dumps(found)
        yield copy


def _config(path: Path) -> Any:
    """What a file by Keras 2 says of its model; None of any other, a damaged one included."""
    with path.open("rb") as file:
        if file.read(4) != b"\x89HDF":
            return None
    import h5py  # noqa: PLC0415 - comes with Keras

    try:
        with h5py.File(path) as file:
            version, config = (file.attrs.get(name) for name in ("keras_version", "model_config"))
    except OSError:
        return None
    is_two = version is not None and str(version).startswith("2")
    return json.loads(config) if is_two and config is not None else None


def _strip(config: Any) -> bool:
    """Take the options out, here and in the models and layers inside; whether there was any."""
    inside = config.values() if isinstance(config, dict) else config if isinstance(config, list) else ()
    changed = sum(map(_strip, inside)) > 0
    if isinstance(config, dict) and isinstance(config.get("config"), dict):
        changed = _strip_layer(str(config.get("class_name")), config["config"]) or changed
    return changed


def _strip_layer(kind: str, options: dict[str, Any]) -> bool:
    idle = {name: value for classes, those in _IDLE if kind in classes for name, value in those.items()}
    found = [name for name, value in idle.items() if name in options and (value is _ANY or options[name] == value)]
    for name in found:
        del options[name]
    return bool(found)
