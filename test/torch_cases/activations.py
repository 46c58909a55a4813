"""Activations."""

from __future__ import annotations

from torch import nn

from . import f, layer

X = f("n", 3, 5)

CASES = [
    layer(nn.CELU, on=X),
    layer(nn.CELU, alpha=0.7, on=X),
    layer(nn.ELU, on=X),
    layer(nn.ELU, alpha=0.7, on=X),
    layer(nn.GELU, on=X),
    layer(nn.GELU, approximate="tanh", on=X),
    layer(nn.GLU, on=f("n", 3, 6)),
    layer(nn.GLU, dim=1, on=f("n", 4, 5)),
    layer(nn.Hardshrink, on=X),
    layer(nn.Hardshrink, lambd=0.9, on=X),
    layer(nn.Hardsigmoid, on=f("n", 3, 5, low=-5, high=5)),
    layer(nn.Hardswish, on=f("n", 3, 5, low=-5, high=5)),
    layer(nn.Hardtanh, on=X),
    layer(nn.Hardtanh, min_val=-0.3, max_val=1.1, on=X),
    layer(nn.Identity, on=X),
    layer(nn.LeakyReLU, on=X),
    layer(nn.LeakyReLU, negative_slope=0.2, on=X),
    layer(nn.LogSigmoid, on=f("n", 3, 5, low=-30, high=30)),
    layer(nn.LogSoftmax, dim=-1, on=X),
    layer(nn.LogSoftmax, dim=1, on=X),
    layer(nn.Mish, on=X),
    layer(nn.PReLU, on=X),
    layer(nn.PReLU, num_parameters=3, on=X),
    layer(nn.PReLU, num_parameters=5, on=f("n", 5)),
    layer(nn.RReLU, on=X),
    layer(nn.ReLU, on=X),
    layer(nn.ReLU, inplace=True, on=X),
    layer(nn.ReLU6, on=f("n", 3, 5, low=-9, high=9)),
    layer(nn.SELU, on=X),
    layer(nn.SiLU, on=X),
    layer(nn.Sigmoid, on=X),
    layer(nn.Softmax, dim=-1, on=X),
    layer(nn.Softmax, dim=1, on=X),
    layer(nn.Softmax, dim=0, on=f(4, 3)),
    layer(nn.Softmax2d, on=f("n", 3, 4, 5)),
    layer(nn.Softmin, dim=-1, on=X),
    layer(nn.Softplus, on=f("n", 3, 5, low=-30, high=30)),
    layer(nn.Softplus, beta=2.5, threshold=3, on=X),
    layer(nn.Softshrink, on=X),
    layer(nn.Softshrink, lambd=0.9, on=X),
    layer(nn.Softsign, on=X),
    layer(nn.Tanh, on=X),
    layer(nn.Tanhshrink, on=X),
    layer(nn.Threshold, 0.4, 7.5, on=X),
    layer(nn.Dropout, 0.5, on=X),
    layer(nn.Dropout1d, on=X),
    layer(nn.Dropout2d, on=f("n", 3, 4, 5)),
    layer(nn.Dropout3d, on=f("n", 2, 3, 4, 5)),
    layer(nn.AlphaDropout, on=X),
    layer(nn.FeatureAlphaDropout, on=X),
]
