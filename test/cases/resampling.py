"""Resize, and what reads between elements: PyTorch and onnx's own functions are the references."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from . import Array, Case, Shape


def resize(
    x: Shape,
    id: str,
    *,
    scales: Sequence[float] | None = None,
    sizes: Sequence[int] | None = None,
    roi: Sequence[float] | None = None,
    dtype: str = "float32",
    reference: Any = None,
    tolerance: float = 3e-6,
    **attributes: Any,
) -> Case:
    weights: dict[str, Array] = {}
    if roi is not None:
        weights["roi"] = np.array(roi, "float32")
    if scales is not None:
        weights["scales"] = np.array(scales, "float32")
    if sizes is not None:
        weights["sizes"] = np.array(sizes, "int64")
    order = ("x", "roi" if roi is not None else "", "scales" if scales is not None else "", "sizes")
    names = order if sizes is not None else order[:3]
    return Case(
        "Resize",
        {"x": x},
        attributes,
        weights,
        dtype=dtype,
        id=id,
        order=names,
        reference=reference,
        tolerance=tolerance,
    )


def interpolated(mode: str, **more: Any) -> Any:
    """PyTorch's interpolate."""

    def reference(x: Array, *inputs: Array | None) -> Array:
        if len(inputs) == 3 and inputs[2] is not None:
            size = {"size": tuple(int(one) for one in inputs[2][2:])}
        else:
            scales = inputs[1] if inputs[1] is not None else np.ones(x.ndim)
            size = {"size": tuple(int(n * s) for n, s in zip(x.shape[2:], scales[2:], strict=True))}
        return torch.nn.functional.interpolate(torch.from_numpy(x), mode=mode, **size, **more).numpy()

    return reference


def sampled(
    x: Shape, grid: Shape, id: str, mode: str, padding: str, align: int, *, dtype: str = "float32", opset: int = 20
) -> Case:
    torch_mode = {"linear": "bilinear", "cubic": "bicubic"}.get(mode, mode)

    def reference(x: Array, grid: Array) -> Array:
        return torch.nn.functional.grid_sample(
            torch.from_numpy(x), torch.from_numpy(grid.astype(x.dtype)), mode=torch_mode, padding_mode=padding, align_corners=bool(align)
        ).numpy()  # fmt: skip

    attributes = {"mode": mode if opset >= 20 else torch_mode, "padding_mode": padding, "align_corners": align}
    return Case(
        "GridSample",
        {"x": x, "grid": grid},
        attributes,
        dtype=dtype,
        id=id,
        opset=opset,
        reference=reference,
        tolerance=1e-5 if dtype == "float32" else 1e-12,
    )


def affine(theta: Shape, size: tuple[int, ...], align: int, id: str, dtype: str = "float32") -> Case:
    def reference(theta: Array, size: Array) -> Array:
        shape = (theta.shape[0], *size.tolist()[1:])
        return torch.nn.functional.affine_grid(torch.from_numpy(theta), shape, align_corners=bool(align)).numpy()

    return Case(
        "AffineGrid",
        {"theta": theta},
        {"align_corners": align},
        {"size": np.array(size)},
        dtype=dtype,
        id=id,
        opset=20,
        reference=reference,
    )


def regions(id: str, *, dtype: str = "float32", **attributes: Any) -> Case:
    corners = np.array([[0, 0, 7, 6], [1.5, 2, 6.25, 8], [-3, 1, 2, 12], [4, 4, 4.5, 4.25], [3, 5, 9, 7]], dtype)
    images = np.array([0, 1, 1, 0, 1])
    return Case(
        "RoiAlign",
        {"x": (2, 3, 9, 8), "rois": corners, "images": images},
        attributes,
        dtype=dtype,
        id=id,
        tolerance=1e-5 if dtype == "float32" else 1e-12,
    )


