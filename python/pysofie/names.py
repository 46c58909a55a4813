"""Legal and unique C++ names made of the user's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

_LONGEST = 200

# Words that cannot name a parameter of a generated function: the language's, and macros or names that its headers own.
_RESERVED = frozenset(
    """
    alignas alignof and and_eq asm atomic_cancel atomic_commit atomic_noexcept auto bitand bitor bool break case catch char
    char8_t char16_t char32_t class compl concept const consteval constexpr constinit const_cast continue co_await co_return
    co_yield decltype default delete do double dynamic_cast else enum explicit export extern false float for friend goto if
    inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public reflexpr
    register reinterpret_cast requires return short signed sizeof static static_assert static_cast struct switch synchronized
    template this thread_local throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t while
    xor xor_eq
    assert errno linux unix EOF NULL I NAN INFINITY
    std size_t int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t session Session infer doInfer filename
    ArenaBytes Kernel Run W Weights arena first fixed output rows weights width
    """.split()  # noqa: SIM905 - a column of quotes would hide the words
)


def fresh(stem: str, taken: Container[str]) -> str:
    """The stem, or the stem and the first number from 2 on, that nobody has."""
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    return name


def claim(stem: str, taken: set[str]) -> str:
    """The same, which is taken from then on."""
    name = fresh(stem, taken)
    taken.add(name)
    return name


def clean(name: str) -> str:
    """ROOT's spelling of a name: '-' becomes '_', everything but ASCII letters, digits and '_' is deleted."""
    return re.sub(r"[^A-Za-z0-9_]", "", name.replace("-", "_"))


class Names:
    """Gives every name of one model a spelling of its own; ROOT's where that is free."""

    def __init__(self) -> None:
        self._spelling: dict[str, str] = {}
        self._taken: set[str] = set()

    def __getitem__(self, name: str) -> str:
        """The spelling of a name, made at its first use."""
        if name not in self._spelling:
            self._spelling[name] = self._free(clean(name)[:_LONGEST] or "tensor")
        return self._spelling[name]

    def reserve(self, names: Iterable[str]) -> None:
        """Spell these names now, before others take their spelling."""
        for name in names:
            self[name]

    def fresh(self, stem: str) -> str:
        """A name that no other tensor has."""
        return fresh(stem, self._spelling)

    def origins(self) -> dict[str, str]:
        """Spelling to the user's own name, where they differ."""
        return {spelling: name for name, spelling in self._spelling.items() if spelling != name}

    def _free(self, spelling: str) -> str:
        return claim(spelling, self._taken)


class DimNames(Names):
    """The same for the names of dims, which become parameters of the generated functions."""

    def __getitem__(self, name: str) -> str:
        """The spelling of a dim's name, made at its first use."""
        if name not in self._spelling:
            self._spelling[name] = self._free(_parameter(clean(name)[:_LONGEST]))
        return self._spelling[name]


def _parameter(spelling: str) -> str:
    legal = re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", spelling) and "__" not in spelling
    if legal and spelling not in _RESERVED and not spelling.startswith("tensor_"):
        return spelling
    return f"dim_{re.sub('_+', '_', spelling).strip('_')}"
