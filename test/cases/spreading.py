"""Convolutions turned around and bent, pools with places, products of integers."""

from __future__ import annotations

from typing import Any

import numpy as np

import sliding

from . import Array, Case, Shape, numbers


def transposed(
    x: Shape, w: tuple[int, ...], id: str, *, bias: bool = True, dtype: str = "float32", **attributes: Any
) -> Case:
    weights = {"w": numbers(-1, 1, *w, dtype=dtype)}
    group = attributes.get("group", 1)
    if bias:
        weights["b"] = numbers(-1, 1, w[1] * group, dtype=dtype)

    def reference(x: Array, w: Array, b: Array | None = None) -> Array:
        axes = sliding.transposed_axes(x.shape[2:], w.shape[2:], attributes)
        return sliding.spread(x, w, b, axes, group)

    tolerance = 4e-6 if dtype == "float32" else 0
    return Case(
        "ConvTranspose", {"x": x}, attributes, weights, dtype=dtype, id=id, reference=reference, tolerance=tolerance
    )


def transposes() -> list[Case]:
    return [
        transposed((2, 3, 7), (3, 5, 4), "line"),
        transposed((1, 3, 5, 6), (3, 4, 3, 2), "plane", bias=False),
        transposed((1, 2, 3, 4, 5), (2, 3, 2, 1, 3), "volume", strides=[2, 1, 3], pads=[1, 0, 2, 0, 0, 1]),
        transposed((2, 3, 5, 40), (3, 4, 3, 3), "strides", strides=[2, 3]),
        transposed((1, 3, 5, 6), (3, 4, 3, 3), "pads", strides=[3, 2], pads=[1, 2, 0, 1]),
        transposed((1, 3, 5, 6), (3, 4, 3, 3), "output_padding", strides=[3, 2], output_padding=[2, 1], pads=[1, 1, 1, 1]),
        transposed((1, 3, 3, 3), (3, 2, 3, 3), "output_shape", strides=[3, 2], output_shape=[10, 8]),
        transposed((1, 3, 3, 4), (3, 2, 4, 3), "smaller_output_shape", strides=[2, 2], output_shape=[5, 8], auto_pad="SAME_UPPER"),
        transposed((1, 3, 5, 6), (3, 2, 4, 3), "same_upper", strides=[2, 2], auto_pad="SAME_UPPER"),
        transposed((1, 3, 5, 6), (3, 2, 4, 3), "same_lower", strides=[3, 2], auto_pad="SAME_LOWER"),
        transposed((1, 3, 5, 6), (3, 2, 4, 3), "valid", auto_pad="VALID"),
        transposed((2, 6, 5, 7), (6, 4, 3, 2), "groups", group=3, dilations=[2, 3], strides=[1, 2]),
        transposed((1, 5, 9, 9), (5, 1, 3, 3), "depthwise", group=5, strides=[2, 2], pads=[1, 1, 1, 1]),
        transposed((1, 3, 5, 6), (3, 2, 1, 1), "strides_wider_than_the_window", strides=[3, 2]),
        transposed((1, 2, 5, 6), (2, 3, 3, 3), "double", dtype="float64", strides=[2, 1]),
        transposed(("batch", 2, 5, 6), (2, 3, 3, 3), "batch", strides=[2, 2], pads=[1, 1, 1, 1]),
        transposed((2, 2, "lines", "columns"), (2, 3, 3, 2), "named", strides=[2, 2], pads=[1, 0, 0, 1]),
        transposed((2, 2, "lines", 5), (2, 3, 3, 2), "named_same", strides=[2, 2], auto_pad="SAME_UPPER"),
        Case(
            "ConvTranspose",
            {"x": (2, 3, 4), "w": (3, 5, 2), "b": (5,)},
            id="weights_at_run_time",
            reference=lambda x, w, b: sliding.spread(x, w, b, sliding.transposed_axes(x.shape[2:], w.shape[2:], {})),
            tolerance=2e-6,
        ),
    ]  # fmt: skip


