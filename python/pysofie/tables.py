"""Tables of functions by name, filled by decorators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

_F = TypeVar("_F", bound=Callable[..., Any])


def entry(table: dict[str, _F], *names: str) -> Callable[[_F], _F]:
    """Decorate a function that stands in a table under these names, which nobody else may have."""

    def register(function: _F) -> _F:
        for name in names:
            if name in table:
                raise ValueError(f"two functions for {name}: {table[name].__name__} and {function.__name__}")
            table[name] = function
        return function

    return register
