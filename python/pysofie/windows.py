"""Sliding windows: what Conv and the pools share, explicit paddings and the sizes that they give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import dims
from .dims import Expression, Shape, Size
from .errors import ShapeError
from .values import TensorType, Value

Ints = Sequence[int]


@dataclass(frozen=True, slots=True)
class Window:
    """Kernel, strides, dilations and explicit pads (all begins, then all ends)."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    pads: tuple[int, ...]
    ceil: bool = False
    auto_pad: str = "NOTSET"
    """Where the pads depend on named dims; `pads` are 0 then."""

    def output(self, spatial: Shape) -> Shape:
        """The spatial sizes that come out."""
        return tuple(self._one(size, axis) for axis, size in enumerate(spatial))

    def _one(self, size: Size, axis: int) -> Size:
        if self.auto_pad != "NOTSET":
            return dims.floor_divide(size + (self.strides[axis] - 1), self.strides[axis])
        begin, end = self.pads[axis], self.pads[axis + len(self.kernel)]
        stride = self.strides[axis]
        reach = self.dilations[axis] * (self.kernel[axis] - 1) + 1
        room = size + (begin + end - reach)
        if not isinstance(room, Expression) and room < 0:
            raise ShapeError(
                f"a window that reaches over {reach} does not fit in {size} with padding {begin} and {end}"
            )
        if not self.ceil:
            return dims.floor_divide(room, stride) + 1
        # Windows until one holds the last element, but none that starts in the padding behind the input, as in PyTorch and
        # onnxruntime.
        return dims.floor_divide(size + begin + min(0, end - reach + stride) + stride - 1, stride)


def window(
    spatial: Shape,
    kernel: Ints,
    *,
    strides: Ints | None = None,
    dilations: Ints | None = None,
    pads: Ints | None = None,
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
) -> Window:
    """A window with everything explicit that a node may leave to a default."""
    rank = len(kernel)
    if len(spatial) != rank:
        raise ShapeError(f"a kernel of {rank} dimensions over {dims.text(spatial)}")
    steps = tuple(strides or (1,) * rank)
    spread = tuple(dilations or (1,) * rank)
    margins = tuple(pads or (0,) * 2 * rank)
    if len(steps) != rank or len(spread) != rank or len(margins) != 2 * rank:
        raise ShapeError(
            f"strides {list(steps)}, dilations {list(spread)}, pads {list(margins)} of a kernel of {rank} dimensions"
        )
    if auto_pad in ("SAME_UPPER", "SAME_LOWER"):
        if any(isinstance(size, Expression) and step != 1 for size, step in zip(spatial, steps, strict=True)):
            return _same_later(spatial, Window(tuple(kernel), steps, spread, (0,) * 2 * rank, auto_pad=auto_pad))
        margins = _same_pads(spatial, tuple(kernel), steps, spread, upper=auto_pad == "SAME_UPPER")
    elif auto_pad == "VALID":
        margins = (0,) * 2 * rank
    elif auto_pad != "NOTSET":
        raise ShapeError(f"auto_pad '{auto_pad}'")
    return Window(tuple(kernel), steps, spread, margins, bool(ceil_mode))


def _same_later(spatial: Shape, found: Window) -> Window:
    """A window whose pads are known with the sizes."""
    for size, extent, stride, dilation in zip(spatial, found.kernel, found.strides, found.dilations, strict=True):
        reach = dilation * (extent - 1) + 1
        if isinstance(size, Expression) and 1 < reach < stride:
            raise ShapeError(
                f"auto_pad with stride {stride} over the named dim {size}, a window that reaches over {reach}"
            )
    return found