def pools() -> list[Case]:
    def lp(x: Shape, id: str, dtype: str = "float32", **attributes: Any) -> Case:
        def reference(x: Array) -> Array:
            axes = sliding.axes_of(x.shape[2:], attributes["kernel_shape"], attributes)
            return sliding.norm(x, axes, attributes.get("p", 2))

        return Case("LpPool", {"x": x}, attributes, dtype=dtype, id=id, reference=reference)

    def places(x: Shape | Array, id: str, dtype: str = "float32", **attributes: Any) -> Case:
        def reference(x: Array) -> tuple[Array, Array]:
            axes = sliding.axes_of(x.shape[2:], attributes["kernel_shape"], attributes)
            return sliding.largest_at(x, axes, "F" if attributes.get("storage_order") else "C")

        return Case("MaxPool", {"x": x}, attributes, outputs=2, dtype=dtype, id=f"places_{id}", reference=reference)

    def whole(op: str, function: Any, x: Shape, id: str, dtype: str = "float32", **attributes: Any) -> Case:
        def reference(x: Array) -> Array:
            return function(x.reshape(*x.shape[:2], -1)).reshape(*x.shape[:2], *[1] * (x.ndim - 2))

        return Case(op, {"x": x}, attributes, dtype=dtype, id=id, reference=reference)

    def powers(p: int) -> Any:
        return lambda x: (np.abs(x) ** p).sum(-1) ** (1 / p)

    equals = numbers(0, 3, 2, 3, 9, 8)
    return [
        lp((2, 3, 19), "line", kernel_shape=[4], strides=[2]),
        lp((1, 3, 12, 35), "pads", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        lp((1, 3, 12, 13), "p_1", kernel_shape=[3, 2], p=1),
        lp((1, 3, 12, 13), "p_3", kernel_shape=[3, 2], p=3, strides=[2, 2], ceil_mode=1),
        lp((1, 2, 5, 6, 7), "volume", kernel_shape=[2, 3, 2], dilations=[2, 1, 2]),
        lp(("batch", 2, 6, 7), "batch", "float64", kernel_shape=[2, 3], auto_pad="SAME_UPPER"),
        places((2, 3, 19), "line", kernel_shape=[3], strides=[2]),
        places(np.round(equals).astype("float32"), "equals", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        places((2, 3, 9, 8), "by_columns", kernel_shape=[3, 2], strides=[2, 2], storage_order=1),
        places((1, 2, 5, 6, 7), "volume_by_columns", kernel_shape=[2, 1, 3], storage_order=1, dilations=[2, 1, 2]),
        places((1, 2, 5, 6, 1), "merged", kernel_shape=[2, 3, 1]),
        places(("batch", 2, 6, 7), "batch", "float64", kernel_shape=[2, 3], ceil_mode=1, strides=[2, 2]),
        places(numbers(0, 256, 1, 2, 9, 8, dtype="uint8"), "bytes", "uint8", kernel_shape=[3, 2], strides=[2, 3]),
        Case("MaxPool", {"x": (1, 2, 9, 37)}, {"kernel_shape": [3, 3]}, dtype="int8", reference=lambda x: sliding.largest(x, sliding.axes_of(x.shape[2:], [3, 3], {}))),
        whole("GlobalMaxPool", lambda x: x.max(-1), (2, 3, 19), "line"),
        whole("GlobalMaxPool", lambda x: x.max(-1), ("batch", 3, 5, 7), "batch"),
        whole("GlobalMaxPool", lambda x: x.max(-1), (2, 3, "lines", 7, 2), "named", "float64"),
        whole("GlobalLpPool", powers(2), (2, 3, 5, 7), "plane"),
        whole("GlobalLpPool", powers(1), (2, 3, 67), "p_1", p=1),
        whole("GlobalLpPool", powers(3), ("batch", 3, 5, 7), "p_3", "float64", p=3),
    ]  # fmt: skip


def unpools() -> list[Case]:
    def case(
        id: str, x: Shape, shape: tuple[int, ...], output: tuple[int, ...] | None = None, **attributes: Any
    ) -> Case:
        count = int(np.prod([size for size in x if isinstance(size, int)]))
        most = int(np.prod(shape))
        where = np.random.default_rng(7).permutation(most)[:count].reshape(x).astype("int64")

        def reference(x: Array, indices: Array, _: Array | None = None) -> Array:
            y = np.zeros(most)
            y[indices.ravel()] = x.ravel()
            y = y.reshape(shape)
            return y if output is None else np.pad(y, [(0, b - a) for a, b in zip(shape, output, strict=True)])

        weights = {} if output is None else {"shape": np.array(output)}
        return Case("MaxUnpool", {"x": x, "i": where}, attributes, weights, id=id, reference=reference)

    return [
        case("plane", (1, 2, 3, 4), (1, 2, 6, 8), kernel_shape=[2, 2], strides=[2, 2]),
        case("line", (2, 3, 4), (2, 3, 6), kernel_shape=[3], pads=[0, 0]),
        case("pads", (2, 1, 4, 5), (2, 1, 6, 13), kernel_shape=[2, 3], strides=[2, 3], pads=[1, 1, 1, 1]),
        case("larger", (1, 2, 2, 3), (1, 2, 4, 6), (1, 2, 5, 8), kernel_shape=[2, 2], strides=[2, 2]),
        case("volume", (1, 2, 2, 3, 2), (1, 2, 4, 3, 4), kernel_shape=[2, 1, 2], strides=[2, 1, 2]),
    ]


def col2im() -> list[Case]:
    def case(
        x: Shape, image: tuple[int, ...], block: tuple[int, ...], id: str, dtype: str = "float32", **attributes: Any
    ) -> Case:
        axes = sliding.axes_of(image, block, attributes)

        def reference(x: Array, *_: Array) -> Array:
            taps = int(np.prod(block))
            return sliding.fold(x.reshape(x.shape[0], -1, taps, *(axis.out for axis in axes)), axes)

        weights = {"image": np.array(image), "block": np.array(block)}
        return Case("Col2Im", {"x": x}, attributes, weights, dtype=dtype, id=id, reference=reference)

    return [
        case((2, 15, 4), (2, 10), (1, 5), "apart", strides=[1, 5]),
        case((2, 18, 24), (5, 10), (2, 3), "overlapping", pads=[0, 0, 0, 0], strides=[1, 1], dilations=[1, 2]),
        case((1, 12, 9), (5, 6), (2, 2), "pads", pads=[1, 0, 1, 0], strides=[2, 1], dilations=[1, 3]),
        case((1, 6, 17), (19,), (3,), "line"),
        case((1, 16, 24), (3, 4, 5), (2, 2, 2), "volume"),
        case(("batch", 12, 20), (5, 6), (2, 2), "batch", "float64"),
        case((2, 12, 20), (5, 6), (2, 2), "integers", "int32"),
    ]  # fmt: skip


def bent(x: Array, w: Array, offset: Array, b: Array | None, mask: Array | None, attributes: dict[str, Any]) -> Array:
    """DeformConv by its definition."""
    axes = sliding.axes_of(x.shape[2:], w.shape[2:], attributes)
    group, offset_group = attributes.get("group", 1), attributes.get("offset_group", 1)
    taps = w.shape[2] * w.shape[3]
    places = offset.reshape(x.shape[0], offset_group, taps, 2, axes[0].out, axes[1].out)
    factors = np.ones_like(places[:, :, :, 0]) if mask is None else mask.reshape(places[:, :, :, 0].shape)
    y = np.zeros((x.shape[0], w.shape[0], axes[0].out, axes[1].out))

    def read(plane: Array, row: float, column: float) -> float:
        total = 0.0
        for r in (int(np.floor(row)), int(np.floor(row)) + 1):
            for c in (int(np.floor(column)), int(np.floor(column)) + 1):
                if 0 <= r < plane.shape[0] and 0 <= c < plane.shape[1]:
                    total += plane[r, c] * (1 - abs(row - r)) * (1 - abs(column - c))
        return total

    for n, m, i, j in np.ndindex(y.shape):
        for k in range(w.shape[1]):
            c = m // (w.shape[0] // group) * w.shape[1] + k
            o = c // (x.shape[1] // offset_group)
            for t in range(taps):
                row, column = (
                    at * axis.stride + tap * axis.dilation - axis.begin + places[n, o, t, d, i, j]
                    for d, (at, tap, axis) in enumerate(zip((i, j), divmod(t, w.shape[3]), axes, strict=True))
                )
                y[n, m, i, j] += w[m, k].ravel()[t] * factors[n, o, t, i, j] * read(x[n, c], row, column)
    return y if b is None else y + b.reshape(-1, 1, 1)


def deform() -> list[Case]:
    def case(
        id: str,
        x: Shape,
        w: tuple[int, ...],
        out: tuple[int, int],
        *,
        mask: bool = False,
        bias: bool = True,
        dtype: str = "float32",
        **attributes: Any,
    ) -> Case:
        groups, taps = attributes.get("offset_group", 1), w[2] * w[3]
        inputs: dict[str, Shape | Array] = {"x": x, "offset": (x[0], groups * taps * 2, *out)}
        weights = {"w": numbers(-1, 1, *w, dtype=dtype)}
        if bias:
            weights["b"] = numbers(-1, 1, w[0], dtype=dtype)
        if mask:
            inputs["mask"] = (x[0], groups * taps, *out)
        order = ("x", "w", "offset", "b" if bias else "", "mask")[: 5 if mask else 4 if bias else 3]

        def reference(x: Array, w: Array, offset: Array, b: Array | None = None, mask: Array | None = None) -> Array:
            return bent(x, w, offset, b, mask, attributes)

        return Case(
            "DeformConv", inputs, attributes, weights, dtype=dtype, id=id, order=order, reference=reference,
            tolerance=1e-5 if dtype == "float32" else 1e-12,
        )  # fmt: skip

    return [
        case("plain", (2, 3, 5, 6), (4, 3, 2, 3), (4, 4)),
        case("mask_and_groups", (1, 4, 5, 7), (6, 2, 2, 2), (3, 4), mask=True, group=2, offset_group=4, strides=[2, 2], pads=[1, 1, 1, 1]),
        case("offset_groups", (1, 4, 5, 6), (2, 4, 2, 2), (4, 4), offset_group=2, dilations=[1, 2], bias=False),
        case("double", (1, 2, 4, 5), (3, 2, 3, 3), (2, 3), dtype="float64", mask=True),
        case("batch", ("batch", 2, 4, 5), (3, 2, 2, 2), (3, 4)),
    ]  # fmt: skip


def integer_products() -> list[Case]:
    def product(
        id: str, a: Array, b: Array | None, zero_a: Any = None, zero_b: Any = None, at_run_time: bool = False
    ) -> Case:
        inputs: dict[str, Shape | Array] = {"a": a}
        weights: dict[str, Array] = {}
        given = {"b": b, "za": zero_a, "zb": zero_b}
        for name, value in given.items():
            if value is not None:
                (inputs if at_run_time else weights)[name] = np.asarray(value, (b if name in ("b", "zb") else a).dtype)  # type: ignore[union-attr]
        order = ("a", "b", "za" if zero_a is not None else "", "zb")[
            : 4 if zero_b is not None else 3 if zero_a is not None else 2
        ]

        def reference(a: Array, b: Array, za: Array | None = None, zb: Array | None = None) -> Array:
            left = a.astype("int64") - (0 if za is None else za.astype("int64").reshape(-1, 1))
            right = b.astype("int64") - (0 if zb is None else zb.astype("int64"))
            return (left @ right).astype("int32")

        return Case("MatMulInteger", inputs, {}, weights, dtype=a.dtype.name, id=id, order=order, reference=reference)

    a, b = numbers(0, 256, 5, 19, dtype="uint8"), numbers(-128, 128, 19, 7, dtype="int8")

    def convolution(id: str, x: Array, w: Array, zero_x: Any = None, zero_w: Any = None, **attributes: Any) -> Case:
        weights = {"w": w} | ({} if zero_x is None else {"zx": np.asarray(zero_x, x.dtype)})
        weights |= {} if zero_w is None else {"zw": np.asarray(zero_w, w.dtype)}
        order = ("x", "w", "" if zero_x is None else "zx", "zw")[
            : 4 if zero_w is not None else 3 if zero_x is not None else 2
        ]

        def reference(x: Array, w: Array, zx: Array | None = None, zw: Array | None = None) -> Array:
            x = x.astype("int64") - (0 if zx is None else int(zx))
            w = w.astype("int64") - (0 if zw is None else zw.astype("int64").reshape(-1, *[1] * (w.ndim - 1)))
            axes = sliding.axes_of(x.shape[2:], w.shape[2:], attributes)
            return sliding.convolve(x, w, None, axes, attributes.get("group", 1)).astype("int32")

        return Case(
            "ConvInteger", {"x": x}, attributes, weights, dtype=x.dtype.name, id=id, order=order, reference=reference
        )

    image = numbers(0, 256, 2, 4, 7, 9, dtype="uint8")
    return [
        product("no_zero_points", a, b),
        product("zero_points", a, b, 117, -3),
        product("zero_points_of_each_line", a, b, np.arange(5) * 20, np.arange(7) - 4),
        product("signed_by_unsigned", a.astype("int8"), b.astype("uint8"), -7, 200),
        product("at_run_time", a, b, 117, np.arange(7) - 4, at_run_time=True),
        product("rows_at_run_time", a, b, np.arange(5) * 20, at_run_time=True),
        product("stack", numbers(0, 256, 2, 3, 5, dtype="uint8"), numbers(0, 256, 2, 5, 4, dtype="uint8"), 9, 11),
        convolution("plain", image, numbers(-128, 128, 5, 4, 3, 2, dtype="int8")),
        convolution("zero_points", image, numbers(0, 256, 5, 4, 3, 2, dtype="uint8"), 117, 120, pads=[1, 0, 1, 1]),
        convolution("of_each_channel", image, numbers(-128, 128, 6, 2, 3, 3, dtype="int8"), 9, np.arange(6) * 3, group=2, strides=[2, 1]),
        convolution("depthwise", image, numbers(-128, 128, 4, 1, 3, 3, dtype="int8"), 9, group=4, pads=[1, 1, 1, 1]),
        convolution("line", numbers(-128, 128, 1, 3, 19, dtype="int8"), numbers(-128, 128, 2, 3, 4, dtype="int8"), -5, dilations=[2]),
    ]  # fmt: skip


def quantized() -> list[Case]:
    """QLinear*: sums are exact, so that the result is the number beside which no other is nearer."""

    def requantized(sums: Array, scale: Array, zero: Array) -> Array:
        limits = np.iinfo(zero.dtype)
        return np.clip(np.rint(sums * scale) + zero, limits.min, limits.max).astype(zero.dtype)

    def weights(**values: Any) -> dict[str, Array]:
        return {name: np.asarray(value) for name, value in values.items()}

    def product(id: str, a: Array, b: Array, za: Any, zb: Any, zy: Any, sa: Any = 0.25, sb: Any = 0.5) -> Case:
        def reference(a: Array, sa: Array, za: Array, b: Array, sb: Array, zb: Array, sy: Array, zy: Array) -> Array:
            left = a.astype("int64") - (za.astype("int64").reshape(-1, 1) if za.size > 1 else za.astype("int64"))
            scale = (sa.reshape(-1, 1) if sa.size > 1 else sa) * sb / sy
            return requantized(left @ (b.astype("int64") - zb), scale, zy)

        given = weights(
            sa=np.float32(sa),
            za=np.asarray(za, a.dtype),
            b=b,
            sb=np.float32(sb),
            zb=np.asarray(zb, b.dtype),
            sy=np.float32(64),
            zy=zy,
        )
        return Case("QLinearMatMul", {"a": a}, {}, given, dtype=a.dtype.name, id=id, reference=reference)

    def convolution(id: str, x: Array, w: Array, zw: Any, sw: Any, bias: bool, zy: Any, **attributes: Any) -> Case:
        def reference(
            x: Array,
            sx: Array,
            zx: Array,
            w: Array,
            sw: Array,
            zw: Array,
            sy: Array,
            zy: Array,
            bias: Array | None = None,
        ) -> Array:
            line = (-1, *[1] * (w.ndim - 1))
            axes = sliding.axes_of(x.shape[2:], w.shape[2:], attributes)
            centred = w.astype("int64") - zw.astype("int64").reshape(line)
            sums = sliding.convolve(x.astype("int64") - int(zx), centred, bias, axes, attributes.get("group", 1))
            return requantized(sums, (sx * sw / sy).reshape(line[: w.ndim - 1] if sw.size > 1 else ()), zy)

        given = weights(
            sx=np.float32(0.5),
            zx=np.asarray(7, x.dtype),
            w=w,
            sw=np.float32(sw),
            zw=np.asarray(zw, w.dtype),
            sy=np.float32(128),
            zy=zy,
        )
        if bias:
            given["bias"] = numbers(-999, 999, w.shape[0], dtype="int32")
        return Case("QLinearConv", {"x": x}, attributes, given, dtype=x.dtype.name, id=id, reference=reference)

    a, b = numbers(0, 256, 5, 19, dtype="uint8"), numbers(-128, 128, 19, 7, dtype="int8")
    image = numbers(0, 256, 2, 4, 7, 9, dtype="uint8")
    return [
        product("plain", a, b, 117, -3, np.uint8(100)),
        product("of_each_line", a, b, np.arange(5) * 20, np.arange(7) - 4, np.int8(-5), np.arange(1, 6) / 8, np.arange(1, 8) / 4),
        product("stack", numbers(0, 256, 2, 3, 5, dtype="uint8"), numbers(0, 256, 2, 5, 4, dtype="uint8"), 9, 11, np.uint8(3)),
        convolution("plain", image, numbers(0, 256, 5, 4, 3, 2, dtype="uint8"), 120, 0.25, False, np.uint8(128), pads=[1, 0, 1, 1]),
        convolution("of_each_channel", image, numbers(-128, 128, 6, 2, 3, 3, dtype="int8"), np.arange(6), np.arange(1, 7) / 8, True, np.int8(3), group=2, strides=[2, 1]),
    ]  # fmt: skip


CASES = (*quantized(), *transposes(), *pools(), *unpools(), *col2im(), *deform(), *integer_products())
