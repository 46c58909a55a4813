"""Convolutions and pools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pysofie import windows
from pysofie.builder import Enum, NodeBuilder, Struct, sizes
from pysofie.errors import Refusal
from pysofie.registry import translator

if TYPE_CHECKING:
    from pysofie.values import Value
    from pysofie.windows import Window

Ints = Sequence[int]


def _spatial(x: Value) -> None:
    if not 3 <= x.rank <= 5:
        raise Refusal(f"{x.rank - 2} spatial dimensions, 1 to 3 are supported")


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
        "NOTSET",
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


@translator("MaxPool", infer=windows.pool, restrictions="1 to 3 dimensions, without the indices")
def max_pool(
    b: NodeBuilder,
    x: Value,
    *,
    kernel_shape: Ints,
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
    dilations: Ints | None = None,
    pads: Ints | None = None,
    storage_order: int = 0,  # noqa: ARG001 - of the indices only
    strides: Ints | None = None,
) -> None:
    """MaxPool(X; kernel_shape, auto_pad="NOTSET", ceil_mode=0, dilations, pads, storage_order=0, strides) -> Y."""
    window = windows.pool_window(
        x,
        kernel_shape=kernel_shape,
        auto_pad=auto_pad,
        ceil_mode=ceil_mode,
        dilations=dilations,
        pads=pads,
        strides=strides,
    )
    _pool(b, "MaxPool", x, window)


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


def _pool(b: NodeBuilder, mode: str, x: Value, window: Window, count_include_pad: int = 0) -> None:
    _spatial(x)
    attributes = Struct(
        "RAttributes_Pool",
        {
            "auto_pad": "NOTSET",
            "ceil_mode": int(window.ceil),
            "count_include_pad": count_include_pad,
            "storage_order": 0,
            "dilations": sizes(window.dilations),
            "kernel_shape": sizes(window.kernel),
            "pads": sizes(window.pads),
            "strides": sizes(window.strides),
        },
    )
    b.emit("Pool", Enum("PoolOpMode", mode), attributes, x, b.output, template=(x.dtype,))


@translator("GlobalAveragePool", infer=windows.global_pool, restrictions="1 to 3 dimensions")
def global_average_pool(b: NodeBuilder, x: Value) -> None:
    """GlobalAveragePool(X) -> Y."""
    _spatial(x)
    b.emit(
        "Pool",
        Enum("PoolOpMode", "GlobalAveragePool"),
        Struct("RAttributes_Pool", {}),
        x,
        b.output,
        template=(x.dtype,),
    )
