"""Convolutions and pools of all kinds, resampling by whole factors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie import dims
from pysofie.errors import Refusal
from pysofie.keras.layout import channels_back, channels_first, is_last
from pysofie.keras.registry import layer, operation
from pysofie.keras.writer import static

from .shaping import pad_by, repeat_each

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pysofie.dims import Size
    from pysofie.keras.walk import Walk
    from pysofie.values import Value

_ASSUMED = 64  # of a named dim, where a difference does not depend on it


def _each(sizes: Any, rank: int) -> tuple[int, ...]:
    """One number for each dimension."""
    return tuple(int(one) for one in sizes) if isinstance(sizes, (list, tuple)) else (int(sizes),) * rank


def _same(sizes: Sequence[Size], spans: Sequence[int], strides: Sequence[int]) -> tuple[list[int], list[int]]:
    """What TensorFlow's `same` pads before and after, where a window spans so much."""
    before, after = [], []
    for size, span, stride in zip(sizes, spans, strides, strict=True):
        if isinstance(size, dims.Expression):
            total = span - 1
        else:
            total = max((-(-size // stride) - 1) * stride + span - size, 0)
        before.append(total // 2)
        after.append(total - total // 2)
    return before, after


def _pads(padding: str, sizes: Sequence[Size], spans: Sequence[int], strides: Sequence[int]) -> dict[str, Any]:
    """The attribute that says so: pads, or auto_pad where they depend on a named dim."""
    match padding:
        case "same":
            for size, span, stride in zip(sizes, spans, strides, strict=True):
                if isinstance(size, dims.Expression) and 1 < span < stride:
                    raise Refusal(
                        f"padding 'same' and gaps between windows over the named dim {size}", "fix it by input_shapes"
                    )
            if any(
                isinstance(size, dims.Expression) and stride != 1 for size, stride in zip(sizes, strides, strict=True)
            ):
                return {"auto_pad": "SAME_UPPER"}
            before, after = _same(sizes, spans, strides)
            return {"pads": (*before, *after)}
        case "valid":
            return {"pads": (0,) * (2 * len(spans))}
    raise Refusal(f"padding '{padding}'")


# ---Convolutions-------------------------------------------------------------------------------------------------------------


def convolve(
    w: Walk, x: Value, weight: Value, bias: Value | None, options: Any, *, groups: int = 1, padding: str = ""
) -> Value:
    """Channels first: a Conv with the strides, dilation and padding that a layer or operation of Keras has."""
    spatial = x.rank - 2
    strides, dilations = _each(options.strides, spatial), _each(options.dilation_rate, spatial)
    kernel = tuple(static(one, "the kernel") for one in weight.shape[2:])
    spans = [(size - 1) * dilation + 1 for size, dilation in zip(kernel, dilations, strict=True)]
    pads = _pads(padding or options.padding, x.shape[2:], spans, strides)
    return w.op(
        "Conv", x, weight, bias, kernel_shape=kernel, strides=strides, dilations=dilations, group=groups, **pads
    )


def _groups(x: Value, inputs: int) -> int:
    return static(x.shape[1], "the number of channels") // inputs


def _oihw(kernel: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Keras's kernel (window, inputs, outputs) as ONNX's (outputs, inputs, window)."""
    return np.moveaxis(kernel, (-1, -2), (0, 1))


def _depthwise(kernel: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Keras's depthwise kernel (window, inputs, multiplier) as that of a Conv with a group for each input."""
    merged = kernel.reshape(*kernel.shape[:-2], 1, -1)
    return _oihw(merged)


def _causal(w: Walk, x: Value, layer: Any) -> tuple[Value, str]:
    """Causal padding is on the left alone."""
    if layer.padding != "causal":
        return x, layer.padding
    left = layer.dilation_rate[0] * (layer.kernel_size[0] - 1)
    return pad_by(w, x, [(0, 0), (0, 0), (left, 0)]), "valid"


def _bias(w: Walk, layer: Any) -> Value | None:
    return w.weight(layer.bias) if layer.use_bias else None


@layer("Conv1D", "Conv2D", "Conv3D")
def conv_layer(w: Walk, layer: Any, x: Value) -> Value:
    """A convolution, its groups by the shapes."""
    first, padding = _causal(w, channels_first(w, x, layer.data_format), layer)
    weight = w.weight(layer.kernel, _oihw, name=layer._kernel.path if hasattr(layer, "_kernel") else None)
    groups = _groups(first, static(weight.shape[1], "the kernel"))
    made = convolve(w, first, weight, _bias(w, layer), layer, groups=groups, padding=padding)
    return w.activate(layer.activation, channels_back(w, made, layer.data_format))


@layer("DepthwiseConv1D", "DepthwiseConv2D")
def depthwise_layer(w: Walk, layer: Any, x: Value) -> Value:
    """A convolution of each channel by itself."""
    first, padding = _causal(w, channels_first(w, x, layer.data_format), layer)
    made = convolve(
        w, first, w.weight(layer.kernel, _depthwise), _bias(w, layer), layer, groups=_groups(first, 1), padding=padding
    )
    return w.activate(layer.activation, channels_back(w, made, layer.data_format))


@layer("SeparableConv1D", "SeparableConv2D")
def separable_layer(w: Walk, layer: Any, x: Value) -> Value:
    """Each channel by itself, then a sum over channels."""
    first, padding = _causal(w, channels_first(w, x, layer.data_format), layer)
    deep = convolve(
        w, first, w.weight(layer.depthwise_kernel, _depthwise), None, layer, groups=_groups(first, 1), padding=padding
    )
    made = w.op("Conv", deep, w.weight(layer.pointwise_kernel, _oihw), _bias(w, layer))
    return w.activate(layer.activation, channels_back(w, made, layer.data_format))


@operation("Conv")
def conv(w: Walk, op: Any, x: Any, kernel: Any) -> Value:
    """keras.ops.conv."""
    first, weight = channels_first(w, w.tensor(x), op.data_format), w.weight(w.array(kernel), _oihw)
    made = convolve(w, first, weight, None, op, groups=_groups(first, static(weight.shape[1], "the kernel")))
    return channels_back(w, made, op.data_format)


@operation("DepthwiseConv")
def depthwise_conv(w: Walk, op: Any, x: Any, kernel: Any) -> Value:
    """keras.ops.depthwise_conv."""
    first = channels_first(w, w.tensor(x), op.data_format)
    made = convolve(w, first, w.weight(w.array(kernel), _depthwise), None, op, groups=_groups(first, 1))
    return channels_back(w, made, op.data_format)


@operation("SeparableConv")
def separable_conv(w: Walk, op: Any, x: Any, depthwise_kernel: Any, pointwise_kernel: Any) -> Value:
    """keras.ops.separable_conv."""
    first = channels_first(w, w.tensor(x), op.data_format)
    deep = convolve(w, first, w.weight(w.array(depthwise_kernel), _depthwise), None, op, groups=_groups(first, 1))
    made = w.op("Conv", deep, w.weight(w.array(pointwise_kernel), _oihw))
    return channels_back(w, made, op.data_format)


def _transposed(
    w: Walk,
    op: Any,
    x: Value,
    kernel: Any,
    bias: Value | None,
    shape_of: Callable[[Sequence[int]], Any],
    name: str | None = None,
) -> Value:
    """The gradient of a convolution: as many values are cut off each side as that convolution would have padded.

    `shape_of` tells the shape that Keras gives to the result for a shape of `x`.
    """
    first = channels_first(w, x, op.data_format)
    spatial = first.rank - 2
    strides, dilations = _each(op.strides, spatial), _each(op.dilation_rate, spatial)
    weight = w.weight(kernel, lambda array: np.moveaxis(array, (-1, -2), (0, 1)), name=name)
    window = [static(one, "the kernel") for one in weight.shape[2:]]
    spatial_axes = slice(1, -1) if is_last(op.data_format) else slice(2, None)
    assumed = [_ASSUMED if isinstance(one, dims.Expression) else one for one in x.shape]
    sizes, inputs = (tuple(one)[spatial_axes] for one in (shape_of(assumed), assumed))
    begins, ends, extra = [], [], []
    for at in range(spatial):
        span = (window[at] - 1) * dilations[at] + 1
        before, after, more = _cut(inputs[at], int(sizes[at]), span, strides[at], op.padding)
        begins.append(before)
        ends.append(after)
        extra.append(more)
    made = w.op(
        "ConvTranspose", first, weight, bias, kernel_shape=tuple(window), strides=strides, dilations=dilations,
        pads=(*begins, *ends), output_padding=tuple(extra),
    )  # fmt: skip
    return channels_back(w, made, op.data_format)


def _cut(size: int, output: int, span: int, stride: int, padding: str) -> tuple[int, int, int]:
    """What is cut off before and after, and added after, in one dimension, whatever its size."""
    full = (size - 1) * stride + span
    if padding == "valid":
        before, cut = 0, full - output
    else:
        before = max((size - 1) * stride + span - output, 0) // 2
        cut = full - output - before
    return before, max(cut, 0), max(-cut, 0)


@layer("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
def conv_transpose_layer(w: Walk, layer: Any, x: Value) -> Value:
    """With output_padding, even kernels, strides and dilation."""
    made = _transposed(w, layer, x, layer.kernel, _bias(w, layer), layer.compute_output_shape)
    return w.activate(layer.activation, made)


@operation("ConvTranspose")
def conv_transpose(w: Walk, op: Any, x: Any, kernel: Any) -> Value:
    """keras.ops.conv_transpose."""
    import keras

    given = w.tensor(x)

    def shape_of(shape: Sequence[int]) -> Any:
        return op.compute_output_spec(keras.KerasTensor(shape, given.dtype.name), kernel).shape

    return _transposed(w, op, given, w.array(kernel), None, shape_of)


# ---Pools---------------------------------------------------------------------------------------------------------------------


def _pool(w: Walk, x: Value, kind: str, op: Any) -> Value:
    first = channels_first(w, x, op.data_format)
    spatial = first.rank - 2
    window = _each(op.pool_size, spatial)
    strides = window if op.strides is None else _each(op.strides, spatial)
    pads = _pads(op.padding, first.shape[2:], window, strides)
    made = w.op(kind, first, kernel_shape=window, strides=strides, **pads)
    return channels_back(w, made, op.data_format)


@layer("MaxPooling1D", "MaxPooling2D", "MaxPooling3D")
def max_pool_layer(w: Walk, layer: Any, x: Value) -> Value:
    """The largest of each window."""
    return _pool(w, x, "MaxPool", layer)


@layer("AveragePooling1D", "AveragePooling2D", "AveragePooling3D")
def average_pool_layer(w: Walk, layer: Any, x: Value) -> Value:
    """The mean of each window, padding left out."""
    return _pool(w, x, "AveragePool", layer)


@operation("MaxPool")
def max_pool(w: Walk, op: Any, x: Any) -> Value:
    """keras.ops.max_pool."""
    return _pool(w, w.tensor(x), "MaxPool", op)


@operation("AveragePool")
def average_pool(w: Walk, op: Any, x: Any) -> Value:
    """keras.ops.average_pool."""
    return _pool(w, w.tensor(x), "AveragePool", op)


_GLOBAL = {f"Global{kind}Pooling{rank}D": kind for kind in ("Average", "Max") for rank in (1, 2, 3)}


@layer(*_GLOBAL)
def global_pool(w: Walk, layer: Any, x: Value, mask: Any = None) -> Value:
    """Mean or maximum of everything but batch and channels; of what is not masked, where there is a mask."""
    kind = _GLOBAL[type(layer).__name__]
    last = is_last(layer.data_format)
    if mask is not None:
        return _masked_mean(w, layer, x, mask)
    axes = range(1, x.rank - 1) if last else range(2, x.rank)
    return w.reduce("Mean" if kind == "Average" else "Max", x, list(axes), keepdims=layer.keepdims)


def _masked_mean(w: Walk, layer: Any, x: Value, mask: Value) -> Value:
    axis = 1 if is_last(layer.data_format) else 2
    weights = w.unsqueeze(w.cast(mask, x.dtype), 2 if axis == 1 else 1)
    total = w.reduce("Sum", w.op("Mul", x, weights), [axis], keepdims=layer.keepdims)
    return w.op("Div", total, w.reduce("Sum", weights, [axis], keepdims=layer.keepdims))


_ADAPTIVE = {f"Adaptive{kind}Pooling{rank}D": kind for kind in ("Average", "Max") for rank in (1, 2, 3)}


@layer(*_ADAPTIVE)
def adaptive_pool_layer(w: Walk, layer: Any, x: Value) -> Value:
    """So many windows, as equal as can be."""
    return _adaptive(w, x, _ADAPTIVE[type(layer).__name__], layer)


@operation("AdaptiveAveragePool", "AdaptiveMaxPool")
def adaptive_pool(w: Walk, op: Any, x: Any) -> Value:
    """keras.ops.adaptive_average_pool and adaptive_max_pool."""
    return _adaptive(w, w.tensor(x), "Max" if "Max" in type(op).__name__ else "Average", op)


def _adaptive(w: Walk, x: Value, kind: str, op: Any) -> Value:
    """One axis after the other: window i of n over a length goes from floor(i * length / n) to ceil((i + 1) * length / n)."""
    first = 1 if is_last(op.data_format) else 2
    reduction = "Mean" if kind == "Average" else "Max"
    for axis, count in enumerate(_each(op.output_size, x.rank - 2), first):
        length = static(x.shape[axis], "what is pooled")
        parts = [
            w.reduce(
                reduction, w.slice(x, axis, at * length // count, -(-(at + 1) * length // count)), [axis], keepdims=True
            )
            for at in range(count)
        ]
        x = w.op("Concat", *parts, axis=axis)
    return x


# ---Resampling----------------------------------------------------------------------------------------------------------------


@operation("Resize")
def resize(w: Walk, op: Any, x: Any) -> Value:
    """keras.ops.image.resize."""
    if op.crop_to_aspect_ratio or op.pad_to_aspect_ratio:
        raise Refusal("a resize that keeps the aspect ratio")
    return resample(w, w.tensor(x), op.size, op.interpolation, op.data_format, antialias=op.antialias)


def resample(
    w: Walk, x: Value, size: Sequence[int], interpolation: str, data_format: Any, *, antialias: bool = False
) -> Value:
    """An image of another height and width."""
    if antialias or interpolation not in ("nearest", "bilinear", "bicubic"):
        raise Refusal(f"interpolation '{interpolation}'{' with antialias' * antialias}")
    if x.dtype.kind != "f" and interpolation != "nearest":
        raise Refusal(f"interpolation '{interpolation}' of integers")
    first = channels_first(w, x if x.rank == 4 else w.unsqueeze(x, 0), data_format)
    if interpolation == "bicubic":
        made = _cubic(w, first, size)
    else:
        mode = (
            {"mode": "linear"}
            if interpolation == "bilinear"
            else {"mode": "nearest", "nearest_mode": "round_prefer_ceil"}
        )
        sizes = w.sizes((*first.shape[:2], *size), first)
        made = w.op("Resize", first, None, None, sizes, coordinate_transformation_mode="half_pixel", **mode)
    back = channels_back(w, made, data_format)
    return back if x.rank == 4 else w.squeeze(back, 0)


def _cubic(w: Walk, x: Value, size: Sequence[int]) -> Value:
    """A product with the weights of the rows, and one with those of the columns."""
    rows, columns = (
        _cubic_weights(static(own, "the image"), wanted).astype(x.dtype)
        for own, wanted in zip(x.shape[2:], size, strict=True)
    )
    return w.op("MatMul", rows, w.op("MatMul", x, np.ascontiguousarray(columns.T)))


def _cubic_weights(size: int, wanted: int) -> np.ndarray[Any, Any]:
    """What each of the new pixels takes of the old ones. TensorFlow looks its weights up in a table of 1024 distances."""
    import keras

    place = (np.arange(wanted) + 0.5) * size / wanted - 0.5
    base = np.floor(place)
    distance = place - base
    if keras.backend.backend() == "tensorflow":
        distance = np.rint(distance * 1024) / 1024
    weights = np.zeros((wanted, size))
    for at in range(-1, 3):
        source = base.astype(int) + at
        inside = (source >= 0) & (source < size)
        weights[np.arange(wanted)[inside], source[inside]] += _keys(np.abs(distance - at))[inside]
    normalised: np.ndarray[Any, Any] = weights / weights.sum(axis=1, keepdims=True)
    return normalised


def _keys(t: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Keys' cubic kernel with a = -0.5."""
    near = (1.5 * t - 2.5) * t * t + 1
    far = ((-0.5 * t + 2.5) * t - 4) * t + 2
    return np.where(t <= 1, near, np.where(t < 2, far, 0.0))


@layer("UpSampling1D", "UpSampling3D")
def up_sampling(w: Walk, layer: Any, x: Value) -> Value:
    """Each element repeated."""
    first = 2 if getattr(layer, "data_format", "") == "channels_first" else 1
    for axis, times in enumerate(_each(layer.size, x.rank - 2), first):
        x = repeat_each(w, x, axis, times)
    return x
