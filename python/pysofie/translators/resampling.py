"""Tensors that are read between their elements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie import resampling
from pysofie.builder import Enum, NodeBuilder, Struct, Vector, integers, sizes
from pysofie.dims import Expression
from pysofie.errors import Refusal
from pysofie.registry import ANY, FLOATS, translator
from pysofie.values import TensorType, Value

if TYPE_CHECKING:
    from pysofie.graph import Array

Ints = Sequence[int]


def _resize(b: NodeBuilder, x: Value, plan: resampling.Plan, mode: str, **attributes: Any) -> None:
    if mode != "nearest" and x.dtype.name not in FLOATS:
        raise Refusal(f"mode {mode} of {x.dtype}, {' and '.join(FLOATS)} are supported")
    known = tuple(0 if isinstance(size, Expression) else size for size in plan.shape)
    b.emit(
        "Resize",
        Struct("RAttributes_Resize", {"mode": mode, **attributes}),
        Vector("double", plan.scales),
        sizes(known),
        Vector("double", plan.region),
        x,
        b.output,
    )


@translator(
    "Resize",
    since=11,
    infer=resampling.resize,
    types=ANY,
    restrictions="constant scales and sizes, or multiples of named dims; nearest alone for integers",
)
def resize(
    b: NodeBuilder,
    x: Value,
    roi: Value | None = None,
    scales: Value | None = None,
    wanted: Value | None = None,
    *,
    antialias: int = 0,
    axes: Ints | None = None,
    coordinate_transformation_mode: str = "half_pixel",
    cubic_coeff_a: float = -0.75,
    exclude_outside: int = 0,
    extrapolation_value: float = 0.0,
    keep_aspect_ratio_policy: str = "stretch",
    mode: str = "nearest",
    nearest_mode: str = "round_prefer_floor",
) -> None:
    """Resize(X, roi, scales, sizes; mode="nearest", coordinate_transformation_mode="half_pixel", nearest_mode ...) -> Y."""
    plan = resampling.plan(
        x,
        scales,
        wanted,
        roi,
        axes=axes,
        coordinate_transformation_mode=coordinate_transformation_mode,
        keep_aspect_ratio_policy=keep_aspect_ratio_policy,
    )
    _resize(
        b,
        x,
        plan,
        mode,
        antialias=antialias,
        coordinate_transformation_mode=coordinate_transformation_mode,
        cubic_coeff_a=cubic_coeff_a,
        exclude_outside=exclude_outside,
        extrapolation_value=extrapolation_value,
        nearest_mode=nearest_mode,
    )


def _upsample(b: NodeBuilder, x: Value, plan: resampling.Plan, mode: str) -> None:
    """As it was before opset 11: places are multiples, and the nearest element is the one before."""
    kind = "linear" if mode == "bilinear" else mode
    if kind not in ("nearest", "linear"):
        raise Refusal(f"mode {mode}, nearest and linear are supported")
    _resize(b, x, plan, kind, coordinate_transformation_mode="asymmetric", nearest_mode="floor")


@translator("Resize", since=10, infer=resampling.upsample, types=ANY, restrictions="constant scales")
def resize_10(b: NodeBuilder, x: Value, scales: Value, *, mode: str = "nearest") -> None:
    """Resize(X, scales; mode="nearest") -> Y, as it was in opset 10."""
    _upsample(b, x, resampling.plan(x, scales), mode)


@translator("Upsample", since=9, infer=resampling.upsample, types=ANY, restrictions="constant scales")
def upsample(b: NodeBuilder, x: Value, scales: Value, *, mode: str = "nearest") -> None:
    """Upsample(X, scales; mode="nearest") -> Y."""
    _upsample(b, x, resampling.plan(x, scales), mode)


@translator("Upsample", since=7, infer=resampling.upsample_7, types=ANY)
def upsample_7(b: NodeBuilder, x: Value, *, mode: str = "nearest", scales: Sequence[float]) -> None:
    """Upsample(X; mode="nearest", scales) -> Y, as it was before opset 9."""
    _upsample(b, x, resampling.plan(x, scales), mode)


def _grid_sample(b: NodeBuilder, x: Value, grid: Value, mode: str, padding: str, align: int) -> None:
    if not 3 <= x.rank <= 5:
        raise Refusal(f"{x.rank - 2} spatial dimensions, 1 to 3 are supported")
    if mode not in ("nearest", "linear", "cubic"):
        raise Refusal(f"mode {mode}, nearest, linear and cubic are supported")
    if padding not in ("zeros", "border", "reflection"):
        raise Refusal(f"padding_mode {padding}, zeros, border and reflection are supported")
    if grid.dtype != x.dtype:
        places = b.temporary("places", Value("", TensorType(x.dtype, grid.shape)))
        b.emit("Cast", "double" if x.dtype == np.float64 else "float", grid, places)
        grid = places
    b.emit("GridSample", mode, padding, align, x, grid, b.output)


@translator("GridSample", since=20, infer=resampling.grid_sample, restrictions="1 to 3 dimensions")
def grid_sample(
    b: NodeBuilder, x: Value, grid: Value, *, align_corners: int = 0, mode: str = "linear", padding_mode: str = "zeros"
) -> None:
    """GridSample(X, grid; align_corners=0, mode="linear", padding_mode="zeros") -> Y."""
    _grid_sample(b, x, grid, mode, padding_mode, align_corners)


@translator("GridSample", since=16, infer=resampling.grid_sample, restrictions="1 to 3 dimensions")
def grid_sample_16(
    b: NodeBuilder,
    x: Value,
    grid: Value,
    *,
    align_corners: int = 0,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
) -> None:
    """GridSample(X, grid; align_corners=0, mode="bilinear", padding_mode="zeros") -> Y, as it was before opset 20."""
    _grid_sample(b, x, grid, {"bilinear": "linear", "bicubic": "cubic"}.get(mode, mode), padding_mode, align_corners)


@translator("AffineGrid", since=20, infer=resampling.affine_grid, restrictions="a constant size")
def affine_grid(b: NodeBuilder, theta: Value, size: Value, *, align_corners: int = 0) -> None:
    """AffineGrid(theta, size; align_corners=0) -> grid: the places of an even grid, each times a matrix."""
    if size.contents is None or any(isinstance(one, Expression) for one in size.contents.reshape(-1)[2:]):
        raise Refusal("a size that is computed at run time")
    count = [int(one) for one in size.contents.reshape(-1)[2:]]
    if any(one < 1 for one in count):
        raise Refusal(f"a grid of {count}")
    places = _even_grid(count, align=bool(align_corners))
    rank, points = len(count), int(np.prod(count))
    turned = b.temporary("turned", Value("", TensorType(theta.dtype, (theta.shape[0], rank + 1, rank))))
    flat = b.temporary("flat", Value("", TensorType(theta.dtype, (theta.shape[0], points, rank))))
    b.emit("Transpose", integers((0, 2, 1)), theta, turned, template=(theta.dtype,))
    even = b.constant("even", places.astype(theta.dtype))
    b.emit("Gemm", 1.0, 0.0, 0, 0, even, turned, flat, template=(theta.dtype,))
    target = b.constant("shape", np.array([-1, *count, rank]))
    b.emit("Reshape", Enum("ReshapeOpMode", "Reshape"), 0, flat, target, b.output)


def _even_grid(count: Ints, *, align: bool) -> Array:
    """The coordinates of all points, the last dimension's first, and a 1."""
    lines = [
        np.linspace(-1, 1, size)
        if align and size > 1
        else (2 * np.arange(size) + 1) / size - 1
        if not align
        else -np.ones(1)
        for size in count
    ]
    planes = np.meshgrid(*lines, indexing="ij")
    return np.stack([one.reshape(-1) for one in (*reversed(planes), np.ones_like(planes[0]))], axis=1)


