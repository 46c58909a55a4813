"""Sit the exam, and write docs/operators.md or tell how some operators fare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import rich
import typer

from . import report, sitting

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "operators.md"


def main(only: Annotated[str, typer.Option(help="Operators, with commas between them.")] = "") -> None:
    """Sit the exam."""
    marks = sitting.sit(tuple(filter(None, only.split(","))))
    console = rich.get_console()
    for mark in marks:
        if mark.verdict != sitting.PASSED:
            reason = " | ".join(line.strip() for line in mark.reason.splitlines())
            console.print(
                f"{mark.verdict} {mark.question}: {reason[:400]}", markup=False, highlight=False, soft_wrap=True
            )
    rich.print(report.summary(marks))
    if not only:
        DOCUMENT.write_text(report.document(marks), encoding="utf-8")


typer.run(main)
