"""How large our errors are: beside those of PyTorch in float32, and with weights in bfloat16."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import torch
from networks import SEED, Case

import pysofie

SAMPLES = 400


def error_ratio(case: Case) -> float:
    """Return the root mean square of our errors over that of PyTorch's own, both against PyTorch in float64."""
    exact = copy.deepcopy(case.module).double()
    random = np.random.default_rng(SEED)
    ours, theirs = [], []
    with pysofie.compile(case.module, [list(case.shape)], name=case.identifier) as session, torch.inference_mode():
        for _ in range(max(SAMPLES // case.batch, 20)):
            x = random.standard_normal(case.shape, np.float32)
            expected = exact(torch.from_numpy(x.astype(np.float64))).numpy()
            theirs.append(case.module(torch.from_numpy(x)).numpy() - expected)
            ours.append(session(x) - expected)
    return float(np.sqrt(np.mean(np.square(ours)) / np.mean(np.square(theirs))))


@dataclass(frozen=True)
class Rounding:
    """What weights in bfloat16 change."""

    error: float  # the root mean square of the differences, over that of the results
    float32_us: float
    bfloat16_us: float


def rounding(case: Case) -> Rounding:
    """Compare one network's two types of weights: results on random numbers, and times as its profile has them."""
    sessions = [
        pysofie.compile(case.module, [list(case.shape)], name=case.identifier, weight_type=weight_type)
        for weight_type in ("float32", "bfloat16")
    ]
    random = np.random.default_rng(SEED)
    inputs = [random.standard_normal(case.shape, np.float32) for _ in range(max(SAMPLES // case.batch, 20))]
    exact, rounded = (np.stack([session(x) for x in inputs]).astype(np.float64) for session in sessions)
    times = [session.profile(inputs[0]).time_us for session in sessions]
    return Rounding(float(np.sqrt(np.mean(np.square(rounded - exact)) / np.mean(np.square(exact)))), *times)
