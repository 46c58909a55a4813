"""Files by Keras 2, as Keras 3 takes them: without options that mean nothing, nested models under the numbers and names of today."""

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
_RECURRENT = frozenset({"RNN", "SimpleRNN", "LSTM", "GRU", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"})
# What can go, by classes and options, and the value with which it can.
_IDLE: tuple[tuple[frozenset[str], Mapping[str, Any]], ...] = (
    (
        _RECURRENT,
        {"time_major": False},
    ),
    (
        frozenset({"SeparableConv1D", "SeparableConv2D", "DepthwiseConv1D", "DepthwiseConv2D"}),
        {"groups": 1, "kernel_initializer": _ANY, "kernel_regularizer": None, "kernel_constraint": None},
    ),
    (frozenset({"Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"}), {"groups": 1}),
    (frozenset({"SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"}), {"noise_shape": None, "trainable": _ANY}),
    (frozenset({"Attention"}), {"score_mode": "dot"}),  # Keras 3 finds a function of this name
    (
        frozenset({"MultiHeadAttention"}),
        {"query_shape": _ANY, "key_shape": _ANY, "value_shape": _ANY, "softmax_robust_masking": False},
    ),
    (
        frozenset({"Lambda"}),
        dict.fromkeys(("function_type", "module", "output_shape_type", "output_shape_module"), _ANY),
    ),
)


@contextlib.contextmanager
def readable(path: Path) -> Iterator[Path]:
    """The file itself, or a copy of one by Keras 2 that says the same in the words of Keras 3."""
    found = _config(path)
    if found is None:
        yield path
        return
    _modernize(found)
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


def _modernize(config: Any) -> None:
    """Change a configuration in place, here and in the models and layers inside."""
    for one in config.values() if isinstance(config, dict) else config if isinstance(config, list) else ():
        _modernize(one)
    if not isinstance(config, dict) or not isinstance(config.get("config"), dict):
        return
    kind, options = str(config.get("class_name")), config["config"]
    config.pop("build_config", None)  # a layer is built when it is called
    if "module" in config and kind != "InputLayer":
        options.pop("batch_input_shape", None)  # in a wrapper, which knows it
    if kind == "Functional" and "engine" in str(config.get("module")):
        config["module"] = "keras.src.models.functional"
    if isinstance(options.get("layers"), list) and "output_layers" in options:
        _modernize_calls(options)
    idle = {name: value for classes, those in _IDLE if kind in classes for name, value in those.items()}
    for name in [name for name, value in idle.items() if name in options and value in (_ANY, options[name])]:
        del options[name]


def _modernize_calls(model: dict[str, Any]) -> None:
    """Change what a model says of the calls of its layers."""
    _renumber(model)
    for name in ("input_layers", "output_layers"):
        if len(model[name]) == 1 and isinstance(model[name][0], list):
            model[name] = model[name][0]  # one tensor, no list of one
    for layer in model["layers"]:
        kind = str(layer.get("class_name"))
        layer["inbound_nodes"] = [_call(kind, node) for node in layer.get("inbound_nodes", ())]


def _renumber(model: dict[str, Any]) -> None:
    """A nested model's first call is its second one in Keras 2, after that of its own input; in Keras 3 it is the first."""
    kinds = {
        str(one.get("name")): str(one.get("class_name")) for one in model["layers"] if "layers" in one.get("config", ())
    }
    inside = list(_references([layer.get("inbound_nodes") for layer in model["layers"]]))
    outside = list(_references(model["output_layers"]))
    first = {name: min((call[1] for call in inside + outside if call[0] == name), default=0) for name in kinds}
    for call in inside + outside:
        call[1] -= first.get(call[0], 0)
    for call in outside:
        call[1] += kinds.get(call[0]) == "Functional"  # as Keras 3 counts there


def _call(kind: str, node: Any) -> Any:
    """A call in the words of Keras 3, where it has tensors by name or as initial states, which it does not know otherwise."""
    if not isinstance(node, list) or not all(isinstance(one, list) and len(one) > 3 for one in node):
        return node
    options, tensors = node[0][3], [_tensor(one) for one in node]
    named: dict[str, Any] = {
        name: _tensor(value) for name, value in options.items() if next(_references(value), None) == value
    }
    if kind in _RECURRENT and len(tensors) > 1:
        named["initial_state"] = tensors[1:]
        tensors = tensors[:1]
    return {"args": [tensors[0] if len(tensors) == 1 else tensors], "kwargs": {**options, **named}} if named else node


def _tensor(reference: list[Any]) -> dict[str, Any]:
    history = {"shape": [None], "dtype": "float32", "keras_history": reference[:3]}
    return {"class_name": "__keras_tensor__", "config": history}


def _references(nodes: Any) -> Iterator[list[Any]]:
    """The results of layers' calls that are mentioned: a layer's name, the number of its call, that of the result."""
    if isinstance(nodes, list) and len(nodes) > 2 and isinstance(nodes[0], str) and isinstance(nodes[1], int):
        yield nodes
        nodes = nodes[3:]
    for one in nodes.values() if isinstance(nodes, dict) else nodes if isinstance(nodes, (list, tuple)) else ():
        yield from _references(one)
