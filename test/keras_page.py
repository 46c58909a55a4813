"""What the rows of keras_rows.py come to, as the page docs/keras.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keras_rows import Row, is_made

_HEAD = """\
# Keras

What `test/test_keras.py` has compared with Keras itself, on random numbers: each within 1e-5 of the larger of 1 and the number, at two sizes
of the batch, in memory and from both kinds of files. That test writes this page. Where Keras does not read its own file
(operations in `.h5`, lambdas), there is a dash.

Inference alone: dropout, noise and random images copy their inputs. What is not listed is traced: a layer or function that consists of
`keras.ops` and of the layers here is read as what it consists of. Where the code of a layer is a backend's own (`torch.nn.functional`), the ONNX
that Keras's `model.export` writes is read instead, if it can: with PyTorch as backend, or with TensorFlow and tf2onnx.

One sum is numpy's and not Keras's: TensorFlow's backend takes a second operand of the shape (n, 1) for a bias where the first has n channels
(`x[:, 1:] + x[:, :1]` of 6 columns, in a batch of 5).

Files by Keras 2 (`.h5`) are read where Keras 3 knows their layers; models in models, tensors given by name and initial states, which Keras 3
does not find in them, are put into its words first (`test/data/keras2`). What Keras 2 wrote of operators on tensors is TensorFlow's, and is
refused. The function of a Lambda is pickled Python code, which is not run. Pass what it computes under the layer's name:

```text
mask = lambda x: x * keras.ops.cast(x != 0, x.dtype)  # an EFN of energyflow
model = pysofie.parse("efn.h5", [["batch", "particles"], ["batch", "particles", 2]], custom_objects={"mask": mask})
```
"""
# Nothing to compute at inference, or no numbers: strings, random ones, other frameworks' code, parts of others.
_APART = {
    "Layer": "the base of others", "Wrapper": "the base of others", "InputSpec": "no layer",
    "StringLookup": "strings", "TextVectorization": "strings", "Hashing": "hashes", "HashedCrossing": "hashes",
    "FlaxLayer": "another framework's code", "JaxLayer": "another framework's code", "TFSMLayer": "another framework's code",
    "TorchModuleWrapper": "another framework's code", "Equalization": "in no graph, as Keras itself finds a cycle",
    "ContrastLimitedAdaptiveHistogramEqualization": "histograms by a backend's own functions, refused",
}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """A row that has been right, and whether Keras has it in its files."""

    row: Row
    keras: bool
    h5: bool


def document(outcomes: Sequence[Outcome]) -> str:
    """The page."""
    layers = [one for one in outcomes if not one.row.layer.startswith("ops.")]
    operations = [one for one in outcomes if one.row.layer.startswith("ops.")]
    classes, covered = _classes(), _covered(layers)
    missing = sorted({name for name in classes if not (classes[name] & covered)} - set(_APART))
    distinct = {min(names) for names in classes.values()}
    done = {min(names) for names in classes.values() if names & covered}
    lines = [
        _HEAD,
        (
            f"{len(done)} of the {len(distinct)} classes of `keras.layers`, {len(layers)} rows; {len(operations)} rows of operations. "
            f"Not among them: {'; '.join([*missing, *_apart(classes)])}."
        ),
        "",
        *_table("layer", layers),
        "",
        "## Operations",
        "",
        *_table("operation", operations),
    ]
    return "\n".join(lines) + "\n"


def _classes() -> dict[str, frozenset[str]]:
    """The classes of keras.layers by name, each with all of its names."""
    import keras

    found = {name: one for name in dir(keras.layers) if isinstance(one := getattr(keras.layers, name), type)}
    return {name: frozenset(other for other in found if found[other] is one) for name, one in found.items()}


def _covered(outcomes: Sequence[Outcome]) -> set[str]:
    """The classes of the rows, and of the layers and cells that are in their options."""
    covered = {"InputLayer"}  # in every model
    for one in outcomes:
        covered.add(one.row.layer)
        made = (value() for value in one.row.options.values() if is_made(value))
        for option in made:
            covered |= {type(part).__name__ for part in (option if isinstance(option, list) else [option])}
    return covered


def _apart(classes: dict[str, frozenset[str]]) -> list[str]:
    reasons: dict[str, list[str]] = {}
    for name, why in _APART.items():
        if name in classes:
            reasons.setdefault(why, []).append(name)
    return [f"{', '.join(names)} ({why})" for why, names in reasons.items()]


def _table(title: str, outcomes: Sequence[Outcome]) -> list[str]:
    lines = [f"| {title} | options | inputs | `.keras` | `.h5` |", "| --- | --- | --- | --- | --- |"]
    for one in outcomes:
        shapes = ", ".join("x".join(map(str, shape)).replace("None", "any") for shape in one.row.shapes)
        options = one.row.title.replace("|", "\\|")
        lines.append(f"| {one.row.layer} | {options} | {shapes} | {_mark(one.keras)} | {_mark(one.h5)} |")
    return lines


def _mark(yes: bool) -> str:
    return "yes" if yes else "-"
