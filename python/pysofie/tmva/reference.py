"""TMVA's transformations on arrays, to compare generated code with: written apart from what makes the operators."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from .apply import FLATTEST, ROOT2, STEEPEST
from .cumulative import LEAST
from .weights import Linear, Normalize, read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from pysofie.plan import Array
    from pysofie.reference import Runner

    from .cumulative import Cumulative
    from .weights import Function, Transformation, Weights

_NORMAL = NormalDist()


def around(run: Runner, path: Path) -> Runner:
    """What runs the original, taking the variables as they are before TMVA's transformations."""
    weights = read(path)

    def transformed(arrays: Sequence[Array]) -> list[Array]:
        return [after(weights, one) for one in run([before(weights, one) for one in arrays])]

    return transformed


def before(weights: Weights, x: Array) -> Array:
    """Rows of variables as the network gets them."""
    for one in weights.transformations:
        places = one.places("Variable")
        if places:
            x = _step(one, places, x)
    return x


def after(weights: Weights, y: Array) -> Array:
    """What a regression's network gives, as the targets were."""
    y = y.copy()
    for one in weights.transformations:
        if isinstance(one.function, Normalize):
            for place in one.places("Target"):
                low, high = np.float64(one.function.low[place]), np.float64(one.function.high[place])
                at = one.reads[place].at
                y[:, at] = low + (y[:, at].astype(np.float64) + 1) / 2 * (high - low)
    return y


def _step(one: Transformation, places: list[int], x: Array) -> Array:
    columns = x[:, [one.reads[place].at for place in places]].astype(np.float64)
    result = x.copy()
    result[:, [one.writes[place].at for place in places]] = _values(one.function, columns, places)
    return result


def _values(function: Function, x: NDArray[np.float64], places: list[int]) -> NDArray[np.float64]:
    if isinstance(function, Normalize):
        low, high = (side[places].astype(np.float64) for side in (function.low, function.high))
        return (x - low) / (high - low) * 2 - 1
    if isinstance(function, Linear):
        return (x if function.mean is None else x - function.mean) @ function.matrix
    flat = np.stack([_cumulant(one, column) for one, column in zip(function.distributions, x.T, strict=True)], axis=1)
    if not function.gauss:
        return flat
    arguments = np.clip(2 * flat - 1, -STEEPEST, STEEPEST)
    normal = np.array([_NORMAL.inv_cdf((float(one) + 1) / 2) for one in arguments.ravel()])
    return normal.reshape(arguments.shape) * (ROOT2 / math.sqrt(2))


def _cumulant(one: Cumulative, x: NDArray[np.float64]) -> NDArray[np.float64]:
    values = one.values.astype(np.float64)
    centres = one.first + np.arange(len(values)) * one.step
    y = np.interp(x, centres, values)
    y = np.where(x < centres[0], values[0] + (x - centres[0]) * (values[1] - values[0]) / one.step, y)
    y = np.where(x > centres[-1], values[-1] + (x - centres[-1]) * (values[-1] - values[-2]) / one.step, y)
    return np.clip(np.where(np.isnan(y), LEAST, y), FLATTEST, 1 - FLATTEST)
