"""The rows of torch_cases as a document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from torch_cases import SECTIONS

from .sheltered import CRASHED, HUNG
from .sitting import PASSED, REFUSED, WRONG
from .torch_doors import DOORS, DYNAMIC, NOT_CAPTURABLE, STATIC, Mark

VERDICTS = (PASSED, REFUSED, NOT_CAPTURABLE, WRONG, CRASHED, HUNG)

_HEAD = """\
# PyTorch's modules and functions

How each comes through, with its options: scripted and traced (`torch.jit.script`, `torch.jit.trace`, saved to a file) and
exported (`torch.export`; the first network of each row) with fixed sizes, and through all of these with a named batch (or length, or height) that
takes any size at run time. A module in memory has no column: it goes through `torch.export`, then a script, then a trace. Each network is generated, compiled
and compared with PyTorch in eval mode: "passed" means that no number is further than 1e-5 of max(1, |reference|) from PyTorch's, the reference in double
precision where the module can be brought into it. "refused" is an error of pysofie's that says why; "not capturable" is
PyTorch's own. The rows are in `test/torch_cases`; `make exam EXAM_FLAGS=--torch` writes this page.
"""


def summary(marks: Sequence[Mark]) -> str:
    """One line with the totals."""
    counts = Counter(mark.verdict for mark in marks)
    cases = len({mark.case for mark in marks})
    return f"{cases} networks, {len(marks)} times taken: " + ", ".join(f"{counts[one]} {one}" for one in VERDICTS)


def document(marks: Sequence[Mark]) -> str:
    """The page docs/pytorch.md."""
    lines = [_HEAD, summary(marks)]
    columns = [*DOORS, "dynamic sizes"]
    for title, cases in SECTIONS.items():
        lines += [
            "",
            f"## {title}",
            "",
            f"| | {' | '.join(columns)} | why |",
            f"| --- |{' --- |' * (len(columns) + 1)}",
        ]
        for about in dict.fromkeys(case.about for case in cases):
            own = [mark for mark in marks if mark.about == about]
            cells = [_cell(_once(mark for mark in own if mark.door == door)) for door in DOORS]
            cells.append(_cell(mark for mark in own if mark.sizes == DYNAMIC))
            lines.append(f"| {about} | {' | '.join(cells)} | {_why(own)} |")
    return "\n".join(lines) + "\n"


def _once(marks: Iterable[Mark]) -> Iterable[Mark]:
    """One mark for each case: for fixed sizes, or where these were not tried because named ones passed, for those."""
    found: dict[str, Mark] = {}
    for mark in marks:
        if mark.case not in found or mark.sizes == STATIC:
            found[mark.case] = mark
    return found.values()


def _cell(marks: Iterable[Mark]) -> str:
    counts = Counter(mark.verdict for mark in marks)
    if len(counts) <= 1:
        return next(iter(counts), "")
    return ", ".join(f"{counts[one]} {one}" for one in VERDICTS if counts[one])


def _why(marks: Iterable[Mark]) -> str:
    reasons = (f"{mark.door}: {brief(mark.reason)}" for mark in marks if mark.verdict != PASSED)
    return "; ".join(dict.fromkeys(reasons))


def brief(reason: str) -> str:
    """What is missing, without what differs from run to run."""
    lines = [line.strip() for line in reason.splitlines() if line.strip()]
    said = lines[1] if len(lines) > 1 else lines[0] if lines else ""
    said = re.sub(r"0x[0-9a-f]+", "...", said.removeprefix("- "))[:160]
    return re.sub(r"([|\[\]<>*_])", r"\\\1", said)
