"""Sizes of dimensions: integers, names, and sums and products of them.

A dimension of a graph is an ``int`` or a name such as ``"batch"``. What operators make of them (``2 * batch + 3`` after a
concatenation) is a polynomial with integer coefficients, kept in one normal form so that equal sizes compare equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Self, TypeAlias

_Terms: TypeAlias = Mapping[tuple[str, ...], int]


@dataclass(frozen=True, slots=True)
class Expression:
    """A polynomial over names that is no plain integer; build it with `named`, ``+``, ``-`` and ``*``."""

    terms: tuple[tuple[tuple[str, ...], int], ...]

    def __add__(self, other: Size) -> Size:
        total = dict(self.terms)
        for factors, coefficient in _terms(other).items():
            total[factors] = total.get(factors, 0) + coefficient
        return _normal(total)

    def __mul__(self, other: Size) -> Size:
        total: dict[tuple[str, ...], int] = {}
        for left, a in self.terms:
            for right, b in _terms(other).items():
                factors = tuple(sorted(left + right))
                total[factors] = total.get(factors, 0) + a * b
        return _normal(total)

    def __neg__(self) -> Size:
        return self * -1

    def __sub__(self, other: Size) -> Size:
        return self + other * -1

    def __rsub__(self, other: int) -> Size:
        return -self + other

    def __floordiv__(self, other: int) -> Size:
        return floor_divide(self, other)

    __radd__ = __add__
    __rmul__ = __mul__

    @property
    def name(self) -> str | None:
        """The name, where this is one name and nothing else."""
        match self.terms:
            case ((((only,), 1)),):
                return only
        return None

    @property
    def names(self) -> frozenset[str]:
        """The names that occur in it."""
        return frozenset(factor for factors, _ in self.terms for factor in factors)

    def __str__(self) -> str:
        return "+".join(_term(*term) for term in sorted(self.terms, key=_degree_first)).replace("+-", "-")


class Quotient(str):  # noqa: SLOT000 - a str has no room for slots
    """A quotient, rounded down, that is no polynomial: it takes the place of a name, and is spelled as one."""

    number: Expression
    by: int

    def __new__(cls, number: Expression, by: int) -> Self:
        """``number`` divided by ``by``."""
        self = super().__new__(cls, f"(({number})/{by})")
        self.number, self.by = number, by
        return self


Size: TypeAlias = "int | Expression"
Shape: TypeAlias = "tuple[Size, ...]"


def _term(factors: tuple[str, ...], coefficient: int) -> str:
    product = "*".join(factors)
    if not product or abs(coefficient) != 1:
        return "*".join(filter(None, (str(coefficient), product)))
    return product if coefficient > 0 else f"-{product}"


def _degree_first(term: tuple[tuple[str, ...], int]) -> tuple[int, tuple[str, ...]]:
    return -len(term[0]), term[0]


def _terms(size: Size) -> _Terms:
    return {(): int(size)} if not isinstance(size, Expression) else dict(size.terms)


def _normal(terms: _Terms) -> Size:
    kept = tuple(sorted((factors, c) for factors, c in terms.items() if c))
    if not kept:
        return 0
    return kept[0][1] if len(kept) == 1 and not kept[0][0] else Expression(kept)


def size(dim: int | str | Expression) -> Size:
    """A dimension of a graph as a size."""
    return named(dim) if isinstance(dim, str) else dim if isinstance(dim, Expression) else int(dim)


def named(name: str) -> Expression:
    """The size that a name stands for."""
    return Expression((((name,), 1),))


def known_later(what: str) -> Expression:
    """A size that is known at run time only, from data; `what` says which, and equal ones are equal."""
    return named(f"({what})")


def is_users(size: Expression) -> bool:
    """Whether it is a name that an input has, rather than one that was made here."""
    return size.name is not None and "(" not in size.name


def shape(dims: Iterable[int | str | Expression]) -> Shape:
    """A shape of a graph as sizes."""
    return tuple(size(dim) for dim in dims)


def count(sizes: Iterable[Size]) -> Size:
    """The number of elements of a shape."""
    total: Size = 1
    for one in sizes:
        total = total * one
    return total


def divide(number: Size, by: Size) -> Size | None:
    """``number / by`` where that is exact, by an integer or a product of names; else None."""
    divisor = _terms(by)
    if len(divisor) != 1 or by == 0:
        return None
    ((factors, coefficient),) = divisor.items()
    quotient: dict[tuple[str, ...], int] = {}
    for numerator, c in _terms(number).items():
        remaining = list(numerator)
        if c % coefficient or any(remaining.count(f) < factors.count(f) for f in factors):
            return None
        for factor in factors:
            remaining.remove(factor)
        quotient[tuple(remaining)] = c // coefficient
    return _normal(quotient)


def floor_divide(number: Size, by: int) -> Size:
    """``number // by``; where that is no polynomial, a name that spells the quotient."""
    if not isinstance(number, Expression):
        return number // by
    exact = divide(number, by)
    return named(Quotient(number, by)) if exact is None else exact


def code(size: Size, spelling: Callable[[str], str]) -> str:
    """A size as C++ over dims that are spelled in its own way."""
    return "+".join(
        "*".join(
            ([] if factors and coefficient == 1 else [str(coefficient)]) + [_factor(one, spelling) for one in factors]
        )
        for factors, coefficient in _terms(size).items()
    )


def _factor(name: str, spelling: Callable[[str], str]) -> str:
    if isinstance(name, Quotient):
        return f"(({code(name.number, spelling)})/{name.by})"
    return spelling(name)


def is_given(size: Size) -> bool:
    """Whether it follows from the names that inputs have."""
    return all(
        is_given(factor.number) if isinstance(factor, Quotient) else "(" not in factor
        for factors in _terms(size)
        for factor in factors
    )


def is_negative(size: Size) -> bool:
    """Whether it is a negative number, or a sum of nothing but negative terms."""
    return all(coefficient < 0 for coefficient in _terms(size).values()) and size != 0


def is_known(sizes: Iterable[Size]) -> bool:
    """Whether a shape is all integers."""
    return not any(isinstance(one, Expression) for one in sizes)


def text(sizes: Iterable[Size]) -> str:
    """A shape as a user writes it: ``[batch, 7]``."""
    return f"[{', '.join(str(one) for one in sizes)}]"
