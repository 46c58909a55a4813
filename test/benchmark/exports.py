"""What peers make of a case before it is timed, each in a process of its own: ``exports.py what case path options``.

PyTorch's exporters and compiler keep state and have much to say, which only matters where they fail.
"""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from networks import channels_last, find, in_torch

if TYPE_CHECKING:
    from networks import Case


def onnx(case: Case, path: str) -> None:
    """Write the network as ONNX."""
    own = in_torch(case)
    _write_onnx(own.module, own, path)


def onnx_identity(case: Case, path: str) -> None:
    """Write a network with the same input that computes nothing."""
    _write_onnx(torch.nn.Identity().eval(), case, path)


def _write_onnx(module: torch.nn.Module, case: Case, path: str) -> None:
    torch.onnx.export(module, (torch.from_numpy(case.input),), path, dynamo=True, external_data=False)


def aotinductor(case: Case, path: str, **options: Any) -> None:
    """Write AOTInductor's package with these options of the compiler."""
    own = in_torch(case)
    with torch.no_grad():
        exported = torch.export.export(own.module, (torch.from_numpy(own.input),))
        torch._inductor.aoti_compile_and_package(exported, package_path=path, inductor_configs=options)


def saved_model(case: Case, path: str) -> None:
    """Write the network as TensorFlow's SavedModel, its weights as constants."""
    network = _twin(case)
    import tensorflow as tf

    tf.saved_model.save(network, path, signatures=network.compute)


def tflite(case: Case, path: str, *, empty: bool = False) -> None:
    """Write the network, or one with the same input that computes nothing, as LiteRT's flatbuffer."""
    network = _twin(case, empty=empty)
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_concrete_functions([network.compute.get_concrete_function()], network)
    Path(path).write_bytes(converter.convert())


def _twin(case: Case, *, empty: bool = False) -> Any:
    """Return an object of TensorFlow's whose `compute` is the network; both compilers want its weights as constants.

    TensorFlow imports Keras, for the backend that is set by then.
    """
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import tensorflow as tf
    import twins
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    model = twins.identity(case) if empty else twins.twin(case)
    shape = case.shape if empty else channels_last(case).shape
    signature = [tf.TensorSpec(shape, tf.float32, name="x")]
    function = tf.function(lambda x: model(x, training=False), input_signature=signature)
    frozen = convert_variables_to_constants_v2(function.get_concrete_function())
    network = tf.Module()
    network.compute = tf.function(lambda x: frozen(x)[0], input_signature=signature)
    return network


WRITERS = {writer.__name__: writer for writer in (onnx, onnx_identity, aotinductor, saved_model, tflite)}

if __name__ == "__main__":
    torch.set_num_threads(1)
    what, case, path, options = sys.argv[1:]
    WRITERS[what](find(case), path, **ast.literal_eval(options))
