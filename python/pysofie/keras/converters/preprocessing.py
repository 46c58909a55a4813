"""Layers that prepare data: with statistics, bins and vocabularies; for images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie.errors import Refusal
from pysofie.keras.layout import is_last
from pysofie.keras.registry import layer
from pysofie.keras.writer import static

from .shaping import pad_by
from .windows import resample

if TYPE_CHECKING:
    from pysofie.keras.walk import Walk
    from pysofie.values import Value


# ---Numbers-------------------------------------------------------------------------------------------------------------------


@layer("Normalization")
def normalization(w: Walk, layer: Any, x: Value) -> Value:
    """By mean and variance that were given, or that `adapt` has found; or back."""
    import keras

    given = w.cast(x, layer.compute_dtype)
    mean = w.array(layer.mean).astype(given.dtype)
    width = np.maximum(np.sqrt(w.array(layer.variance)), keras.config.epsilon()).astype(given.dtype)
    if layer.invert:
        return w.op("Add", w.op("Mul", given, width), mean)
    return w.op("Div", w.op("Sub", given, mean), width)


@layer("Rescaling")
def rescaling(w: Walk, layer: Any, x: Value) -> Value:
    """Times a scale, plus an offset."""
    import keras

    given = w.cast(x, layer.compute_dtype)
    scale, offset = (np.asarray(one, given.dtype) for one in (layer.scale, layer.offset))
    if scale.ndim and keras.config.image_data_format() == "channels_first":
        scale = scale.reshape(*scale.shape, *(1,) * (3 - scale.ndim))
    return w.op("Add", w.op("Mul", given, scale), offset)


@layer("Discretization")
def discretization(w: Walk, layer: Any, x: Value) -> Value:
    """The number of the bin."""
    if layer.bin_boundaries is None:
        raise Refusal("it has no bins: neither bin_boundaries nor adapt has given any")
    edges = np.asarray(layer.bin_boundaries, x.dtype if x.dtype.kind == "f" else np.float32)
    given = w.cast(x, edges.dtype)
    above = w.op("GreaterOrEqual", w.unsqueeze(given, x.rank), edges)
    bins = w.reduce("Sum", w.cast(above, np.int32), [x.rank])
    return _encode(w, layer, bins, len(edges) + 1)


@layer("CategoryEncoding")
def category_encoding(w: Walk, layer: Any, x: Value, count_weights: Value | None = None) -> Value:
    """A one, or a count, for each category."""
    return _encode(w, layer, x if x.dtype.kind in "iu" else w.cast(x, np.int32), layer.num_tokens, count_weights)


@layer("IntegerLookup")
def integer_lookup(w: Walk, layer: Any, x: Value) -> Value:
    """The place in the vocabulary."""
    if layer.invert or layer.num_oov_indices != 1 or layer.output_mode == "tf_idf":
        raise Refusal("a lookup backwards, with tf_idf, or with a number of out-of-vocabulary indices other than 1")
    words = np.asarray(layer.get_vocabulary(), np.int64)
    unknown = 0 if layer.mask_token is None else 1
    equal = w.op("Equal", w.unsqueeze(w.cast(x, np.int64), x.rank), words)
    places = np.arange(len(words), dtype=np.int64)
    place = w.reduce("Max", w.op("Where", equal, places, np.array(unknown, np.int64)), [x.rank])
    if layer.mask_token is not None:
        place = w.op("Where", w.op("Equal", w.cast(x, np.int64), words[:1]), np.array(0, np.int64), place)
    return _encode(w, layer, place, len(words), dtype=np.int64)


def _encode(w: Walk, layer: Any, index: Value, depth: int, weights: Value | None = None, dtype: Any = None) -> Value:
    """The index itself, a one in its place, or ones and counts of a sample's indices together."""
    if layer.sparse:
        raise Refusal("sparse results")
    dtype = np.dtype(dtype or w.dtype)
    if layer.output_mode == "int":
        return w.op("Identity", index) if index.dtype == dtype else w.cast(index, dtype)
    if layer.output_mode == "one_hot" and index.rank > 1 and index.shape[-1] == 1:
        index = w.squeeze(index, index.rank - 1)
    ones = w.cast(w.op("Equal", w.unsqueeze(index, index.rank), np.arange(depth, dtype=index.dtype)), dtype)
    if weights is not None:
        ones = w.op("Mul", ones, w.unsqueeze(w.cast(weights, dtype), weights.rank))
    if layer.output_mode == "one_hot":
        return ones
    kind = "Max" if layer.output_mode == "multi_hot" else "Sum"
    return w.reduce(kind, ones, [1 if index.rank > 1 else 0])


# ---Images--------------------------------------------------------------------------------------------------------------------


