"""How large our errors are beside those of PyTorch in float32."""

from __future__ import annotations

import copy

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
