"""Bad input: each kind is answered by one clear error, and nothing that a file holds is run."""

import pickle
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import nn

import pysofie
from pysofie import CaptureError, DataTypeError, ModelFileError, ShapeError, SofieError, parsing
from pysofie.request import Request, dtype_of

pytestmark = pytest.mark.torch


class Dangerous:
    """What unpickling would run."""

    def __reduce__(self):
        return (Path.touch, (Path("ran"),))


def network():
    return nn.Sequential(nn.Linear(7, 4), nn.ReLU(), nn.Linear(4, 1))


@pytest.fixture
def whole(save_torch):
    return save_torch(network()).read_bytes()


def read(path, shapes=(("batch", 7),), **request):
    return parsing.read(path, Request.of(shapes, **request))


def a_state_dict(path):
    torch.save(network().state_dict(), path)


def a_checkpoint(path):
    torch.save({"epoch": 3, "model": network().state_dict(), "losses": [0.1, 0.2]}, path)


def an_old_state_dict(path):
    torch.save(network().state_dict(), path, _use_new_zipfile_serialization=False)


def a_pickled_module(path):
    torch.save(network(), path)


def an_old_pickled_module(path):
    torch.save(network(), path, _use_new_zipfile_serialization=False)


def a_bare_pickle(path):
    path.write_bytes(pickle.dumps([1, 2, 3]))


def a_dangerous_pickle(path):
    path.write_bytes(pickle.dumps(Dangerous()))


def a_zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.txt", "hello")


def a_zip_that_looks_right(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("m/constants.pkl", b"\x80\x02).")
        archive.writestr("m/code/__torch__.py", "class")
        archive.writestr("m/data.pkl", b"nonsense")


def h5(path):
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))


# How the file is made, and what is said of it.
FILES = [
    (lambda path: path.write_bytes(b""), "is empty"),
    (lambda path: path.write_text("import torch\n"), "is no TorchScript file: it is text that begins with 'import torch'"),
    (lambda path: path.write_text(" \n\n"), "it is white space"),
    (lambda path: path.write_bytes(bytes(range(200, 256))), "it begins with the bytes c8 c9 ca cb"),
    (lambda path: path.mkdir(), "is a folder"),
    (h5, "HDF5"),
    (a_state_dict, r"holds a state_dict: weights without the network.*torch\.jit\.script\(model\.eval\(\)\)\.save\(path\)"),
    (a_checkpoint, "holds a state_dict"),
    (an_old_state_dict, "holds a state_dict"),
    (a_pickled_module, r"is a pickled module \(torch\.nn\.modules\.container\.Sequential\).*runs whatever code.*torch\.jit\.script"),
    (an_old_pickled_module, "is a pickled module"),
    (a_bare_pickle, "is a Python pickle without a network"),
    (a_dangerous_pickle, r"is a pickled module \(pathlib"),
    (a_zip, "none of PyTorch's"),
    (a_zip_that_looks_right, "cannot be loaded by PyTorch"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "message"), FILES, ids=[f"{at}-{message[:20]}" for at, (_, message) in enumerate(FILES)]
)
def test_a_file_of_another_kind_is_refused_by_its_kind(tmp_path, monkeypatch, make, message):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "model.pt"
    make(path)
    with pytest.raises(ModelFileError, match=message):
        read(path)
    assert not Path("ran").exists()
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_file_is_said_as_root_says_it(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"Model file .*absent\.pt not found!"):
        read(tmp_path / "absent.pt")
    with pytest.raises(RuntimeError, match="not found!"):
        read(tmp_path / "absent.anything")


@pytest.mark.parametrize("kept", [1, 10, 100, 0.3, 0.6, 0.9, 0.99])
def test_a_truncated_file_is_refused(tmp_path, whole, kept):
    path = tmp_path / "model.pt"
    path.write_bytes(whole[: kept if kept >= 1 else int(kept * len(whole))])
    with pytest.raises(ModelFileError, match=r"truncated or damaged|is no TorchScript file"):
        read(path)


