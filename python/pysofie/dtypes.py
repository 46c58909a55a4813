"""Data types by name. bfloat16 is the package ml_dtypes', which is imported where one is met."""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import DataTypeError

HALVES = ("float16", "bfloat16")
"""The 16-bit floats: what a model is given, gives back and rounds to; it computes in float32."""


def named(name: str) -> np.dtype[Any]:
    """The data type of a name such as "float32"."""
    if name != "bfloat16":
        return np.dtype(name)
    try:
        import ml_dtypes  # noqa: PLC0415 - few need it
    except ImportError as error:
        raise DataTypeError(f"bfloat16 in Python needs the package ml_dtypes: {error}") from error
    dtype: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
    return dtype


def is_half(dtype: np.dtype[Any] | None) -> bool:
    """Whether it is a 16-bit float."""
    return dtype is not None and dtype.name in HALVES
