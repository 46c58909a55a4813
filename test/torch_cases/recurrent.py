"""Recurrent networks."""

from __future__ import annotations

import torch
from torch import nn

from . import f, layer, net


class States(nn.Module):
    """Initial states in, last ones out."""

    def __init__(self, kind, **options):
        super().__init__()
        self.net = kind(5, 4, **options)

    def forward(self, x, h):
        y, last = self.net(x, h)
        return y, last


class LstmStates(nn.Module):
    """The same with both states of an LSTM."""

    def __init__(self, **options):
        super().__init__()
        self.net = nn.LSTM(5, 4, **options)

    def forward(self, x, h, c):
        y, (last, cell) = self.net(x, (h, c))
        return y, last, cell


class Sequence(nn.Module):
    """Without initial states, as most networks are."""

    def __init__(self, kind, *sizes, **options):
        super().__init__()
        self.net = kind(*sizes, **options)

    def forward(self, x):
        y, _ = self.net(x)
        return y


class LastState(nn.Module):
    """The last state alone, of both directions."""

    def __init__(self):
        super().__init__()
        self.net = nn.GRU(5, 4, bidirectional=True, batch_first=True)
        self.out = nn.Linear(8, 2)

    def forward(self, x):
        _, h = self.net(x)
        return self.out(torch.cat([h[0], h[1]], 1))


class Steps(nn.Module):
    """A cell step by step."""

    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(5, 4)

    def forward(self, x):
        h = torch.zeros(x.shape[1], 4)
        for at in range(x.shape[0]):
            h = self.cell(x[at], h)
        return h


class LstmStep(nn.Module):
    """One step of an LSTM."""

    def __init__(self):
        super().__init__()
        self.cell = nn.LSTMCell(5, 4)

    def forward(self, x, h, c):
        return self.cell(x, (h, c))


def sequence(kind, *sizes, on=None, **options):
    return net(
        f"nn.{kind.__name__}",
        lambda: Sequence(kind, *sizes, **options),
        ",".join([*map(str, sizes), *(f"{name}={value}" for name, value in options.items()), str(on.shape)]),
        x=on,
    )


X, FIRST = f(6, "n", 5), f("n", 6, 5)

CASES = [
    *(
        case
        for kind in (nn.RNN, nn.LSTM, nn.GRU)
        for case in (
            sequence(kind, 5, 4, on=X),
            sequence(kind, 5, 4, bias=False, batch_first=True, on=FIRST),
            sequence(kind, 5, 4, 2, bidirectional=True, batch_first=True, dropout=0.3, on=FIRST),
            sequence(kind, 5, 4, batch_first=True, on=f("n", "length", 5)),
            sequence(kind, 5, 4, on=f(6, 5)),
        )
    ),
    sequence(nn.RNN, 5, 4, nonlinearity="relu", on=X),
    sequence(nn.LSTM, 5, 4, proj_size=3, on=X),
    sequence(nn.LSTM, 5, 4, 2, proj_size=3, bidirectional=True, batch_first=True, on=FIRST),
    net("nn.RNN", lambda: States(nn.RNN), "states", x=X, h=f(1, "n", 4)),
    net("nn.GRU", lambda: States(nn.GRU, num_layers=2), "states", x=X, h=f(2, "n", 4)),
    net(
        "nn.GRU",
        lambda: States(nn.GRU, bidirectional=True, batch_first=True),
        "states of both",
        x=FIRST,
        h=f(2, "n", 4),
    ),
    net("nn.LSTM", LstmStates, "states", x=X, h=f(1, "n", 4), c=f(1, "n", 4)),
    net("nn.LSTM", lambda: LstmStates(proj_size=3), "states of a projection", x=X, h=f(1, "n", 3), c=f(1, "n", 4)),
    net("nn.GRU", LastState, "last state", x=FIRST),
    layer(nn.RNNCell, 5, 4, on=(f("n", 5), f("n", 4))),
    layer(nn.RNNCell, 5, 4, nonlinearity="relu", bias=False, on=(f("n", 5), f("n", 4))),
    layer(nn.GRUCell, 5, 4, on=(f("n", 5), f("n", 4))),
    net("nn.GRUCell", Steps, "step by step", x=f(3, "n", 5)),
    net("nn.LSTMCell", LstmStep, x=f("n", 5), h=f("n", 4), c=f("n", 4)),
]
