"""A ``.keras`` or ``.h5`` file, or a model in memory, to the Graph."""

from __future__ import annotations

import contextlib
import dataclasses
import warnings
import zipfile
from typing import TYPE_CHECKING, Any

from pysofie import dims, dtypes, files
from pysofie.errors import DataTypeError, ModelFileError, Refusal, ShapeError, SofieError, UnsupportedOperator

from . import exporting, lambdas, legacy, symbolic
from .walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np

    from pysofie.graph import Dim, Graph
    from pysofie.request import Request
    from pysofie.values import Value

_TYPES = {"bool", "float16", "bfloat16", "float32", "float64"} | {
    f"{u}int{n}" for u in ("", "u") for n in (8, 16, 32, 64)
}


def read(path: Path, request: Request) -> Graph:
    """Read a file that Keras has saved."""
    return graph_of(load(path, request.options.get("custom_objects")), path.name, request)


def of_live(model: Any, request: Request) -> Graph:
    """The Graph of a model in memory."""
    return graph_of(model, f"{model.name}.keras", request)


def load(path: Path, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The model in a file; pickled Python code in it is not run."""
    _check_kind(path)
    try:
        import keras
    except ImportError as error:  # of the backend, as Keras itself is there
        raise SofieError(
            f"{path} needs a backend of Keras: {files.first_line(error)}. Install it (pip install tensorflow-cpu), or name another "
            "one in KERAS_BACKEND"
        ) from error
    try:
        with _quiet(), legacy.readable(path) as file, lambdas.replaced(custom_objects or {}):
            return keras.saving.load_model(str(file), custom_objects=custom_objects, compile=False, safe_mode=True)
    except Exception as error:  # what a damaged file makes Keras, h5py and json raise is of all sorts
        raise ModelFileError(f"{path} {_why(error, path)}") from error


def graph_of(model: Any, name: str, request: Request) -> Graph:
    """The Graph of a loaded model."""
    walk = Walk()
    model = _built(model, name, request)
    symbols = list(model.inputs)
    inputs = _inputs(walk, symbols, name, request)
    try:
        with _quiet():
            outputs = _outputs(walk, model, symbols, inputs)
    except Refusal as refusal:
        walk.miss(model, refusal)
        outputs = []
    except ShapeError as error:
        free = sum(isinstance(size, dims.Expression) for one in inputs for size in one.shape[1:])
        if free < 2:
            raise
        shapes = [dims.text(one.shape) for one in inputs]
        raise ShapeError(
            f"{error}. Dims that are equal have to have one name: give input_shapes; without, they are {', '.join(shapes)}"
        ) from error
    if walk.missing:
        graph = exporting.exported(model, walk.missing, request, run)
        if graph is None:
            raise UnsupportedOperator(name, walk.missing)
        return dataclasses.replace(graph, name=name)
    return walk.graph(name, inputs, outputs).validate()


def run(model: Any, arrays: Sequence[Any]) -> list[Any]:
    """What Keras itself computes: arrays in the order of the model's inputs, arrays in the order of its outputs."""
    import keras

    tensors = [keras.ops.convert_to_tensor(array) for array in arrays]
    structure = getattr(model, "_inputs_struct", None)
    given = tensors if structure is None else keras.tree.pack_sequence_as(structure, tensors)
    with _quiet():
        results = model(given[0] if structure is None and len(given) == 1 else given, training=False)
        return [keras.ops.convert_to_numpy(one) for one in keras.tree.flatten(results)]


def _outputs(walk: Walk, model: Any, symbols: Sequence[Any], inputs: Sequence[Value]) -> list[Value]:
    import keras

    if symbolic.is_graph(model):
        return walk.run(dict(zip(map(id, symbols), inputs, strict=True)), model)
    given = keras.tree.pack_sequence_as(model._inputs_struct, list(inputs))
    found: list[Value] = keras.tree.flatten(walk.apply(model, (given,), {}))
    return found


def _check_kind(path: Path) -> None:
    files.check_readable(path)
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PK\x03\x04"):
        _check_archive(path)
    elif start != b"\x89HDF\r\n\x1a\n":
        raise ModelFileError(f"{path} is no Keras model: {files.describe(path)}")


def _check_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            damaged, names = archive.testzip(), set(archive.namelist())
    except Exception as error:  # damage can surface anywhere below zipfile: zlib.error, struct.error, OSError
        raise ModelFileError(f"{path} is truncated or damaged: {files.first_line(error)}") from error
    if damaged is not None:
        raise ModelFileError(f"{path} is damaged: the part {damaged} has a wrong checksum")
    if "config.json" not in names:
        raise ModelFileError(f"{path} is a zip archive, but none of Keras's")


def _why(error: Exception, path: Path) -> str:
    text = str(error)
    if "TFOpLambda" not in text and ("safe_mode" in text or "lambda" in text.lower()):
        named = lambdas.names(path) or ["name"]
        passed = ", ".join(f"'{name}': function" for name in named)
        return (
            f"holds pickled Python code, the function of a Lambda ({', '.join(named)}), which is not run, because it could do anything. "
            f"Pass what it computes, of keras.ops: parse(path, custom_objects={{{passed}}}). Or where you trust the file, load the model "
            "yourself, keras.saving.load_model(path, safe_mode=False), and parse that"
        )
    if "TFOpLambda" in text or "SlicingOpLambda" in text:
        return (
            "has operators on tensors as Keras 2 writes them, calls of TensorFlow's functions, which Keras 3 does not read: build the "
            "network with layers (Add, Multiply, Concatenate, a Lambda) and load its weights"
        )
    if "custom_objects" in text or "register_keras_serializable" in text:
        return (
            f"has a class or function of its own: {files.first_line(error)} Pass it: "
            "parse(path, custom_objects={'Name': Class})"
        )
    return f"cannot be loaded by Keras: {files.first_line(error)}"


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _built(model: Any, name: str, request: Request) -> Any:
    """A model that knows its inputs: one that does not is called on symbolic tensors of the shapes asked for."""
    import keras

    if not isinstance(model, keras.Model):
        raise ModelFileError(f"{name} holds a {type(model).__name__}, which is no model")
    if getattr(model, "inputs", None):
        return model
    if request.shapes is None:
        raise ShapeError(
            f"{name} does not say the shapes of its inputs; give input_shapes (--shape in the command line)"
        )
    inputs = [
        keras.Input([_size(dim) for dim in shape[1:]], batch_size=_size(shape[0]), dtype=request.dtype(at).name)
        for at, shape in enumerate(request.shapes)
    ]
    try:
        with _quiet():
            outputs = model(inputs[0] if len(inputs) == 1 else inputs)
            return keras.Model(inputs, outputs, name=model.name)
    except Exception as error:  # the user's own code
        raise ShapeError(f"{name} cannot be called on {request.shapes}: {files.first_line(error)}") from error


def _size(dim: Dim) -> int | None:
    return None if isinstance(dim, str) else dim


def _inputs(walk: Walk, symbols: Sequence[Any], name: str, request: Request) -> list[Value]:
    shapes = request.shapes
    if shapes is not None and len(shapes) != len(symbols):
        named = ", ".join(one.name for one in symbols)
        raise ShapeError(f"{name} has {len(symbols)} inputs ({named}), {len(shapes)} shapes were given")
    return [
        walk.input(symbol.name, _dtype(symbol), _shape(symbol, shapes[at] if shapes is not None else None, request))
        for at, symbol in enumerate(symbols)
    ]


def _dtype(symbol: Any) -> np.dtype[Any]:
    if symbol.dtype not in _TYPES:
        raise DataTypeError(f"the input '{symbol.name}' has type {symbol.dtype}, which is not supported")
    return dtypes.named(symbol.dtype)


def _shape(symbol: Any, asked: Sequence[Dim] | None, request: Request) -> list[Dim]:
    """The model's own shape, the free dims named, or as they were asked for."""
    own = list(symbol.shape)
    if asked is not None:
        if len(asked) != len(own) or any(size not in (None, dim) for size, dim in zip(own, asked, strict=True)):
            raise ShapeError(f"the input '{symbol.name}' has the shape {own}, it was given {list(asked)}")
        return list(asked)
    named: list[Dim] = [f"{symbol.name}_dim{at}" if size is None else size for at, size in enumerate(own)]
    if own and own[0] is None:
        named[0] = "batch" if request.batch_size is None else request.batch_size
    return named
