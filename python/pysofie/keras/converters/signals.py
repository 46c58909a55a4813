"""Spectra of signals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie import dims
from pysofie.errors import Refusal
from pysofie.keras.registry import layer, operation

from .shaping import pad_by

if TYPE_CHECKING:
    from pysofie.keras.walk import Walk
    from pysofie.values import Value

_COSINES = {"hann": 0.5, "hamming": 0.54}


@operation("STFT")
def stft(w: Walk, op: Any, x: Any) -> list[Value]:
    """keras.ops.stft: real and imaginary parts."""
    made = _spectrum(w, op, w.tensor(x), centred=op.center)
    return [w.squeeze(w.slice(made, made.rank - 1, at, at + 1), made.rank - 1) for at in (0, 1)]


@layer("MelSpectrogram")
def mel_spectrogram(w: Walk, layer: Any, x: Value) -> Value:
    """Powers in bands that are as wide as one hears them, in decibels, below the loudest of the whole batch."""
    given = x if x.dtype == np.float64 else w.cast(x, np.float32)
    made = _spectrum(w, layer, given, centred=True)
    power = w.reduce("Sum", w.op("Mul", made, made), [made.rank - 1])
    if layer.mag_exp != 2:
        power = w.op("Pow", power, w.number(layer.mag_exp / 2, power))
    bands = layer.linear_to_mel_weight_matrix(
        num_mel_bins=layer.num_mel_bins,
        num_spectrogram_bins=layer.fft_length // 2 + 1,
        sampling_rate=layer.sampling_rate,
        lower_edge_hertz=layer.min_freq,
        upper_edge_hertz=layer.max_freq,
    )
    found = w.op("MatMul", power, w.array(bands).astype(power.dtype))
    if layer.power_to_db:
        loudness = w.op(
            "Mul", w.op("Log", w.op("Max", found, w.number(layer.min_power, found))), w.number(10 / np.log(10), found)
        )
        reference = 10 * np.log10(max(abs(layer.ref_power), layer.min_power))
        loudness = w.op("Sub", loudness, w.number(reference, found))
        least = w.op("Sub", w.reduce("Max", loudness, range(loudness.rank)), w.number(layer.top_db, found))
        found = w.op("Max", loudness, least)
    order = (*range(found.rank - 2), found.rank - 1, found.rank - 2)
    return w.cast(w.transpose(found, order), layer.compute_dtype)


def _spectrum(w: Walk, op: Any, x: Value, *, centred: bool) -> Value:
    """The frames of the last axis and their frequencies, a pair of numbers for each."""
    length = int(op.fft_length)
    if centred:
        x = pad_by(w, x, [(0, 0)] * (x.rank - 1) + [(length // 2, length // 2)], "reflect")
    signal = w.reshape(x, (dims.count(x.shape[:-1]), x.shape[-1], 1))
    window = _window(w, op).astype(x.dtype)
    before = (length - len(window)) // 2
    frame = np.pad(window, (before, length - len(window) - before))
    scalars = (np.array(one, np.int64) for one in (op.sequence_stride, length))
    step, size = scalars
    made = w.op("STFT", signal, step, frame, size, onesided=1)
    return w.reshape(made, (*x.shape[:-1], *made.shape[1:]), x)


def _window(w: Walk, op: Any) -> np.ndarray[Any, Any]:
    if op.window is None:
        return np.ones(op.fft_length)  # all of a frame, then
    if not isinstance(op.window, str):
        return w.array(op.window)
    if op.window not in _COSINES:
        raise Refusal(f"the window '{op.window}'")
    middle = _COSINES[op.window]
    samples: np.ndarray[Any, Any] = np.arange(op.sequence_length)
    shape: np.ndarray[Any, Any] = middle - (1 - middle) * np.cos(2 * np.pi * samples / len(samples))
    return shape
