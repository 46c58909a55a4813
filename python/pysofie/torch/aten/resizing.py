"""Interpolation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pysofie import dims
from pysofie.errors import Refusal

from .parts import Floats, Parts, Sizes, aten
from .pooling import adaptive_mean

if TYPE_CHECKING:
    from pysofie.graph import Array
    from pysofie.values import Value

_MODES = {"nearest": "nearest", "nearest-exact": "nearest", "bicubic": "cubic"}


@aten("__interpolate", keeps="rank")
def interpolate(
    p: Parts,
    x: Value,
    sizes: Value | None = None,
    scales: Floats | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute: bool | None = None,
    antialias: bool = False,
) -> Value:
    """F.interpolate."""
    if sizes is None and scales is not None and (recompute or mode == "area"):
        sizes, scales = p.sizes(x, _scaled(x, scales)), None
    if mode == "area":
        known = None if sizes is None else sizes.contents
        if known is None:
            raise Refusal("sizes that are not known before run time")
        listed = tuple(known.reshape(-1).tolist())
        return adaptive_mean(p, x, listed * (x.rank - 2) if len(listed) == 1 else listed)
    return _resized(p, x, sizes, scales, mode, align=bool(align_corners), antialias=antialias)


@aten("upsample_nearest1d", "upsample_nearest2d", "upsample_nearest3d", keeps="rank")
def upsample_nearest(
    p: Parts, x: Value, sizes: Value | None = None, scales: Floats | None = None, *more: Value
) -> Value:
    """Pixels repeated."""
    return _resized(p, x, sizes, _scales(x, scales, more), "nearest")


@aten("_upsample_nearest_exact1d", "_upsample_nearest_exact2d", "_upsample_nearest_exact3d", keeps="rank")
def upsample_nearest_exact(
    p: Parts, x: Value, sizes: Value | None = None, scales: Floats | None = None, *more: Value
) -> Value:
    """Pixels repeated, by their middles."""
    return _resized(p, x, sizes, _scales(x, scales, more), "nearest-exact")


@aten("upsample_linear1d", "upsample_bilinear2d", "upsample_trilinear3d", keeps="rank")
def upsample_linear(
    p: Parts, x: Value, sizes: Value | None, align: bool, scales: Floats | None = None, *more: Value
) -> Value:
    """Linear interpolation."""
    return _resized(p, x, sizes, _scales(x, scales, more), "linear", align=align)


@aten("upsample_bicubic2d", keeps="rank")
def upsample_bicubic(
    p: Parts, x: Value, sizes: Value | None, align: bool, scales: Floats | None = None, *more: Value
) -> Value:
    """Cubic interpolation."""
    return _resized(p, x, sizes, _scales(x, scales, more), "bicubic", align=align)


@aten("_upsample_bilinear2d_aa", keeps="rank")
def upsample_bilinear_aa(
    p: Parts, x: Value, sizes: Value | None, align: bool, scales: Floats | None = None, *more: Value
) -> Value:
    """Linear interpolation that means over what it skips."""
    return _resized(p, x, sizes, _scales(x, scales, more), "linear", align=align, antialias=True)


@aten("_upsample_bicubic2d_aa", keeps="rank")
def upsample_bicubic_aa(
    p: Parts, x: Value, sizes: Value | None, align: bool, scales: Floats | None = None, *more: Value
) -> Value:
    """Cubic interpolation that means over what it skips."""
    return _resized(p, x, sizes, _scales(x, scales, more), "bicubic", align=align, antialias=True)


def _scales(x: Value, first: Floats | None, more: tuple[Value | None, ...]) -> Floats | None:
    """The factors of all dims, which are one argument of some overloads and several of others."""
    if first is None or len(first) == x.rank - 2:
        return first
    found = [*first]
    for one in more:
        if one is None or one.constant is None:
            raise Refusal("a factor that is not known before run time")
        found.append(float(one.constant.reshape(-1)[0]))
    return tuple(found)


def _scaled(x: Value, scales: Floats) -> Sizes:
    found = []
    for size, scale in zip(x.shape[2:], spread_floats(scales, x.rank - 2), strict=True):
        if isinstance(size, dims.Expression):
            if scale != int(scale):
                raise Refusal(f"the size {size} times {scale}")
            found.append(size * int(scale))
        else:
            found.append(int(np.floor(size * scale)))
    return tuple(found)


def spread_floats(values: Floats, rank: int) -> Floats:
    """One factor for each dim from one for all."""
    return tuple(values) * rank if len(values) == 1 else tuple(values)


def _resized(
    p: Parts,
    x: Value,
    sizes: Value | None,
    scales: Floats | None,
    mode: str,
    *,
    align: bool = False,
    antialias: bool = False,
) -> Value:
    if mode.startswith("nearest") and (rows := _indices(x, sizes, scales, exact=mode == "nearest-exact")) is not None:
        for axis, at in rows.items():
            x = p("Gather", x, at, axis=axis)
        return x
    if scales is not None:
        whole = _whole_sizes(x, scales)
        if whole is None:
            return p("Resize", x, None, _factors(x, scales), **_attributes(mode, align=align, antialias=antialias))
        sizes = p.sizes(x, whole)
    if sizes is None:
        raise Refusal("neither a size nor a factor")
    if dims.count(sizes.shape) == 1:  # one for all
        sizes = p("Expand", sizes, [x.rank - 2])
    target = p("Concat", p.sizes(x, x.shape[:2]), p.cast(sizes, np.int64), axis=0)
    return p("Resize", x, None, None, target, **_attributes(mode, align=align, antialias=antialias))


def _attributes(mode: str, *, align: bool, antialias: bool) -> dict[str, int | float | str]:
    """What PyTorch means by a mode, in Resize's words."""
    found: dict[str, int | float | str] = {"mode": _MODES.get(mode, "linear")}
    found["coordinate_transformation_mode"] = "align_corners" if align else "half_pixel"
    if mode == "nearest":
        found |= {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    if mode == "nearest-exact":
        found["nearest_mode"] = "round_prefer_ceil"
    if mode == "bicubic":
        found["cubic_coeff_a"] = -0.5 if antialias else -0.75
    if antialias:
        found |= {"antialias": 1, "exclude_outside": 1}
    return found


def _factors(x: Value, scales: Floats) -> Array:
    """The factors in single precision, as Resize has them, where that changes no size."""
    exact = spread_floats(scales, x.rank - 2)
    factors = np.array((1, 1, *exact), np.float32)
    for size, scale, factor in zip(x.shape[2:], exact, factors[2:].tolist(), strict=True):
        if scale != factor and (isinstance(size, dims.Expression) or int(size * scale) != int(size * factor)):
            raise Refusal(f"{size} times {scale}, which is no number of single precision")
    return factors


def _whole_sizes(x: Value, scales: Floats) -> Sizes | None:
    """The sizes where each is a known one times a factor without a remainder: then they say the factors exactly."""
    found = []
    for size, scale in zip(x.shape[2:], spread_floats(scales, x.rank - 2), strict=True):
        if isinstance(size, dims.Expression) or size * scale != int(size * scale):
            return None
        found.append(int(size * scale))
    return tuple(found)


def _indices(x: Value, sizes: Value | None, scales: Floats | None, *, exact: bool) -> dict[int, Array] | None:
    """The pixels that are read, by axis, with PyTorch's rounding; None where Resize rounds nothing, or sizes are named."""
    spatial = x.shape[2:]
    listed = [] if sizes is None or sizes.contents is None else sizes.contents.reshape(-1).tolist()
    wanted = listed * len(spatial) if len(listed) == 1 else listed
    known = [size for size in (*spatial, *wanted) if not isinstance(size, dims.Expression)]
    factors = None if scales is None else spread_floats(scales, len(spatial))
    if factors is not None and len(known) == len(spatial):
        wanted = [int(size * factor) for size, factor in zip(known, factors, strict=True)]
    elif len(known) != 2 * len(spatial):
        return None
    extents = known[: len(spatial)]
    steps = (
        [int(a) / b for a, b in zip(extents, wanted, strict=True)] if factors is None else [1 / one for one in factors]
    )
    if all(b % a == 0 and step == a / b for a, b, step in zip(extents, wanted, steps, strict=True)):
        return None
    found: dict[int, Array] = {}
    for axis, (extent, size, step) in enumerate(zip(extents, wanted, steps, strict=True), 2):
        place = (np.arange(size, dtype=np.float32) + np.float32(0.5 * exact)) * np.float32(step)
        found[axis] = np.minimum(np.floor(place).astype(np.int64), extent - 1)
    return found
