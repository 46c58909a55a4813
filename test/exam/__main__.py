"""Sit the exam and write docs/operators.md or docs/pytorch.md; tell how some operators fare; or try random models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import rich
import typer

from . import cases, invented, report, sitting

DOCUMENTS = Path(__file__).resolve().parents[2] / "docs"


def main(
    only: Annotated[str, typer.Option(help="Operators, with commas between them.")] = "",
    torch: Annotated[bool, typer.Option(help="Instead, PyTorch's modules and functions.")] = False,
    doors: Annotated[str, typer.Option(help="Of PyTorch, some of script,trace,export.")] = "",
    random: Annotated[int, typer.Option(help="Instead, so many random models of each family.")] = 0,
) -> None:
    """Sit the exam."""
    chosen = tuple(filter(None, only.split(",")))
    if torch:
        _modules(chosen, tuple(filter(None, doors.split(","))))
        return
    if random:
        for family in chosen or invented.FAMILIES:
            _tell(sitting.sit(invented.questions(family, random)), family)
        return
    marks = sitting.sit(cases.asked(chosen))
    _tell(marks, "onnx")
    if not only:
        (DOCUMENTS / "operators.md").write_text(report.document(marks), encoding="utf-8")


def _modules(chosen: Sequence[str], doors: Sequence[str]) -> None:
    from torch_cases import CASES  # PyTorch is not needed by the rest

    from . import torch_doors, torch_report

    asked = [case for case in CASES if not chosen or any(one in case.name for one in chosen)]
    marks = torch_doors.sit(asked, doors or tuple(torch_doors.DOORS))
    for mark in marks:
        if mark.verdict != sitting.PASSED:
            reason = " | ".join(line.strip() for line in mark.reason.splitlines())
            print(f"{mark.verdict} {mark.case} [{mark.door} {mark.sizes}]: {reason[:600]}")
    print(torch_report.summary(marks))
    if not chosen and not doors:
        (DOCUMENTS / "pytorch.md").write_text(torch_report.document(marks), encoding="utf-8")


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
