"""Shape inference against PyTorch and onnx, which infer independently."""

import itertools

import numpy as np
import onnx
import pytest
import torch
from onnx import helper

from pysofie import ShapeError, dims, normalizations, shapes, windows
from pysofie.values import TensorType, Value
from sliding import Axis


def value(*shape, contents=None):
    if contents is not None:
        return Value.of("c", np.asarray(contents))
    return Value("x", TensorType(np.dtype(np.float32), dims.shape(shape)))


@pytest.mark.parametrize("ceil", [False, True])
@pytest.mark.parametrize("dilation", [1, 2])
def test_pools_have_pytorchs_sizes(ceil, dilation):
    for size, kernel, stride, pad in itertools.product(range(5, 12), (2, 3), (1, 2, 3), (0, 1)):
        pool = torch.nn.MaxPool1d(kernel, stride, pad, dilation, ceil_mode=ceil)
        found = windows.pool(
            value(1, 2, size),
            kernel_shape=(kernel,),
            strides=(stride,),
            pads=(pad, pad),
            dilations=(dilation,),
            ceil_mode=int(ceil),
        )
        assert found.shape == tuple(pool(torch.zeros(1, 2, size)).shape), (size, kernel, stride, pad)


@pytest.mark.parametrize("ceil", [0, 1])
def test_the_size_of_a_pool_over_a_name_is_exact(ceil):
    for kernel, stride, pads, dilation in itertools.product(
        (2, 3), (1, 2, 3), ((0, 0), (1, 0), (0, 1), (1, 1)), (1, 2)
    ):
        attributes = {"kernel_shape": (kernel,), "strides": (stride,), "pads": pads, "dilations": (dilation,)}
        named = windows.pool(value(1, 2, "k"), **attributes, ceil_mode=ceil).shape[2]
        for size in range(5, 12):
            at = eval(str(named).replace("/", "//"), {"k": size})
            assert at == windows.pool(value(1, 2, size), **attributes, ceil_mode=ceil).shape[2], (attributes, size)
            assert at == Axis(size, kernel, stride, dilation, *pads, bool(ceil)).out


@pytest.mark.parametrize("auto_pad", ["SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"])
def test_convolutions_have_onnxs_sizes(auto_pad):
    for size, kernel, stride, dilation in itertools.product((7, 8, 10), (2, 3, 4), (1, 2, 3), (1, 2)):
        attributes = {"strides": [stride, 1], "dilations": [dilation, 1], "auto_pad": auto_pad}
        found = windows.conv(value(2, 4, size, 9), value(6, 2, kernel, 3), group=2, **attributes)
        node = helper.make_node("Conv", ["x", "w"], ["y"], group=2, **attributes)
        assert found.shape == onnx_shape(node, x=(2, 4, size, 9), w=(6, 2, kernel, 3))


def onnx_shape(node, **inputs):
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name, shape in inputs.items()],
        [helper.make_empty_tensor_value_info("y")],
    )
    inferred = onnx.shape_inference.infer_shapes(helper.make_model(graph), strict_mode=True)
    return tuple(dim.dim_value for dim in inferred.graph.output[0].type.tensor_type.shape.dim)


@pytest.mark.parametrize(
    ("left", "right"),
    [((3, 4), (4, 5)), ((2, 3, 4), (4, 5)), ((2, 1, 3, 4), (7, 4, 5)), ((4,), (4, 5)), ((2, 3, 4), (4,)), ((4,), (4,))],
)
def test_matmul_has_numpys_shape(left, right):
    assert shapes.matmul(value(*left), value(*right)).shape == np.matmul(np.zeros(left), np.zeros(right)).shape


def test_random_reshapes_agree_with_numpy(rng):
    for _ in range(100):
        shape = tuple(int(n) for n in rng.integers(1, 5, rng.integers(1, 5)))
        target = list(rng.permutation(shape))
        target[rng.integers(len(target))] = -1
        assert shapes.reshape(value(*shape), value(contents=target)).shape == np.zeros(shape).reshape(target).shape


@pytest.mark.parametrize(
    ("shape", "target", "result"),
    [
        (("batch", 3, 4), [0, -1], "[batch, 12]"),
        (("batch", 3, 4), [-1, 2], "[6*batch, 2]"),
        (("batch", "n", 4), [0, 0, 2, -1], "[batch, n, 2, 2]"),
        (("batch", 6), [-1, 3], "[2*batch, 3]"),
    ],
)
def test_reshapes_over_names(shape, target, result):
    assert dims.text(shapes.reshape(value(*shape), value(contents=target)).shape) == result


@pytest.mark.parametrize(
    ("rule", "inputs", "attributes", "message"),
    [
        (shapes.gemm, [value("b", 8), value(7, 64)], {}, r"\[b, 8\] by \[7, 64\]: 8 against 7"),
        (shapes.gemm, [value("b", 2, 8), value(8, 4)], {}, "Gemm takes matrices"),
        (shapes.gemm, [value("b", 8), value(8, 4), value(5)], {}, "do not broadcast"),
        (shapes.gemm, [value(3, 8), value(8, 1), value(4)], {}, "does not broadcast"),
        (shapes.matmul, [value(2, 3), value(4, 5)], {}, "3 against 4"),
        (shapes.broadcast, [value("batch", 3), value(2, 3)], {}, "do not broadcast"),
        (shapes.concat, [value(2, 3), value(3, 3)], {"axis": 1}, "do not join along axis 1"),
        (shapes.concat, [value(2, 3), value(2, 3)], {"axis": 2}, "axis 2 of 2"),
        (shapes.transpose, [value(2, 3)], {"perm": (0, 0)}, "no order"),
        (shapes.squeeze, [value("batch", 1)], {}, "name the axis"),
        (shapes.squeeze, [value("batch", 3), value(contents=[1])], {}, "only dimensions of size 1"),
        (shapes.reshape, [value("batch", 3), value(contents=[5, -1])], {}, "cannot become"),
        (shapes.reshape, [value(2, 3), value(contents=[-1, -1])], {}, "cannot become"),
        (shapes.batch_normalization, [value("b", 3), value(4)], {}, "3 channels"),
        (normalizations.layer, [value("b", 3), value(4)], {}, "do not broadcast"),
        (windows.conv, [value(1, 3, 5), value(2, 4, 3)], {}, "3 channels"),
        (windows.conv, [value(1, 3, 5), value(2, 3, 3, 3)], {}, "weights"),
        (windows.conv, [value(1, 3, 2), value(2, 3, 3)], {}, "does not fit"),
        (windows.pool, [value(1, 3, 5, 5)], {"kernel_shape": (2,)}, "a kernel of 1 dimensions"),
    ],
)
def test_what_does_not_fit_is_told(rule, inputs, attributes, message):
    with pytest.raises(ShapeError, match=message):
        rule(*inputs, **attributes)
