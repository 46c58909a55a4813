"""Sit the exam and write docs/operators.md; tell how some operators fare; or try random models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import rich
import typer

from . import cases, invented, report, sitting

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "operators.md"


def main(
    only: Annotated[str, typer.Option(help="Operators, with commas between them.")] = "",
    random: Annotated[int, typer.Option(help="Instead, so many random models of each family.")] = 0,
) -> None:
    """Sit the exam."""
    chosen = tuple(filter(None, only.split(",")))
    if random:
        for family in chosen or invented.FAMILIES:
            _tell(sitting.sit(invented.questions(family, random)), family)
        return
    marks = sitting.sit(cases.asked(chosen))
    _tell(marks, "onnx")
    if not only:
        DOCUMENT.write_text(report.document(marks), encoding="utf-8")


def _tell(marks: Sequence[sitting.Mark], title: str) -> None:
    console = rich.get_console()
    for mark in marks:
        if mark.verdict != sitting.PASSED:
            reason = " | ".join(line.strip() for line in mark.reason.splitlines())
            console.print(
                f"{mark.verdict} {mark.question}: {reason[:400]}", markup=False, highlight=False, soft_wrap=True
            )
    rich.print(f"{title}: {report.summary(marks)}")


typer.run(main)
