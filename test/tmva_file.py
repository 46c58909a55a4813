"""Weights files as TMVA writes them, by hand from the description of the format: no TMVA made one of these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np

Pair = tuple[str, str]
"""Type and label of a column."""


def tag(name: str, /, *inner: str, **attributes: Any) -> str:
    values = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items())
    return f"<{name}{values}>{''.join(inner)}</{name}>"


def numbers(values: Any) -> str:
    return " ".join(f"{value:.15e}" for value in np.ravel(values))


@dataclass(frozen=True)
class File:
    """Everything in a weights file but its transformations."""

    variables: tuple[str, ...]
    targets: tuple[str, ...] = ()
    spectators: tuple[str, ...] = ()
    classes: int = 2
    method: str = "PyTorch::PyTorch"
    transform: str = ""
    trained: str = "dataset/weights/TrainedModel_PyTorch.pt"

    @property
    def sets(self) -> int:
        """Of parameters: one for each class, one for all."""
        return self.classes + 1 if self.classes > 1 else 1

    def columns(self, labels: Iterable[str] | None = None) -> tuple[Pair, ...]:
        known = dict.fromkeys(self.variables, "Variable") | dict.fromkeys(self.targets, "Target")
        known |= dict.fromkeys(self.spectators, "Spectator")
        return tuple((known[label], label) for label in (self.variables if labels is None else labels))

    def text(self, *transformations: str, count: int | None = None) -> str:
        def group(name: str, kind: str, number: str, labels: Sequence[str]) -> str:
            entries = [
                tag(
                    kind,
                    VarIndex=at,
                    Expression=f"{label}*1",
                    Label=label,
                    Title=label,
                    Unit="",
                    Internal=label,
                    Type="F",
                    Min=-1,
                    Max=1,
                )
                for at, label in enumerate(labels)
            ]
            return tag(name, *entries, **{number: len(labels)})

        options = {"VarTransform": self.transform, "FilenameTrainedModel": self.trained}
        return '<?xml version="1.0"?>\n' + tag(
            "MethodSetup",
            tag("GeneralInfo", tag("Info", name="TMVA Release", value="4.2.1 [262657]")),
            tag(
                "Options",
                *(tag("Option", value, name=name, modified="Yes") for name, value in options.items() if value),
            ),
            group("Variables", "Variable", "NVar", self.variables),
            group("Spectators", "Spectator", "NSpec", self.spectators),
            tag("Classes", *(tag("Class", Name=f"c{at}", Index=at) for at in range(self.classes)), NClass=self.classes),
            group("Targets", "Target", "NTrgt", self.targets) if self.targets else "",
            tag("Transformations", *transformations, NTransformations=len(transformations) if count is None else count),
            tag("MVAPdfs"),
            Method=self.method,
        )


def transform(
    name: str, reads: Sequence[Pair], /, *inner: str, writes: Sequence[Pair] | None = None, **attributes: Any
) -> str:
    def group(direction: str, columns: Sequence[Pair]) -> str:
        entries = [tag(direction, Type=kind, Label=label, Expression=f"{label}*1") for kind, label in columns]
        return tag(direction, *entries, **{f"N{direction}s": len(columns)})

    selection = tag("Selection", group("Input", reads), group("Output", reads if writes is None else writes))
    return tag("Transform", selection, *inner, Name=name, **attributes)


def normalize(reads: Sequence[Pair], sets: Sequence[tuple[Any, Any]], **more: Any) -> str:
    classes = [
        tag(
            "Class",
            tag(
                "Ranges",
                *(
                    tag("Range", Index=at, Min=f"{a:.15e}", Max=f"{b:.15e}")
                    for at, (a, b) in enumerate(zip(*one, strict=True))
                ),
            ),
            ClassIndex=index,
        )
        for index, one in enumerate(sets)
    ]
    return transform("Normalize", reads, *classes, **more)


def decorrelation(reads: Sequence[Pair], matrices: Sequence[Any], **more: Any) -> str:
    tags = [tag("Matrix", numbers(one), Rows=len(one), Columns=len(one[0])) for one in matrices]
    return transform("Decorrelation", reads, *tags, **more)


def pca(reads: Sequence[Pair], sets: Sequence[tuple[Any, Any]], **more: Any) -> str:
    names = ["Signal", "Background"] + ["Combined"] * len(sets)
    means = [
        tag("Statistics", numbers(mean), Class=names[at], ClassIndex=at, NRows=len(mean))
        for at, (mean, _) in enumerate(sets)
    ]
    vectors = [
        tag("Eigenvectors", numbers(one), Class=names[at], ClassIndex=at, NRows=len(one), NCols=len(one[0]))
        for at, (_, one) in enumerate(sets)
    ]
    return transform("PCA", reads, *means, *vectors, **more)


def pdf(edges: Any, contents: Any, equidistant: bool = False, **changed: Any) -> str:
    attributes = {
        "Name": "g",
        "MinNSmooth": 0,
        "MaxNSmooth": 0,
        "InterpolMethod": 1,
        "KDE_type": 0,
        "KDE_iter": 0,
        "KDE_border": 0,
        "KDE_finefactor": 0,
    } | changed
    histogram = tag(
        "Histogram",
        numbers(contents),
        Name="h",
        NBins=len(contents),
        XMin=f"{edges[0]:.15e}",
        XMax=f"{edges[-1]:.15e}",
        HasEquidistantBins=int(equidistant),
    )
    binning = "" if equidistant else tag("HistogramBinning", numbers(edges), NBins=len(contents))
    return tag("PDF", histogram, binning, **attributes)


def gauss(reads: Sequence[Pair], variables: Sequence[Sequence[str]], flat: bool = False, **more: Any) -> str:
    tags = [
        tag("Variable", *(tag(f"CumulativePDF_cls{index}", one) for index, one in enumerate(sets)), VarIndex=at)
        for at, sets in enumerate(variables)
    ]
    return transform("Gauss", reads, *tags, FlatOrGauss="Flat" if flat else "Gauss", **more)


def writer(folder: Path) -> Callable[[str], Path]:
    def write(text: str, name: str = "TMVAClassification_PyTorch.weights.xml") -> Path:
        path = folder / name
        path.write_text(text)
        return path

    return write
