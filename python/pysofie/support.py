"""`supported`: what can be translated, as data that prints as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import registry

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Supported:
    """One operator: since which opset, for which types, with which restrictions."""

    operator: str
    since: int
    types: tuple[str, ...]
    restrictions: str


class Table(tuple[Supported, ...]):
    """All supported operators; a tuple of records that prints as a table."""

    __slots__ = ()

    def __str__(self) -> str:
        rows = [("operator", "opset", "types", "restrictions"), *(_cells(one) for one in self)]
        widths = [max(len(row[at]) for row in rows) for at in range(4)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in _cells(one))}</tr>" for one in self)
        return f"<table><tr><th>operator</th><th>opset</th><th>types</th><th>restrictions</th></tr>{rows}</table>"


def supported() -> Table:
    """All operators that are supported, collected from the translators."""
    return Table(_rows())


def _rows() -> Iterator[Supported]:
    for one in registry.operators():
        name = f"{one.domain}::{one.op_type}" if one.domain else one.op_type
        yield Supported(name, one.since, one.types, one.restrictions)


def _cells(row: Supported) -> tuple[str, str, str, str]:
    return row.operator, f"{row.since}+", " ".join(row.types), row.restrictions