def test_a_damaged_file_is_refused_or_harmless(tmp_path, whole, rng):
    """Bytes changed at random: an error, or a change that no part of the network is made of; never a crash."""
    path = tmp_path / "model.pt"
    refused = 0
    for _ in range(60):
        damaged = bytearray(whole)
        for at in rng.integers(len(whole), size=3):
            damaged[at] ^= int(rng.integers(1, 256))
        path.write_bytes(damaged)
        try:
            read(path)
        except SofieError:
            refused += 1
    assert refused > 30


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (None, r"give input_shapes \(--shape in the command line\), one each for input"),
        ([[2, 7], [2, 7]], r"has 1 input \(input\), 2 shapes given"),
        ([], r"has 1 input \(input\), 0 shapes given"),
        ([[2, 8]], r"cannot be run on the inputs input.1: float32\[2, 8\]: mat1 and mat2 shapes cannot be multiplied"),
        ([["batch", 8]], r"float32\[batch, 8\]: mat1 and mat2"),
        ([[]], "cannot be run"),
        ([[0, 7]], "a dimension of size 0"),
        ([[-1, 7]], "a dimension of size -1"),
        ([[None, 7]], "None is no size"),
        ([[2.5, 7]], "2.5 is no size"),
        ([[True, 7]], "True is no size"),
        ([["", 7]], "without a name"),
        ([["1.5", 7]], "'1.5' is neither a size nor a name"),
        ([["1 7"]], "'1 7' is neither a size nor a name"),
        ([[2**62, 7]], "is too large to be tried; name the dim"),
        ([[10**30, "n", 7]], "is too large to be tried"),
        (7, "7 is no list of shapes"),
    ],
    ids=str,
)
def test_shapes_that_do_not_fit_are_told(save_torch, shapes, message):
    with pytest.raises(ShapeError, match=message):
        read(save_torch(network()), shapes)


def test_a_batch_size_that_contradicts_is_told(save_torch):
    path = save_torch(network())
    assert read(path, [["n", 7]], batch_size=5).inputs[0].shape == (5, 7)
    for size, message in (
        (0, "0, which is no size"),
        ("two", "'two', which is no size"),
        (3, r"the shape \[2, 7\] begins with 2"),
    ):
        with pytest.raises(ShapeError, match=message):
            read(path, [[2, 7]], batch_size=size)


@pytest.mark.parametrize(
    ("dtypes", "message"),
    [
        (["float8"], "the input type float8 is not supported, but float32"),
        (["complex64"], "complex64"),
        ([torch.complex32], "complex32"),
        ([17], "17"),
        pytest.param([object()], "not supported", id="an object"),
        (["float32", "float32"], "1 input shapes and 2 input types"),
        (["int64"], "cannot be run on the inputs"),
        (["double"], "cannot be run on the inputs"),
        ([torch.bfloat16], "cannot be run on the inputs"),
    ],
    ids=str,
)
def test_types_that_are_not_supported_are_told(save_torch, dtypes, message):
    with pytest.raises(DataTypeError, match=message):
        read(save_torch(network()), dtypes=dtypes)


@pytest.mark.parametrize(
    ("spelling", "dtype"),
    [
        ("float", np.float32),
        ("double", np.float64),
        ("Float32", np.float32),
        ("int64_t", np.int64),
        (np.float64, np.float64),
        (np.dtype("int32"), np.int32),
        (torch.int64, np.int64),
        (torch.bool, bool),
        (1, np.float32),
        (11, np.float64),
        (bool, bool),
    ],
    ids=str,
)
def test_a_type_may_be_spelled_in_many_ways(spelling, dtype):
    assert dtype_of(spelling) == dtype


def test_inputs_and_outputs_that_are_no_tensors_are_told(save_torch):
    class Scaled(nn.Module):
        def forward(self, x, scale: float = 2.0):
            return x * scale

    class Counted(nn.Module):
        def forward(self, x):
            return x, 3

    with pytest.raises(CaptureError, match="has no forward of its own"):
        read(save_torch(nn.LSTM(7, 3)))
    with pytest.raises(ShapeError, match=r"has 1 input \(x\), 2 shapes given"):
        read(save_torch(Scaled()), [[2, 7], [1]])
    with pytest.raises(CaptureError, match="returns int; only tensors"):
        read(save_torch(Counted()))


def test_what_is_no_path_and_no_known_suffix_is_told(tmp_path):
    with pytest.raises(SofieError, match="a model of type Request is not read"):
        pysofie.parse(Request(), [[2, 7]])
    with pytest.raises(SofieError, match="state_dict cannot be given with a model of onnx"):
        pysofie.parse(onnx.ModelProto(), state_dict={})
    other = tmp_path / "model.tflite"
    other.write_bytes(b"x")
    with pytest.raises(
        ModelFileError, match=r"model\.tflite: models with the suffix '\.tflite' are not read, those with \.pt, "
    ):
        pysofie.parse(other)


def test_the_errors_are_one_family():
    for error in (
        CaptureError,
        DataTypeError,
        ModelFileError,
        ShapeError,
        pysofie.GraphError,
        pysofie.UnsupportedOperator,
    ):
        assert issubclass(error, SofieError)
    assert issubclass(SofieError, RuntimeError)
