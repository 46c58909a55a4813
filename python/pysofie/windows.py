"""Sliding windows: what Conv and the pools share, explicit paddings and the sizes that they give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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

    def output(self, spatial: Shape) -> Shape:
        """The spatial sizes that come out."""
        return tuple(self._one(size, axis) for axis, size in enumerate(spatial))

    def _one(self, size: Size, axis: int) -> Size:
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
        margins = _same_pads(spatial, tuple(kernel), steps, spread, upper=auto_pad == "SAME_UPPER")
    elif auto_pad == "VALID":
        margins = (0,) * 2 * rank
    elif auto_pad != "NOTSET":
        raise ShapeError(f"auto_pad '{auto_pad}'")
    return Window(tuple(kernel), steps, spread, margins, bool(ceil_mode))


def _same_pads(spatial: Shape, kernel: Ints, strides: Ints, dilations: Ints, *, upper: bool) -> tuple[int, ...]:
    begins, ends = [], []
    for size, extent, stride, dilation in zip(spatial, kernel, strides, dilations, strict=True):
        reach = dilation * (extent - 1) + 1
        if stride == 1:
            total = reach - 1
        elif isinstance(size, Expression):
            raise ShapeError(f"auto_pad with stride {stride} over the named dimension {size}")
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


def pool_window(x: Value, *, kernel_shape: Ints, **attributes: Any) -> Window:
    """The window of a pool."""
    for name in ("count_include_pad", "storage_order"):
        attributes.pop(name, None)
    return window(x.shape[2:], kernel_shape, **attributes)


def pool(x: Value, **attributes: Any) -> TensorType:
    """MaxPool and AveragePool."""
    return TensorType(x.dtype, (*x.shape[:2], *pool_window(x, **attributes).output(x.shape[2:])))


def global_pool(x: Value) -> TensorType:
    """GlobalAveragePool."""
    if x.rank < 3:
        raise ShapeError(f"{dims.text(x.shape)}: a pool takes at least 3 dimensions")
    return TensorType(x.dtype, (*x.shape[:2], *(1 for _ in x.shape[2:])))