def _roi_align(b: NodeBuilder, x: Value, rois: Value, images: Value, half: bool, mode: str, **more: Any) -> None:
    if any(more[name] < 0 for name in ("output_height", "output_width", "sampling_ratio")):
        raise Refusal(f"negative sizes {more}")
    b.emit(
        "RoiAlign",
        mode,
        int(half),
        more["output_height"],
        more["output_width"],
        more["sampling_ratio"],
        more["spatial_scale"],
        *(x, rois, images, b.output),
    )


@translator("RoiAlign", since=16, infer=resampling.roi_align)
def roi_align(
    b: NodeBuilder,
    x: Value,
    rois: Value,
    batch_indices: Value,
    *,
    coordinate_transformation_mode: str = "half_pixel",
    mode: str = "avg",
    output_height: int = 1,
    output_width: int = 1,
    sampling_ratio: int = 0,
    spatial_scale: float = 1.0,
) -> None:
    """RoiAlign(X, rois, batch_indices; coordinate_transformation_mode="half_pixel", mode="avg", output_height ...) -> Y."""
    if coordinate_transformation_mode not in ("half_pixel", "output_half_pixel"):
        raise Refusal(f"coordinate_transformation_mode {coordinate_transformation_mode}")
    _roi_align(
        b,
        x,
        rois,
        batch_indices,
        coordinate_transformation_mode == "half_pixel",
        mode,
        output_height=output_height,
        output_width=output_width,
        sampling_ratio=sampling_ratio,
        spatial_scale=spatial_scale,
    )


@translator("RoiAlign", since=10, infer=resampling.roi_align)
def roi_align_10(
    b: NodeBuilder,
    x: Value,
    rois: Value,
    batch_indices: Value,
    *,
    mode: str = "avg",
    output_height: int = 1,
    output_width: int = 1,
    sampling_ratio: int = 0,
    spatial_scale: float = 1.0,
) -> None:
    """RoiAlign as it was before opset 16: coordinates as they are."""
    _roi_align(
        b,
        x,
        rois,
        batch_indices,
        half=False,
        mode=mode,
        output_height=output_height,
        output_width=output_width,
        sampling_ratio=sampling_ratio,
        spatial_scale=spatial_scale,
    )