@layer("RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast", "RandomBrightness", "RandomShear",
       "RandomHue", "RandomSaturation", "RandomSharpness", "RandomGrayscale", "RandomColorJitter", "RandomColorDegeneration",
       "RandomPosterization", "RandomErasing", "RandomGaussianBlur", "RandomPerspective", "RandomElasticTransform", "RandomInvert",
       "RandomCrop", "MaxNumBoundingBoxes", "AugMix", "CutMix", "MixUp", "RandAugment", "Solarization")  # fmt: skip
def augmentation(w: Walk, layer: Any, x: Any) -> Value:
    """What changes images in training alone."""
    return w.op("Identity", _one_image(x))


def _one_image(x: Any) -> Value:
    if isinstance(x, dict):
        raise Refusal("images with labels or boxes in a dictionary")
    value: Value = x
    return value


@layer("AutoContrast")
def auto_contrast(w: Walk, layer: Any, x: Any) -> Value:
    """Each channel of each image stretched over all of the range."""
    image = w.cast(_one_image(x), layer.compute_dtype)
    low, high = (float(one) for one in layer.value_range)
    axes = [1, 2] if is_last(layer.data_format) else [2, 3]
    least = w.reduce("Min", image, axes, keepdims=True)
    width = w.op("Sub", w.reduce("Max", image, axes, keepdims=True), least)
    flat = w.op("Equal", width, w.number(0, image))
    scale = w.op("Div", w.number(high - low, image), w.op("Where", flat, w.number(1, image), width))
    stretched = w.op("Add", w.op("Mul", w.op("Sub", image, least), scale), w.number(low, image))
    return w.op("Where", flat, image, w.op("Clip", stretched, w.number(low, image), w.number(high, image)))


@layer("Resizing")
def resizing(w: Walk, layer: Any, x: Any) -> Value:
    """Another height and width, of all of the image or of the part with that ratio."""
    image = w.cast(_one_image(x), layer.compute_dtype)
    size = (int(layer.height), int(layer.width))
    if layer.crop_to_aspect_ratio:
        image = _cropped_to_ratio(w, image, size, layer.data_format)
    elif layer.pad_to_aspect_ratio:
        image = _padded_to_ratio(w, image, size, layer)
    return resample(w, image, size, layer.interpolation, layer.data_format, antialias=layer.antialias)


@layer("CenterCrop")
def center_crop(w: Walk, layer: Any, x: Any) -> Value:
    """The middle; of an image that is too small, the part with the ratio, made larger."""
    image = w.cast(_one_image(x), layer.compute_dtype)
    wanted = (int(layer.height), int(layer.width))
    own = _height_and_width(image, layer.data_format)
    if all(one >= target for one, target in zip(own, wanted, strict=True)):
        starts = tuple((one - target) // 2 for one, target in zip(own, wanted, strict=True))
        return _part(w, image, starts, wanted, layer.data_format)
    return resample(w, _cropped_to_ratio(w, image, wanted, layer.data_format), wanted, "bilinear", layer.data_format)


def _first(x: Value, data_format: Any) -> int:
    return x.rank - 3 if is_last(data_format) else x.rank - 2


def _height_and_width(x: Value, data_format: Any) -> tuple[int, int]:
    first = _first(x, data_format)
    return static(x.shape[first], "the height"), static(x.shape[first + 1], "the width")


def _part(w: Walk, x: Value, starts: tuple[int, ...], sizes: tuple[int, ...], data_format: Any) -> Value:
    for axis, (start, size) in enumerate(zip(starts, sizes, strict=True), _first(x, data_format)):
        x = w.slice(x, axis, start, start + size)
    return x


def _matching(own: tuple[int, int], wanted: tuple[int, int]) -> tuple[int, int]:
    """The height that goes with the image's width, and the width that goes with its height."""
    (height, width), (target_height, target_width) = own, wanted
    return int(float(width * target_height) / target_width), int(float(height * target_width) / target_height)


def _cropped_to_ratio(w: Walk, x: Value, wanted: tuple[int, int], data_format: Any) -> Value:
    own = _height_and_width(x, data_format)
    sizes = tuple(max(min(one, match), 1) for one, match in zip(own, _matching(own, wanted), strict=True))
    starts = tuple(int((one - size) / 2) for one, size in zip(own, sizes, strict=True))
    return _part(w, x, starts, sizes, data_format)


def _padded_to_ratio(w: Walk, x: Value, wanted: tuple[int, int], layer: Any) -> Value:
    own = _height_and_width(x, layer.data_format)
    sizes = [max(one, match) for one, match in zip(own, _matching(own, wanted), strict=True)]
    margins = [(int((size - one) / 2),) * 2 for one, size in zip(own, sizes, strict=True)]
    first = _first(x, layer.data_format)
    around = [(0, 0)] * first + margins + [(0, 0)] * (x.rank - first - 2)
    return pad_by(w, x, around, value=layer.fill_value)
