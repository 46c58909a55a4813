"""Fourier transforms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pysofie import signals
from pysofie.errors import Refusal
from pysofie.registry import translator

if TYPE_CHECKING:
    from pysofie.builder import NodeBuilder
    from pysofie.values import Value


def _dft(b: NodeBuilder, x: Value, at: int, length: int, inverse: int, onesided: int) -> None:
    if length < 0:
        raise Refusal(f"dft_length {length}")
    if onesided and (x.shape[-1] == 2) != bool(inverse):
        raise Refusal("onesided goes from real signals to complex ones, and back with inverse")
    b.emit("DFT", at, inverse, onesided, length, x, b.output)


@translator("DFT", since=20, infer=signals.dft_20, restrictions="constant dft_length and axis")
def dft(
    b: NodeBuilder,
    x: Value,
    dft_length: Value | None = None,
    axis: Value | None = None,
    *,
    inverse: int = 0,
    onesided: int = 0,
) -> None:
    """DFT(input, dft_length, axis; inverse=0, onesided=0) -> output."""
    at = signals.dft_axis(x, signals.number("axis", axis, -2))
    _dft(b, x, at, signals.number("dft_length", dft_length), inverse, onesided)


@translator("DFT", since=17, infer=signals.dft_17, restrictions="constant dft_length")
def dft_17(
    b: NodeBuilder, x: Value, dft_length: Value | None = None, *, axis: int = 1, inverse: int = 0, onesided: int = 0
) -> None:
    """DFT(input, dft_length; axis=1, inverse=0, onesided=0) -> output, as it was before opset 20."""
    _dft(b, x, signals.dft_axis(x, axis), signals.number("dft_length", dft_length), inverse, onesided)


@translator("STFT", since=17, infer=signals.stft, restrictions="constant frame_step and frame_length")
def stft(
    b: NodeBuilder,
    signal: Value,
    frame_step: Value,
    window: Value | None = None,
    frame_length: Value | None = None,
    *,
    onesided: int = 1,
) -> None:
    """STFT(signal, frame_step, window, frame_length; onesided=1) -> output."""
    if onesided and signal.shape[2] == 2:
        raise Refusal("onesided of a complex signal")
    frame = signals.frame_length(signal, window, frame_length)
    b.emit("STFT", signals.number("frame_step", frame_step), frame, onesided, signal, window, b.output)
