"""Sums over indices, determinants and Fourier transforms; products of integers."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import Array, Case, Shape, numbers


def einsum(equation: str, *shapes: Shape, dtype: str = "float32", id: str = "", tolerance: float = 0) -> Case:
    inputs = {f"x{i}": shape for i, shape in enumerate(shapes)}
    what = id or equation.replace(" ", "").replace(",", "_").replace("->", "_to_").replace("...", "dots")

    def reference(*x: Array) -> Array:
        return np.asarray(np.einsum(equation, *x))

    return Case(
        "Einsum", inputs, {"equation": equation}, dtype=dtype, id=what, reference=reference, tolerance=tolerance
    )


def sums() -> list[Case]:
    return [
        einsum("ij,jk->ik", (3, 5), (5, 7)),
        einsum("ij,jk->ki", (3, 5), (5, 7)),
        einsum("ij,kj->ik", (3, 5), (7, 5)),
        einsum("bij,bjk->bik", (2, 3, 5), (2, 5, 67)),
        einsum("bij,bkj->bik", (2, 3, 5), (2, 7, 5)),
        einsum("ij,j->i", (3, 5), (5,)),
        einsum("i,ij->j", (3,), (3, 5)),
        einsum("i,i->", (19,), (19,)),
        einsum("i,j->ij", (3,), (5,)),
        einsum("bi,bi->bi", (3, 5), (3, 5)),
        einsum("bi,bi->b", (3, 5), (3, 5)),
        einsum("ij->ji", (3, 5)),
        einsum("ij->i", (3, 5)),
        einsum("ij->", (3, 5)),
        einsum("ii->i", (5, 5)),
        einsum("ii->", (5, 5)),
        einsum("bii->bi", (3, 5, 5)),
        einsum("iji->j", (5, 3, 5)),
        einsum("ij,jk", (3, 5), (5, 7), id="implicit"),
        einsum("ba", (3, 5), id="implicit_order"),
        einsum("...ij,...jk->...ik", (2, 3, 5), (4, 1, 5, 7)),
        einsum("...ij,jk", (2, 3, 5), (5, 7), id="implicit_dots"),
        einsum("...->...", (2, 3)),
        einsum("i...->...", (2, 3, 5)),
        einsum("bhwc,hkc->bhwk", (2, 3, 4, 5), (3, 7, 5)),
        einsum("bnhd,bmhd->bhnm", (2, 3, 4, 5), (2, 6, 4, 5)),
        einsum("bhnm,bmhd->bnhd", (2, 4, 3, 6), (2, 6, 4, 5)),
        einsum("ijk,jkl->il", (3, 4, 5), (4, 5, 7)),
        einsum("ijk,kjl->il", (3, 4, 5), (5, 4, 7)),
        einsum("ij,jk,kl->il", (3, 5), (5, 4), (4, 7), tolerance=3e-6),
        einsum("ij,ik->jk", (1, 5), (3, 7), id="broadcast"),
        einsum("aB,Bc->ac", (3, 5), (5, 7), id="case"),
        einsum("bij,jk->bik", ("batch", 3, 5), (5, 7)),
        einsum("bij,bjk->bik", ("batch", 3, 5), ("batch", 5, 7), id="batch_of_both"),
        einsum("bi,bi->b", ("batch", 5), ("batch", 5), id="batch_of_vectors"),
        einsum("bi->ib", ("batch", 5), id="batch_turned"),
        einsum("ij,jk->ik", (3, 5), (5, 7), dtype="float64"),
        einsum("ij,jk->ik", (3, 5), (5, 7), dtype="int32"),
        einsum("bi,bi->b", (3, 5), (3, 5), dtype="int64"),
    ]


def integers() -> list[Case]:
    cases = []
    for dtype in ("int32", "int64", "uint32", "uint64"):
        weights = {"b": numbers(0, 9, 5, 7, dtype=dtype), "c": numbers(0, 9, 7, dtype=dtype)}
        cases += [
            Case("MatMul", {"a": (3, 5)}, weights={"b": weights["b"]}, dtype=dtype, id="weights"),
            Case("MatMul", {"a": (2, 3, 5), "b": (5, 67)}, dtype=dtype),
            Case("Gemm", {"a": (3, 5)}, {"alpha": 2.0, "beta": 3.0}, weights, dtype=dtype, id="weights", reference=lambda a, b, c: 2 * (a @ b) + 3 * c),
        ]  # fmt: skip
    return cases


def transform(
    op: str,
    x: Shape,
    id: str,
    reference: Any,
    attributes: dict[str, int],
    *,
    opset: int = 20,
    dtype: str = "float32",
    **weights: Any,
) -> Case:
    given = {name: np.asarray(value) for name, value in weights.items() if value is not None}
    order = ["x", *(name if value is not None else "" for name, value in weights.items())]
    while not order[-1]:
        order.pop()
    return Case(
        op,
        {"x": x},
        attributes,
        given,
        dtype=dtype,
        id=id,
        opset=opset,
        order=tuple(order),
        reference=reference,
        tolerance=5e-6 if dtype == "float32" else 1e-12,
    )


def parts(z: Array) -> Array:
    return np.stack([z.real, z.imag], axis=-1)


def dft(
    x: Shape,
    id: str,
    *,
    axis: int = -2,
    length: int | None = None,
    old: bool = False,
    dtype: str = "float32",
    **attributes: int,
) -> Case:
    inverse, onesided = attributes.get("inverse", 0), attributes.get("onesided", 0)

    def reference(x: Array, *_: Array | None) -> Array:
        at = axis % x.ndim
        z = x[..., 0] + (1j * x[..., 1] if x.shape[-1] == 2 else 0)
        if onesided and inverse:
            return np.fft.irfft(z, length, at)[..., None]
        return parts(
            np.fft.ifft(z, length, at)
            if inverse
            else np.fft.rfft(z, length, at)
            if onesided
            else np.fft.fft(z, length, at)
        )

    given = attributes | ({"axis": axis} if old else {})
    weights = {"length": length} if old else {"length": length, "axis": axis}
    return transform("DFT", x, id, reference, given, opset=19 if old else 20, dtype=dtype, **weights)


def stft(
    x: Shape,
    id: str,
    step: int,
    *,
    window: Array | None = None,
    length: int | None = None,
    onesided: int = 1,
    dtype: str = "float32",
) -> Case:
    def reference(x: Array, step: Array, window: Array | None = None, length: Array | None = None) -> Array:
        n = int(length) if length is not None else len(window) if window is not None else x.shape[1]
        z = x[..., 0] + (1j * x[..., 1] if x.shape[-1] == 2 else 0)
        frames = [
            z[:, at : at + n] * (1 if window is None else window) for at in range(0, z.shape[1] - n + 1, int(step))
        ]
        return parts((np.fft.rfft if onesided else np.fft.fft)(np.stack(frames, 1)))

    return transform(
        "STFT", x, id, reference, {"onesided": onesided}, dtype=dtype, step=step, window=window, length=length
    )


def transforms() -> list[Case]:
    window = np.hanning(16).astype("float32")
    return [
        dft((2, 16, 1), "real"),
        dft((2, 15, 2), "complex"),
        dft((2, 7, 3, 2), "axis_1", axis=1),
        dft((12, 3, 1), "axis_0", axis=0),
        dft((2, 11, 2), "inverse", inverse=1),
        dft((2, 12, 1), "onesided", onesided=1),
        dft((2, 13, 1), "onesided_odd", onesided=1),
        dft((2, 7, 2), "back_to_real", onesided=1, inverse=1),
        dft((2, 7, 2), "back_to_real_odd", onesided=1, inverse=1, length=13),
        dft((2, 9, 1), "longer", length=30),
        dft((2, 30, 2), "shorter", length=9, inverse=1),
        dft((2, 10, 3, 1), "opset_17", axis=1, old=True, onesided=1),
        dft((3, 210, 2), "many_factors", dtype="float64"),
        dft(("batch", 12, 1), "batch"),
        dft((2, "n", 1), "named", dtype="float64"),
        stft((2, 64, 1), "window", 8, window=window),
        stft((2, 50, 1), "length", 7, length=20),
        stft((2, 64, 1), "both", 10, window=window, length=16, onesided=0),
        stft((1, 40, 2), "complex", 5, window=window, onesided=0),
        stft(("batch", 64, 1), "batch", 8, window=window),
        stft((1, 33, 1), "double", 4, length=15, dtype="float64"),
    ]


CASES = (
    *sums(),
    *integers(),
    *transforms(),
    Case("Det", {"x": (5, 5)}, tolerance=5e-6),
    Case("Det", {"x": (2, 3, 4, 4)}, tolerance=5e-6),
    Case("Det", {"x": ("batch", 3, 3)}, dtype="float64"),
    Case("Det", {"x": np.array([[[1, 2], [2, 4]], [[0, 1], [1, 0]]], "float32")}, id="singular"),
)
