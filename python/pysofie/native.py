"""What is known to be wrong in ROOT's own SOFIE, refused by name where that is the provider."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

from .builder import OperatorCall, Recipe, Struct, Vector
from .errors import Missing

_Check: TypeAlias = Callable[[OperatorCall], str | None]
_ADVICE = "a ROOT without SOFIE of its own, such as the one from PyPI, uses pysofie's, which supports this"


def refusals(recipe: Recipe) -> tuple[Missing, ...]:
    """Everything in a model that ROOT's generator accepts and gets wrong."""
    found = [
        Missing(call.cls, call.origin, f"{reason}, which ROOT's own SOFIE gets wrong without a word", _ADVICE)
        for call in recipe.operators
        if (reason := _CHECKS.get(call.cls, _fine)(call)) is not None
    ]
    if any(isinstance(dim, str) for info in recipe.inputs for dim in info.shape):
        found.append(
            Missing("Input", "", "a named dim, which ROOT's own SOFIE gets wrong without a word", "give integers")
        )
    return tuple(dict.fromkeys(found))


def parse_time() -> str:
    """The time as RModel wants it: it cuts off the last character, which is asctime's newline in C."""
    return time.asctime() + "\n"


def _fine(_: OperatorCall) -> None:
    return None


def _conv(call: OperatorCall) -> str | None:
    dilations, pads = _integers(call.arguments[1]), _integers(call.arguments[4])
    if any(step != 1 for step in dilations):
        return f"dilations {list(dilations)}"
    return _uneven(pads)


def _pool(call: OperatorCall) -> str | None:
    attributes = call.arguments[1]
    members = attributes.members if isinstance(attributes, Struct) else {}
    if members.get("ceil_mode"):
        return "ceil_mode"
    return _uneven(_integers(members["pads"])) if "pads" in members else None


def _uneven(pads: tuple[int, ...]) -> str | None:
    half = len(pads) // 2
    return f"pads {list(pads)} that differ at both ends" if pads[:half] != pads[half:] else None


def _integers(argument: object) -> tuple[int, ...]:
    return tuple(int(item) for item in argument.items) if isinstance(argument, Vector) else ()


_CHECKS: dict[str, _Check] = {"Conv": _conv, "Pool": _pool}
