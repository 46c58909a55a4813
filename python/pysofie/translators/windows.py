"""Convolutions and pools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pysofie import windows
from pysofie.builder import Enum, NodeBuilder, Struct, Vector, sizes
from pysofie.errors import Refusal
from pysofie.registry import NUMBERS, translator

if TYPE_CHECKING:
    from pysofie.values import Value
    from pysofie.windows import Window

Ints = Sequence[int]
_LARGEST_POWER = 1000  # of a norm


def _spatial(x: Value) -> None:
    if not 3 <= x.rank <= 5:
        raise Refusal(f"{x.rank - 2} spatial dimensions, 1 to 3 are supported")


def _sizes(what: str, values: Ints | None) -> Vector:
    """Sizes as an argument; negative ones are none."""
    if any(value < 0 for value in values or ()):
        raise Refusal(f"{what} {list(values or ())}, of which some are negative")
    return sizes(tuple(values or ()))


@translator("Conv", infer=windows.conv, restrictions="1 to 3 dimensions, weights of known size")
def conv(
    b: NodeBuilder,
    x: Value,
    w: Value,
    bias: Value | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Ints | None = None,
    group: int = 1,
    kernel_shape: Ints | None = None,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> None:
    """Conv(X, W, B; auto_pad="NOTSET", dilations, group=1, kernel_shape, pads, strides) -> Y."""
    _spatial(x)
    found = windows.conv_window(
        x, w, kernel_shape=kernel_shape, auto_pad=auto_pad, dilations=dilations, pads=pads, strides=strides
    )
    b.emit(
        "Conv",
        found.auto_pad,
        sizes(found.dilations),
        group,
        sizes(found.kernel),
        sizes(found.pads),
        sizes(found.strides),
        x,
        w,
        bias,
        b.output,
        template=(x.dtype,),
    )


@translator("ConvTranspose", infer=windows.conv_transpose, restrictions="1 to 3 dimensions, weights of known size")
def conv_transpose(
    b: NodeBuilder,
    x: Value,
    w: Value,
    bias: Value | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Ints | None = None,
    group: int = 1,
    kernel_shape: Ints | None = None,
    output_padding: Ints | None = None,
    output_shape: Ints | None = None,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> None:
    """ConvTranspose(X, W, B; the attributes of Conv, output_padding, output_shape) -> Y."""
    _spatial(x)
    wanted = windows.transposed_shape(output_shape, x.rank - 2)
    # What follows from auto_pad or output_shape comes before pads, which some exporters write nevertheless.
    margins = None if wanted or auto_pad != "NOTSET" else pads
    b.emit(
        "ConvTranspose",
        auto_pad,
        _sizes("dilations", dilations),
        group,
        _sizes("kernel_shape", kernel_shape),
        _sizes("output_padding", output_padding),
        _sizes("output_shape", wanted),
        _sizes("pads", margins),
        _sizes("strides", strides),
        x,
        w,
        bias,
        b.output,
        template=(x.dtype,),
    )


@translator("DeformConv", since=19, infer=windows.deform_conv, restrictions="2 dimensions, weights of known size")
def deform_conv(
    b: NodeBuilder,
    x: Value,
    w: Value,
    offset: Value,
    bias: Value | None = None,
    mask: Value | None = None,
    *,
    dilations: Ints | None = None,
    group: int = 1,
    kernel_shape: Ints | None = None,
    offset_group: int = 1,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> None:
    """DeformConv(X, W, offset, B, mask; the attributes of Conv, offset_group=1) -> Y."""
    if x.rank != 4:
        raise Refusal(f"{x.rank - 2} spatial dimensions, 2 are supported")
    b.emit(
        "DeformConv",
        _sizes("dilations", dilations),
        group,
        _sizes("kernel_shape", kernel_shape),
        offset_group,
        _sizes("pads", pads),
        _sizes("strides", strides),
        *(x, w, offset, bias, mask, b.output),
    )


@translator(
    "Col2Im", since=18, infer=windows.col2im, types=NUMBERS, restrictions="constant shapes of 1 to 3 dimensions"
)
def col2im(
    b: NodeBuilder,
    x: Value,
    image_shape: Value,
    block_shape: Value,
    *,
    dilations: Ints | None = None,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> None:
    """Col2Im(input, image_shape, block_shape; dilations, pads, strides) -> output."""
    image, block = (
        _sizes(what, b.constant_of(one).tolist())
        for what, one in (("image_shape", image_shape), ("block_shape", block_shape))
    )
    if not 1 <= len(image.items) <= 3:
        raise Refusal(f"{len(image.items)} spatial dimensions, 1 to 3 are supported")
    b.emit(
        "Col2Im",
        image,
        block,
        _sizes("dilations", dilations),
        _sizes("pads", pads),
        _sizes("strides", strides),
        x,
        b.output,
    )


@translator("MaxUnpool", since=9, infer=windows.max_unpool, restrictions="1 to 3 dimensions, constant output_shape")
def max_unpool(
    b: NodeBuilder,
    x: Value,
    indices: Value,
    output_shape: Value | None = None,
    *,
    kernel_shape: Ints,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> None:
    """MaxUnpool(X, I, output_shape; kernel_shape, pads, strides) -> Y."""
    _spatial(x)
    wanted = None if output_shape is None else b.constant_of(output_shape).tolist()
    b.emit(
        "MaxUnpool",
        _sizes("kernel_shape", kernel_shape),
        _sizes("pads", pads),
        _sizes("strides", strides),
        _sizes("output_shape", wanted),
        *(x, indices, b.output),
    )


@translator("MaxPool", infer=windows.max_pool, types=NUMBERS, restrictions="1 to 3 dimensions")
def max_pool(
    b: NodeBuilder,
    x: Value,
    *,
    kernel_shape: Ints,
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
    dilations: Ints | None = None,
    pads: Ints | None = None,
    storage_order: int = 0,
    strides: Ints | None = None,
) -> None:
    """MaxPool(X; kernel_shape, auto_pad="NOTSET", ceil_mode=0, dilations, pads, storage_order=0, strides) -> Y, Indices."""
    window = windows.pool_window(
        x,
        kernel_shape=kernel_shape,
        auto_pad=auto_pad,
        ceil_mode=ceil_mode,
        dilations=dilations,
        pads=pads,
        strides=strides,
    )
    _pool(b, "MaxPool", x, window, storage_order=storage_order)


@translator("AveragePool", infer=windows.pool, restrictions="1 to 3 dimensions")
def average_pool(
    b: NodeBuilder,
    x: Value,
    *,
    kernel_shape: Ints,
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
    count_include_pad: int = 0,
    dilations: Ints | None = None,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> None:
    """AveragePool(X; kernel_shape, auto_pad="NOTSET", ceil_mode=0, count_include_pad=0, dilations, pads, strides) -> Y."""
    window = windows.pool_window(
        x,
        kernel_shape=kernel_shape,
        auto_pad=auto_pad,
        ceil_mode=ceil_mode,
        dilations=dilations,
        pads=pads,
        strides=strides,
    )
    _pool(b, "AveragePool", x, window, count_include_pad=count_include_pad)


@translator("LpPool", since=2, infer=windows.pool, restrictions="1 to 3 dimensions")
def lp_pool(
    b: NodeBuilder,
    x: Value,
    *,
    kernel_shape: Ints,
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
    dilations: Ints | None = None,
    p: int = 2,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> None:
    """LpPool(X; kernel_shape, auto_pad="NOTSET", ceil_mode=0, dilations, p=2, pads, strides) -> Y."""
    window = windows.pool_window(
        x,
        kernel_shape=kernel_shape,
        auto_pad=auto_pad,
        ceil_mode=ceil_mode,
        dilations=dilations,
        pads=pads,
        strides=strides,
    )
    _pool(b, "LpPool", x, window, p=_power(p))


def _power(p: int) -> int:
    if not 1 <= p <= _LARGEST_POWER:
        raise Refusal(f"p {p}, 1 to {_LARGEST_POWER} are supported")
    return p


def _pool(b: NodeBuilder, mode: str, x: Value, window: Window, **more: int) -> None:
    _spatial(x)
    y, indices = b.all_outputs(2)
    attributes = Struct(
        "RAttributes_Pool",
        {
            "auto_pad": window.auto_pad,
            "ceil_mode": int(window.ceil),
            "count_include_pad": more.get("count_include_pad", 0),
            "storage_order": more.get("storage_order", 0),
            "dilations": sizes(window.dilations),
            "kernel_shape": sizes(window.kernel),
            "pads": sizes(window.pads),
            "strides": sizes(window.strides),
            **({"p": more["p"]} if "p" in more else {}),
        },
    )
    places = (indices,) if indices is not None else ()
    b.emit("Pool", Enum("PoolOpMode", mode), attributes, x, y, *places, template=(x.dtype,))


def _global(b: NodeBuilder, mode: str, x: Value, **attributes: int) -> None:
    attr = Struct("RAttributes_Pool", attributes)
    b.emit("Pool", Enum("PoolOpMode", mode), attr, x, b.output, template=(x.dtype,))


@translator("GlobalAveragePool", infer=windows.global_pool)
def global_average_pool(b: NodeBuilder, x: Value) -> None:
    """GlobalAveragePool(X) -> Y."""
    _global(b, "GlobalAveragePool", x)


@translator("GlobalMaxPool", infer=windows.global_pool)
def global_max_pool(b: NodeBuilder, x: Value) -> None:
    """GlobalMaxPool(X) -> Y."""
    _global(b, "GlobalMaxPool", x)


@translator("GlobalLpPool", since=2, infer=windows.global_pool)
def global_lp_pool(b: NodeBuilder, x: Value, *, p: int = 2) -> None:
    """GlobalLpPool(X; p=2) -> Y."""
    _global(b, "GlobalLpPool", x, p=_power(p))