def _same_pads(spatial: Shape, kernel: Ints, strides: Ints, dilations: Ints, *, upper: bool) -> tuple[int, ...]:
    begins, ends = [], []
    for size, extent, stride, dilation in zip(spatial, kernel, strides, dilations, strict=True):
        reach = dilation * (extent - 1) + 1
        if stride == 1 or isinstance(size, Expression):
            total = reach - 1
        else:
            total = max(0, (-(-size // stride) - 1) * stride + reach - size)
        small, large = total // 2, total - total // 2
        begins.append(small if upper else large)
        ends.append(large if upper else small)
    return (*begins, *ends)


def conv_window(x: Value, w: Value, *, kernel_shape: Ints | None = None, **attributes: Any) -> Window:
    """The window of a Conv."""
    kernel = known_sizes(w.shape[2:])
    if kernel_shape is not None and tuple(kernel_shape) != kernel:
        raise ShapeError(f"kernel_shape {list(kernel_shape)} with weights {dims.text(w.shape)}")
    return window(x.shape[2:], kernel, **attributes)


def known_sizes(shape: Shape) -> tuple[int, ...]:
    """A shape that must have no names."""
    if not dims.is_known(shape):
        raise ShapeError(f"weights {dims.text(shape)} whose size is not known")
    return tuple(size for size in shape if not isinstance(size, Expression))


def conv(x: Value, w: Value, b: Value | None = None, *, group: int = 1, **attributes: Any) -> TensorType:
    """Conv."""
    if x.rank < 3 or w.rank != x.rank:
        raise ShapeError(f"{dims.text(x.shape)} with weights {dims.text(w.shape)}")
    if x.shape[1] != w.shape[1] * group:
        raise ShapeError(
            f"{x.shape[1]} channels, weights {dims.text(w.shape)} in {group} groups need {w.shape[1] * group}"
        )
    if b is not None and b.shape != w.shape[:1]:
        raise ShapeError(f"{dims.text(b.shape)} biases for {w.shape[0]} channels")
    return TensorType(x.dtype, (x.shape[0], w.shape[0], *conv_window(x, w, **attributes).output(x.shape[2:])))


def conv_transpose(
    x: Value,
    w: Value,
    b: Value | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Ints | None = None,
    group: int = 1,
    kernel_shape: Ints | None = None,
    output_padding: Ints | None = None,
    output_shape: Ints | None = None,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> TensorType:
    """ConvTranspose: a window over the output for each element of the input."""
    if x.rank < 3 or w.rank != x.rank or x.shape[1] != w.shape[0]:
        raise ShapeError(f"{dims.text(x.shape)} with weights {dims.text(w.shape)}")
    kernel, channels = known_sizes(w.shape[2:]), w.shape[1] * group
    if kernel_shape is not None and tuple(kernel_shape) != kernel:
        raise ShapeError(f"kernel_shape {list(kernel_shape)} with weights {dims.text(w.shape)}")
    if b is not None and b.shape != (channels,):
        raise ShapeError(f"{dims.text(b.shape)} biases for {channels} channels")
    rank = len(kernel)
    found = window(x.shape[2:], kernel, strides=strides, dilations=dilations, pads=pads)
    wanted = transposed_shape(output_shape, rank)
    sizes: list[Size] = []
    for axis, size in enumerate(x.shape[2:]):
        extra = tuple(output_padding or (0,) * rank)[axis]
        cut = 0 if auto_pad == "VALID" else found.pads[axis] + found.pads[axis + rank]
        if wanted:
            sizes.append(wanted[axis])
        elif auto_pad in ("SAME_UPPER", "SAME_LOWER"):
            sizes.append(size * found.strides[axis])
        else:
            reach = found.dilations[axis] * (kernel[axis] - 1) + 1
            sizes.append((size + -1) * found.strides[axis] + (reach + extra - cut))
    return TensorType(x.dtype, (x.shape[0], channels, *sizes))


def transposed_shape(output_shape: Ints | None, rank: int) -> tuple[int, ...]:
    """The spatial part of ConvTranspose's output_shape, which some exporters write with images and channels."""
    return tuple(output_shape or ())[-rank:]


def deform_conv(
    x: Value, w: Value, offset: Value, b: Value | None = None, mask: Value | None = None, **attributes: Any
) -> TensorType:
    """DeformConv."""
    del offset, mask
    attributes.pop("offset_group", None)
    return conv(x, w, b, **attributes)


def conv_integer(x: Value, w: Value, *_: Value | None, **attributes: Any) -> TensorType:
    """ConvInteger."""
    return TensorType(np.dtype(np.int32), conv(x, w, **attributes).shape)


def col2im(
    x: Value,
    image_shape: Value,
    block_shape: Value,
    *,
    dilations: Ints | None = None,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> TensorType:
    """Col2Im: images of constant size."""
    if image_shape.constant is None or block_shape.constant is None:
        raise ShapeError("image_shape or block_shape that is computed at run time")
    image, block = (tuple(int(size) for size in one.constant) for one in (image_shape, block_shape))  # type: ignore[union-attr]
    if x.rank != 3 or not block or any(size < 1 for size in (*image, *block)):
        raise ShapeError(f"{dims.text(x.shape)} with images of {list(image)} and blocks of {list(block)}")
    count = dims.count(window(image, block, strides=strides, dilations=dilations, pads=pads).output(image))
    channels = dims.divide(x.shape[1], dims.count(block))
    if channels is None or count != x.shape[2]:
        raise ShapeError(f"{dims.text(x.shape)}, not {count} blocks of {list(block)}")
    return TensorType(x.dtype, (x.shape[0], channels, *image))


def max_unpool(
    x: Value,
    indices: Value,
    output_shape: Value | None = None,
    *,
    kernel_shape: Ints,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> TensorType:
    """MaxUnpool: what MaxPool would have been given, or a larger shape."""
    if indices.shape != x.shape:
        raise ShapeError(f"indices {dims.text(indices.shape)} of {dims.text(x.shape)}")
    if output_shape is not None:
        if output_shape.constant is None:
            raise ShapeError("an output_shape that is computed at run time")
        return TensorType(x.dtype, dims.shape(output_shape.constant.tolist()))
    found = window(x.shape[2:], kernel_shape, pads=pads, strides=strides)
    rank = len(found.kernel)
    sizes = (
        (size + -1) * found.strides[at] + (found.kernel[at] - found.pads[at] - found.pads[at + rank])
        for at, size in enumerate(x.shape[2:])
    )
    return TensorType(x.dtype, (*x.shape[:2], *sizes))


def pool_window(x: Value, *, kernel_shape: Ints, **attributes: Any) -> Window:
    """The window of a pool."""
    for name in ("count_include_pad", "storage_order", "p"):
        attributes.pop(name, None)
    return window(x.shape[2:], kernel_shape, **attributes)


def pool(x: Value, **attributes: Any) -> TensorType:
    """AveragePool and LpPool."""
    return TensorType(x.dtype, (*x.shape[:2], *pool_window(x, **attributes).output(x.shape[2:])))


def max_pool(x: Value, **attributes: Any) -> tuple[TensorType, ...]:
    """MaxPool, with the places of the maxima."""
    found = pool(x, **attributes)
    return found, TensorType(np.dtype(np.int64), found.shape)


def global_pool(x: Value, **_: Any) -> TensorType:
    """The pools of whole planes."""
    if x.rank < 3:
        raise ShapeError(f"{dims.text(x.shape)}: a pool takes at least 3 dimensions")
    return TensorType(x.dtype, (*x.shape[:2], *(1 for _ in x.shape[2:])))
