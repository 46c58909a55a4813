"""What pysofie raises: one family, so that ``except pysofie.SofieError`` is enough."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class SofieError(RuntimeError):
    """Base of all errors of pysofie; a RuntimeError, which is what ROOT's own parsers raised."""


class ModelFileError(SofieError):
    """A model file is missing, damaged, or of a kind that is not read."""


class ModelFileNotFoundError(ModelFileError, FileNotFoundError):
    """A model file does not exist; also a FileNotFoundError."""


class CaptureError(SofieError):
    """A model was loaded, but no way of turning it into a graph succeeded."""


class CaptureWarning(UserWarning):
    """A model was captured, but may not be what its author means: PyTorch warned of its trace."""


class GraphError(SofieError):
    """A graph contradicts itself: a tensor without a source, a name given twice."""


class ShapeError(SofieError):
    """Shapes do not fit: their count, their rank, or a dimension."""


class DataTypeError(SofieError, TypeError):
    """A data type is not supported where it is used; also a TypeError."""


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that a model needs and nobody provides."""

    operator: str
    where: str
    reason: str
    advice: str = ""

    def __str__(self) -> str:
        place = f" at {self.where}" if self.where else ""
        advice = f" ({self.advice})" if self.advice else ""
        return f"{self.operator}{place}: {self.reason}{advice}"


class UnsupportedOperator(SofieError):
    """A model cannot be translated; lists everything that is missing, not only the first, and what else was tried."""

    def __init__(self, model: str, missing: Sequence[Missing], tried: Sequence[str] = ()) -> None:
        self.model, self.missing = model, tuple(missing)
        things = "1 thing is" if len(self.missing) == 1 else f"{len(self.missing)} things are"
        lines = "".join(f"\n  - {entry}" for entry in self.missing)
        ways = "".join(f"\nanother way failed, {one}" for one in tried)
        super().__init__(f"{model} cannot be translated, {things} not supported:{lines}{ways}")


class Refusal(SofieError):
    """Raised by a translator for a node that it does not support; collected into UnsupportedOperator."""

    def __init__(self, reason: str, advice: str = "") -> None:
        self.reason, self.advice = reason, advice
        super().__init__(f"{reason} ({advice})" if advice else reason)


def cpp_message(error: Exception) -> str:
    """Return what a C++ exception says, without what the binding puts before it: the function and the class.

    Where several overloads were tried, what ours says counts, and not why the others did not fit.
    """
    text = str(error)
    ours = re.search(r"TMVA.SOFIE.*?(?=\n +\S.* =>(\n|$)|\Z)", text, re.DOTALL)
    return ours.group() if ours else re.sub(r"^\w+: ", "", text.rpartition("=>")[2].strip())
