"""The result as a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .cases import questions
from .sheltered import CRASHED, HUNG
from .sitting import PASSED, REFUSED, WRONG, Mark

COLUMNS = (PASSED, REFUSED, WRONG, CRASHED, HUNG)

_HEAD = """\
# Operators

How the test cases that come with the onnx package fare (`onnx.backend.test.case.node`), each by itself through the parser, the generated
code and the compiler. What a trained model holds as constants (shapes, axes, weights) is an initializer, as exporters write it;
`test/exam/cases.py` lists these inputs. `make exam` writes this page.
"""


def summary(marks: Sequence[Mark]) -> str:
    """One line with the totals."""
    counts = Counter(mark.verdict for mark in marks)
    share = 100 * counts[PASSED] / max(len(marks), 1)
    return f"{len(marks)} cases: " + ", ".join(f"{counts[one]} {one}" for one in COLUMNS) + f" ({share:.1f} % passed)"


def document(marks: Sequence[Mark]) -> str:
    """The page docs/operators.md."""
    lines = [
        _HEAD,
        summary(marks),
        "",
        f"| operator | {' | '.join(COLUMNS)} | why |",
        "| --- |" + " ---: |" * 5 + " --- |",
    ]
    for operator in sorted({mark.operator for mark in marks}):
        own = [mark for mark in marks if mark.operator == operator]
        counts = Counter(mark.verdict for mark in own)
        reasons = dict.fromkeys(_brief(mark.reason) for mark in own if mark.verdict != PASSED)
        cells = (str(counts[one] or "") for one in COLUMNS)
        lines.append(f"| {operator} | {' | '.join(cells)} | {'; '.join(reasons)} |")
    lines += ["", "## Listed apart", "", "| why | cases |", "| --- | ---: |"]
    apart = Counter(one.apart for one in questions() if one.apart)
    lines += [f"| {why} | {count} |" for why, count in sorted(apart.items())]
    return "\n".join(lines) + "\n"


def _brief(reason: str) -> str:
    """What is missing, without what differs from case to case."""
    lines = [line.strip() for line in reason.splitlines() if line.strip()]
    said = lines[1] if len(lines) > 1 else lines[0] if lines else ""
    return said.removeprefix("- ").replace("|", "\\|")[:160]
