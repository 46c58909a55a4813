"""Onnx's own cases and random models of one node: nothing wrong, nothing crashed, and the document tells how it stands."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from exam import cases, invented, report, sitting

pytestmark = pytest.mark.onnx

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "operators.md"
SHARE = 0.95  # of all cases that are sat


@pytest.fixture(scope="module")
def marks() -> list[sitting.Mark]:
    return sitting.sit(cases.asked())


def test_nothing_is_wrong(marks):
    assert [mark for mark in marks if mark.verdict not in (sitting.PASSED, sitting.REFUSED)] == []


def test_enough_is_passed(marks):
    assert Counter(mark.verdict for mark in marks)[sitting.PASSED] >= SHARE * len(marks)


def test_a_refusal_names_the_operator(marks):
    silent = [mark for mark in marks if mark.verdict == sitting.REFUSED and not mark.reason]
    assert silent == []


def test_the_document_is_up_to_date(marks):
    assert DOCUMENT.read_text(encoding="utf-8") == report.document(marks), "make exam writes it"


@pytest.mark.parametrize("family", invented.FAMILIES)
def test_random_models(family):
    """Thirty of each; ``python -m exam --random 1000`` tries more."""
    assert [mark for mark in sitting.sit(invented.questions(family, 30)) if mark.verdict != sitting.PASSED] == []
