"""PyTorch's modules and functions through every door: nothing wrong, nothing crashed, and the document tells how it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from exam import sitting, torch_doors, torch_report
from torch_cases import CASES

pytestmark = [pytest.mark.torch, pytest.mark.slow]

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "pytorch.md"
ALLOWED = (sitting.PASSED, sitting.REFUSED, torch_doors.NOT_CAPTURABLE)


@pytest.fixture(scope="module")
def marks() -> list[torch_doors.Mark]:
    return torch_doors.sit()


def test_nothing_is_wrong(marks):
    assert [mark for mark in marks if mark.verdict not in ALLOWED] == []


def test_a_refusal_says_why(marks):
    assert [mark for mark in marks if mark.verdict != sitting.PASSED and not mark.reason] == []


def test_the_document_is_up_to_date(marks):
    """Reasons apart: PyTorch numbers the tensors that they name by what it has exported before in the process."""
    told, found = (
        [line.rpartition(" | ")[0] or line for line in text.splitlines()]
        for text in (DOCUMENT.read_text(encoding="utf-8"), torch_report.document(marks))
    )
    assert told == found, "make exam EXAM_FLAGS=--torch writes it"


def test_the_names_of_cases_are_unique():
    names = [case.name for case in CASES]
    assert sorted(names) == sorted(set(names))
