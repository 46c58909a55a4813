"""TMVA's tabulated cumulative distributions, as its Gauss and Uniform read them.

A histogram of unlike bins is joined by straight lines through the bins' centres, that is sampled at the centres of ten thousand
equal bins, and these, rounded to 32 bits, are joined by straight lines again, which go on beyond both ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pysofie.errors import ModelFileError, Refusal

from . import xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from numpy.typing import NDArray

SAMPLES = 10000
LEAST = 1e-12
"""What a distribution gives at least, also where its argument is no number."""
_SPLINE1 = 1
_MOST_BINS = 2**20


@dataclass(frozen=True, slots=True)
class Cumulative:
    """Values at the centres of equal bins; `first` is the first centre, `step` the bins' width."""

    first: float
    step: float
    values: NDArray[np.float32]


def cumulative(pdf: Element) -> Cumulative:
    """From the element that describes it; Refusal where it is joined by anything but straight lines."""
    if xml.count(pdf, "InterpolMethod") != _SPLINE1 or xml.attribute(pdf, "MaxNSmooth").strip() not in ("0", "-1"):
        raise Refusal(
            "its distributions are smoothed, or joined by curves", "no transformation of TMVA's own asks for that"
        )
    histogram = xml.child(pdf, "Histogram")
    bins = xml.count(histogram, "NBins")
    if not 2 <= bins <= _MOST_BINS:
        raise ModelFileError(f"a distribution has {bins} bins")
    contents = xml.as_floats(xml.numbers(histogram, (bins,)), histogram).astype(np.float64)
    if xml.flag(histogram, "HasEquidistantBins"):
        low, high = xml.number(histogram, "XMin"), xml.number(histogram, "XMax")
        edges = low + np.arange(bins + 1, dtype=np.float64) * ((high - low) / bins)
    else:
        binning = xml.child(pdf, "HistogramBinning")
        if xml.count(binning, "NBins") != bins:
            raise ModelFileError("a distribution has bins of another number than their edges")
        edges = xml.numbers(binning, (bins + 1,))
    if not (np.diff(edges) > 0).all():
        raise ModelFileError("the bins of a distribution do not follow one another")
    return _sampled(edges, contents)


def _sampled(edges: NDArray[np.float64], contents: NDArray[np.float64]) -> Cumulative:
    step = (edges[-1] - edges[0]) / SAMPLES
    x = edges[0] + np.arange(SAMPLES) * step + 0.5 * step
    if not (np.diff(x) > 0).all():
        raise ModelFileError("the bins of a distribution are too narrow for their place")
    centres = edges[:-1] + 0.5 * np.diff(edges)
    left = np.clip(np.searchsorted(centres, x, side="right") - 1, 0, len(centres) - 2)
    slopes = np.diff(contents) / np.diff(centres)
    y = contents[left] + (x - centres[left]) * slopes[left]
    inside = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, len(contents) - 1)
    y = np.maximum(np.where(y <= LEAST, contents[inside], y), LEAST)
    return Cumulative(float(x[0]), float(step), y.astype(np.float32))
