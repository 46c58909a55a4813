"""What is known to be wrong in ROOT's own SOFIE, refused by name where that is the provider."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from .builder import OperatorCall, Recipe, Struct, Vector
from .errors import Missing

_Ranks: TypeAlias = Mapping[str, int]
_Check: TypeAlias = Callable[[OperatorCall, _Ranks], str | None]
_WRONG = "which ROOT's own SOFIE gets wrong without a word"
_ADVICE = "a ROOT without SOFIE of its own, such as the one from PyPI, uses pysofie's, which supports this"


def refusals(recipe: Recipe) -> tuple[Missing, ...]:
    """Everything in a model that ROOT's generator accepts and gets wrong."""
    found = list(_operators(recipe))
    if any(isinstance(dim, str) for info in recipe.inputs for dim in info.shape):
        found.append(Missing("Input", "", f"a named dim, {_WRONG}", "give integers"))
    return tuple(dict.fromkeys(found))


def parse_time() -> str:
    """The time as RModel wants it: it cuts off the last character, which is asctime's newline in C."""
    return time.asctime() + "\n"


def _operators(recipe: Recipe) -> Iterator[Missing]:
    for call in recipe.operators:
        reason = _CHECKS[call.cls](call, recipe.ranks) if call.cls in _CHECKS else None
        if reason is not None:
            yield Missing(call.cls, call.origin, f"{reason}, {_WRONG}", _ADVICE)
        for body in call.arguments:
            if isinstance(body, Recipe):
                yield from _operators(body)


def _conv(call: OperatorCall, _: _Ranks) -> str | None:
    dilations, pads = _integers(call.arguments[1]), _integers(call.arguments[4])
    if any(step != 1 for step in dilations):
        return f"dilations {list(dilations)}"
    return _uneven(pads)


def _pool(call: OperatorCall, _: _Ranks) -> str | None:
    attributes = call.arguments[1]
    members = attributes.members if isinstance(attributes, Struct) else {}
    if members.get("ceil_mode"):
        return "ceil_mode"
    return _uneven(_integers(members["pads"])) if "pads" in members else None


def _uneven(pads: tuple[int, ...]) -> str | None:
    half = len(pads) // 2
    return f"pads {list(pads)} that differ at both ends" if pads[:half] != pads[half:] else None


def _gemm(call: OperatorCall, ranks: _Ranks) -> str | None:
    most = max(_rank(call, at, ranks) for at in (4, 5))
    return f"a product of matrices in {most} dimensions" if most > 2 else None


def _layer_normalization(call: OperatorCall, ranks: _Ranks) -> str | None:
    axis, rank = call.arguments[0], _rank(call, 3, ranks)
    return f"axis {axis} of {rank} dimensions" if rank > 2 and axis != rank // 2 else None


def _gru(call: OperatorCall, ranks: _Ranks) -> str | None:
    return "linear_before_reset=0" if not call.arguments[7] else _both_directions(call, ranks)


def _both_directions(call: OperatorCall, _: _Ranks) -> str | None:
    return "both directions" if call.arguments[4] == "bidirectional" else None


def _top_k(call: OperatorCall, ranks: _Ranks) -> str | None:
    return "the last axis" if call.arguments[0] == _rank(call, 4, ranks) - 1 else None


def _rank(call: OperatorCall, at: int, ranks: _Ranks) -> int:
    """The rank of the tensor that an argument names; 0 where it is not known."""
    return ranks.get(str(call.arguments[at]), 0)


def _integers(argument: object) -> tuple[int, ...]:
    return tuple(int(item) for item in argument.items) if isinstance(argument, Vector) else ()


_CHECKS: Mapping[str, _Check] = {
    "Conv": _conv,
    "GRU": _gru,
    "Gemm": _gemm,
    "LSTM": _both_directions,
    "LayerNormalization": _layer_normalization,
    "Pool": _pool,
    "TopK": _top_k,
}