HALF = "pytorch_half_pixel"
CASES = (
    resize((1, 2, 3, 5), "nearest", scales=[1, 1, 2, 3]),
    resize((1, 2, 9, 8), "nearest_down", scales=[1, 1, 0.5, 0.375]),
    resize((1, 2, 4, 5), "nearest_sizes", sizes=[1, 2, 7, 3], nearest_mode="ceil"),
    resize((1, 2, 4, 5), "nearest_floor_asymmetric", sizes=[1, 2, 9, 8], nearest_mode="floor", coordinate_transformation_mode="asymmetric"),
    resize((1, 2, 4, 5), "nearest_prefer_ceil", scales=[1, 1, 1.5, 2.5], nearest_mode="round_prefer_ceil", coordinate_transformation_mode="asymmetric"),
    resize((2, 3, 4, 5), "nearest_all_dimensions", scales=[2, 1, 3, 2]),
    *(resize((1, 2, 3, 5), "nearest", scales=[1, 1, 2, 3], dtype=dtype) for dtype in ("int8", "int64", "uint16")),
    resize((1, 2, 3, 5), "nearest", scales=[1, 1, 2, 3], dtype="bool", reference=lambda x, *_: x.repeat(2, 2).repeat(3, 3)),
    resize((1, 2, 4, 5), "linear", scales=[1, 1, 2, 2], mode="linear", reference=interpolated("bilinear")),
    resize((2, 3, 19), "linear_line", sizes=[2, 3, 7], mode="linear", reference=interpolated("linear")),
    resize((1, 2, 4, 5), "linear_align_corners", sizes=[1, 2, 7, 11], mode="linear", coordinate_transformation_mode="align_corners", reference=interpolated("bilinear", align_corners=True)),
    resize((1, 2, 4, 35), "linear_wide", sizes=[1, 2, 7, 35], mode="linear", coordinate_transformation_mode=HALF),
    resize((1, 2, 4, 3, 5), "linear_volume", sizes=[1, 2, 7, 5, 3], mode="linear", reference=interpolated("trilinear")),
    resize((1, 2, 4, 5), "linear_double", sizes=[1, 2, 7, 3], mode="linear", dtype="float64", reference=interpolated("bilinear"), tolerance=1e-12),
    resize((1, 1, 9, 8), "linear_antialias", sizes=[1, 1, 4, 3], mode="linear", antialias=1),
    resize((1, 2, 6, 7), "linear_symmetric", scales=[1, 1, 0.6, 1.3], mode="linear", coordinate_transformation_mode="half_pixel_symmetric"),
    resize((1, 2, 6, 7), "linear_one", sizes=[1, 2, 1, 3], mode="linear", coordinate_transformation_mode=HALF),
    resize((1, 2, 4, 5), "cubic", scales=[1, 1, 2, 2], mode="cubic", reference=interpolated("bicubic")),
    resize((1, 2, 4, 5), "cubic_align_corners", sizes=[1, 2, 9, 3], mode="cubic", coordinate_transformation_mode="align_corners", reference=interpolated("bicubic", align_corners=True)),
    resize((1, 2, 6, 7), "cubic_exclude_outside", scales=[1, 1, 0.8, 1.5], mode="cubic", exclude_outside=1, cubic_coeff_a=-0.5),
    resize((1, 1, 9, 8), "cubic_antialias", scales=[1, 1, 0.4, 0.6], mode="cubic", antialias=1),
    resize((1, 1, 6, 7), "crop", sizes=[1, 1, 3, 4], roi=[0, 0, 0.25, 0.375, 1, 1, 0.75, 0.75], mode="linear", coordinate_transformation_mode="tf_crop_and_resize"),
    resize((1, 1, 6, 7), "crop_outside", sizes=[1, 1, 3, 4], roi=[0, 0, 0.5, -0.25, 1, 1, 1.25, 0.5], mode="linear", coordinate_transformation_mode="tf_crop_and_resize", extrapolation_value=10.0),
    resize((1, 2, 6, 7), "axes", scales=[2, 0.5], axes=[3, 2], mode="linear"),
    resize((1, 2, 6, 7), "not_larger", sizes=[9, 14], axes=[2, 3], keep_aspect_ratio_policy="not_larger"),
    resize((1, 2, 6, 7), "not_smaller", sizes=[9, 10], axes=[2, 3], keep_aspect_ratio_policy="not_smaller", mode="linear"),
    resize(("batch", 2, 3, 5), "batch", scales=[1, 1, 2, 3], mode="linear"),
    resize((1, 2, "lines", 5), "named", scales=[1, 1, 2, 1], mode="linear"),
    resize((1, 2, "lines", 5), "named_nearest", scales=[1, 1, 2, 2]),
    resize((1, 2, 3, 5), "same", scales=[1, 1, 1, 1]),
    Case("Upsample", {"x": (1, 2, 3, 5)}, {}, {"scales": np.array([1, 1, 2, 3], "float32")}, opset=9, id="nearest", reference=lambda x, _: x.repeat(2, 2).repeat(3, 3)),
    Case("Upsample", {"x": (1, 2, 3)}, {"scales": [1.0, 1.0, 2.0], "mode": "linear"}, opset=7, id="linear", reference=lambda x: np.stack([[np.interp(np.arange(6) / 2, np.arange(3), line) for line in plane] for plane in x])),
    Case("Resize", {"x": (1, 2, 3, 5)}, {}, {"scales": np.array([1, 1, 2, 3], "float32")}, opset=10, id="opset_10", reference=lambda x, _: x.repeat(2, 2).repeat(3, 3)),
    *(
        sampled((2, 3, 5, 6), (2, 4, 7, 2), f"{mode}_{padding}_{align}", mode, padding, align)
        for mode in ("nearest", "linear", "cubic")
        for padding in ("zeros", "border", "reflection")
        for align in (0, 1)
    ),
    *(
        sampled((1, 2, 3, 4, 5), (1, 2, 3, 4, 3), f"volume_{mode}_{padding}", mode, padding, 0)
        for mode in ("nearest", "linear")
        for padding in ("zeros", "reflection")
    ),
    sampled((2, 3, 5, 6), (2, 4, 7, 2), "double", "linear", "border", 1, dtype="float64"),
    sampled((2, 3, 5, 6), (2, 4, 7, 2), "opset_16", "cubic", "zeros", 0, opset=16),
    sampled(("batch", 2, 4, 5), ("batch", 3, "columns", 2), "batch", "linear", "zeros", 0),
    affine((2, 2, 3), (2, 3, 4, 5), 0, "plane"),
    affine((2, 2, 3), (2, 3, 4, 5), 1, "plane_align_corners", "float64"),
    affine((1, 3, 4), (1, 3, 2, 4, 5), 0, "volume"),
    affine((1, 3, 4), (1, 3, 2, 4, 5), 1, "volume_align_corners"),
    regions("avg", output_height=3, output_width=4, sampling_ratio=2, spatial_scale=0.75),
    regions("max", output_height=3, output_width=2, mode="max", sampling_ratio=3),
    regions("as_many_as_fall_on_it", output_height=2, output_width=3, coordinate_transformation_mode="output_half_pixel"),
    regions("double", dtype="float64", output_height=2, output_width=2),
)  # fmt: skip
