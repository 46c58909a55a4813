"""A weights file of TMVA's to records: which variables there are, and how TMVA transforms them before the network.

TMVA writes parameters for each class and, where there are several classes, for all of them together, as the last. Training
takes those that the option VarTransform names (``D_Signal``), but whatever reads the file, TMVA's Reader included, takes the last.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from pysofie.errors import Missing, ModelFileError, Refusal

from . import xml
from .cumulative import Cumulative, cumulative

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from numpy.typing import NDArray

_LONGEST = 10000
_METHODS = ("PyTorch", "PyKeras")
_KINDS = {"Variable": "Variables", "Target": "Targets", "Spectator": "Spectators"}


class Column(NamedTuple):
    """A variable, target or spectator, by its number."""

    kind: str
    at: int


@dataclass(frozen=True, slots=True)
class Normalize:
    """To [-1, 1] by smallest and largest value; of all columns, those that are targets too."""

    low: NDArray[np.float32]
    high: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Linear:
    """``(x - mean) @ matrix``: decorrelation and principal components."""

    mean: NDArray[np.float64] | None
    matrix: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Flatten:
    """To the cumulative distribution, and from it to a Gaussian."""

    distributions: tuple[Cumulative, ...]
    gauss: bool


Function: TypeAlias = Normalize | Linear | Flatten


@dataclass(frozen=True, slots=True)
class Transformation:
    """One step: what it reads, what it computes, where it writes that."""

    name: str
    reads: tuple[Column, ...]
    writes: tuple[Column, ...]
    function: Function

    def places(self, kind: str) -> list[int]:
        """Where in its lists columns of a kind stand."""
        return [place for place, column in enumerate(self.reads) if column.kind == kind]


@dataclass(frozen=True, slots=True)
class Weights:
    """What a weights file says."""

    path: Path
    method: str
    title: str
    options: Mapping[str, str]
    variables: tuple[str, ...]
    targets: tuple[str, ...]
    transformations: tuple[Transformation, ...]
    missing: tuple[Missing, ...]
    """Transformations that are not supported."""

    @property
    def model(self) -> str:
        """The file name of the trained network, as the options say it."""
        return re.split(r"[/\\]", self.options.get("FilenameTrainedModel", ""))[-1]

    @property
    def trained_by_class(self) -> tuple[str, ...]:
        """Transformations that training made of one class alone, as the option VarTransform spells them."""
        return tuple(one for one, of in _requested(self.options) if of not in ("", "AllClasses"))


def read(path: Path) -> Weights:
    """Read a weights file; ModelFileError where it is damaged, hostile or of a method without a network of its own."""
    root = xml.load(path)
    try:
        return _weights(path, root)
    except ModelFileError as error:
        raise ModelFileError(f"{path}: {error}") from error


def summary(path: Path) -> tuple[Weights, tuple[str, ...]]:
    """What a file says but for the parameters of its transformations, and the names of these."""
    root = xml.load(path)
    found = root.find("Transformations")
    names = () if found is None else tuple(one.get("Name", "?") for one in found)
    return _head(path, root), names


def _head(path: Path, root: Element) -> Weights:
    method, _, title = xml.attribute(root, "Method").partition("::")
    options = {one.get("name", ""): (one.text or "").strip() for one in root.iterfind("Options/Option")}
    return Weights(path, method.strip(), title.strip(), options, (), (), (), ())


def _weights(path: Path, root: Element) -> Weights:
    head = _head(path, root)
    if head.method not in _METHODS:
        raise ModelFileError(
            f"it is of the method '{head.method[:40]}', not of one of those that train a network of Python's ({', '.join(_METHODS)})"
        )
    columns = {kind: _columns(root, group, kind) for kind, group in _KINDS.items()}
    variables = tuple(label for label, _ in columns["Variable"])
    if not variables:
        raise ModelFileError("it names no variables")
    reader = _Reader(columns, _sets(root))
    transformations, missing = list[Transformation](), list[Missing]()
    for number, element in enumerate(_elements(root, head.options), 1):
        try:
            transformations.append(reader.transformation(element))
        except Refusal as refusal:
            name = f"TMVA's {element.get('Name', '?')[:40]}"
            missing.append(Missing(name, f"transformation {number} of {path.name}", refusal.reason, refusal.advice))
    targets = tuple(label for label, _ in columns["Target"])
    found = dataclasses.replace(head, variables=variables, targets=targets)
    return dataclasses.replace(found, transformations=tuple(transformations), missing=tuple(missing))


def _columns(root: Element, group: str, kind: str) -> list[tuple[str, str]]:
    """Label and expression of each variable, target or spectator, in order."""
    found = root.find(group)
    if found is None:
        return []
    number = {"Variables": "NVar", "Targets": "NTrgt", "Spectators": "NSpec"}[group]
    columns = found.findall(kind)
    if found.get(number, str(len(columns))).strip() != str(len(columns)):
        raise ModelFileError(
            f"<{group}> says {number}='{found.get(number)}', and holds {len(columns)}: it is truncated"
        )
    return [(xml.attribute(one, "Label"), xml.attribute(one, "Expression")) for one in columns]


def _sets(root: Element) -> int | None:
    """How many sets of parameters each transformation has: one for each class and, of several classes, one for all."""
    classes = root.find("Classes")
    if classes is None:
        return None
    number = xml.count(classes, "NClass")
    return 1 if number <= 1 else number + 1


def _elements(root: Element, options: Mapping[str, str]) -> list[Element]:
    """The transformations; the identity, which TMVA counts and does not write, is none of them."""
    group = xml.child(root, "Transformations")
    identities = sum(re.split(r"[_(]", one)[0] in ("I", "Ident", "Identity") for one, _ in _requested(options))
    number = xml.count(group, "NTransformations")
    if number - len(group) not in (0, identities):
        raise ModelFileError(f"<Transformations> says that there are {number}, and holds {len(group)}: it is truncated")
    return list(group)


def _requested(options: Mapping[str, str]) -> list[tuple[str, str]]:
    """The transformations of the option VarTransform, with the class that each names."""
    text = options.get("VarTransform", "")
    if len(text) > _LONGEST:
        raise ModelFileError("its option VarTransform is longer than anybody types")
    steps = re.findall(r"(?:\([^)]*\)|[^,+(])+", text)
    return [
        (step.strip(), re.sub(r"\([^)]*\)", "", step).strip().partition("_")[2]) for step in steps if step != "None"
    ]


class _Reader:
    def __init__(self, columns: Mapping[str, Sequence[tuple[str, str]]], sets: int | None) -> None:
        self._places: dict[tuple[str, str, str], int] = {}
        self._sets = sets
        for kind, pairs in columns.items():
            for at, (label, expression) in enumerate(pairs):
                self._places.setdefault((kind, "Label", label), at)
                self._places.setdefault((kind, "Expression", expression), at)

    def transformation(self, element: Element) -> Transformation:
        """One transformation; Refusal where it is not supported."""
        name = xml.attribute(element, "Name")
        if name not in _READERS:
            raise Refusal("there is no translation of it", f"{', '.join(_READERS)} have one")
        if element.find("Selection") is None:
            raise Refusal("it is written as TMVA did before 4.1", "train with a later one")
        selection = xml.child(element, "Selection")
        reads, writes = self._selected(selection, "Input"), self._selected(selection, "Output")
        if len(reads) != len(writes):
            raise ModelFileError(f"{name} reads {len(reads)} columns and writes {len(writes)}")
        if name == "Gauss" and xml.attribute(element, "FlatOrGauss") == "Flat":
            name = "Uniform"
        _check_kinds(name, reads, writes)
        sets, function = _READERS[name](element, len(reads))
        if self._sets not in (None, sets):
            raise ModelFileError(
                f"{name} has parameters of {sets} classes, where there are {self._sets}: it is truncated"
            )
        return Transformation(name, reads, writes, function)

    def _selected(self, selection: Element, direction: str) -> tuple[Column, ...]:
        group = xml.child(selection, direction)
        found = tuple(self._column(one) for one in group.findall(direction))
        if xml.count(group, f"N{direction}s") != len(found):
            raise ModelFileError(f"<{direction}> holds {len(found)} columns, and says otherwise: it is truncated")
        if len(set(found)) != len(found):
            raise ModelFileError(f"<{direction}> names a column twice")
        return found

    def _column(self, element: Element) -> Column:
        """By label or expression, the first that fits, as TMVA searches."""
        kind, label = xml.attribute(element, "Type"), xml.attribute(element, "Label")
        keys = ((kind, "Label", label), (kind, "Expression", xml.attribute(element, "Expression")))
        found = [self._places[key] for key in keys if key in self._places]
        if not found:
            raise ModelFileError(f"a transformation is of {kind[:20]} '{label[:80]}', which the file does not declare")
        return Column(kind, min(found))


def _check_kinds(name: str, reads: Sequence[Column], writes: Sequence[Column]) -> None:
    kinds = {column.kind for column in (*reads, *writes)}
    if "Spectator" in kinds:
        raise Refusal("it takes spectators, which the network does not get", "transform variables: (_V_)")
    if "Target" in kinds and name != "Normalize":
        raise Refusal("it takes targets, and is not inverted on what the network says", "transform variables: (_V_)")
    if "Target" in kinds and reads != writes:
        raise Refusal("it takes targets in another order than it writes them")


def _normalize(element: Element, columns: int) -> tuple[int, Normalize]:
    sets = _by_class(element.findall("Class"))
    ranges = xml.child(sets[-1], "Ranges").findall("Range")
    by_index = {xml.count(one, "Index"): one for one in ranges}
    if sorted(by_index) != list(range(columns)) or len(ranges) != columns:
        raise ModelFileError(f"Normalize has {len(ranges)} ranges, and {columns} columns: it is truncated or damaged")
    low, high = (
        xml.as_floats(np.array([xml.number(by_index[at], side) for at in range(columns)]), element)
        for side in ("Min", "Max")
    )
    if (flat := np.flatnonzero(high <= low)).size:
        raise Refusal(
            f"the largest value of column {flat[0] + 1} is not above the smallest, and it would divide by their difference",
            "train without a variable that is constant",
        )
    return len(sets), Normalize(low, high)


def _decorrelation(element: Element, columns: int) -> tuple[int, Linear]:
    matrices = element.findall("Matrix")
    if not matrices:
        raise ModelFileError("Decorrelation has no matrix")
    # TMVA multiplies a column by it.
    return len(matrices), Linear(None, _matrix(matrices[-1], "Rows", "Columns", columns).T)


def _pca(element: Element, columns: int) -> tuple[int, Linear]:
    means, vectors = (_by_class(element.findall(tag)) for tag in ("Statistics", "Eigenvectors"))
    if len(means) != len(vectors):
        raise ModelFileError(f"PCA has {len(means)} means and {len(vectors)} sets of eigenvectors: it is truncated")
    if xml.count(means[-1], "NRows") != columns:
        raise ModelFileError(f"PCA has {xml.count(means[-1], 'NRows')} means, and {columns} columns")
    return len(means), Linear(xml.numbers(means[-1], (columns,)), _matrix(vectors[-1], "NRows", "NCols", columns))


def _flatten(element: Element, columns: int) -> tuple[int, Flatten]:
    variables = _by_class(element.findall("Variable"), "VarIndex")
    if len(variables) != columns:
        raise ModelFileError(
            f"it has distributions of {len(variables)} columns, and {columns} columns: it is truncated"
        )
    sets = {len(one) for one in variables}
    if len(sets) != 1:
        raise ModelFileError("it has distributions of unlike numbers of classes: it is truncated")
    number = sets.pop()
    if any(
        [one.tag for one in variable] != [f"CumulativePDF_cls{at}" for at in range(number)] for variable in variables
    ):
        raise ModelFileError("the distributions of its classes are not in order")
    functions = tuple(cumulative(xml.child(variable[-1], "PDF")) for variable in variables)
    return number, Flatten(functions, gauss=xml.attribute(element, "FlatOrGauss") != "Flat")


def _by_class(elements: Sequence[Element], index: str = "ClassIndex") -> list[Element]:
    """Elements that count from 0 in order, at least one."""
    if not elements or [xml.count(one, index) for one in elements] != list(range(len(elements))):
        raise ModelFileError(f"its parameters are not numbered from 0 ({index}): it is truncated or damaged")
    return list(elements)


def _matrix(element: Element, rows: str, columns: str, size: int) -> NDArray[np.float64]:
    if (xml.count(element, rows), xml.count(element, columns)) != (size, size):
        raise ModelFileError(f"<{element.tag}> is no matrix of {size} rows and columns")
    return xml.numbers(element, (size, size))


_READERS: Mapping[str, Callable[[Element, int], tuple[int, Function]]] = {
    "Normalize": _normalize,
    "Decorrelation": _decorrelation,
    "PCA": _pca,
    "Gauss": _flatten,
    "Uniform": _flatten,
}
"""By the name in the file: how many sets of parameters there are, and what is computed with the last."""
