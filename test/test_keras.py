"""Each layer of Keras with each option, at any batch, through every door; docs/keras.md is what comes out."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np
import pytest

import keras_page
import pysofie
from keras_rows import ROWS, Row
from oracle import by_onnxruntime
from pysofie import parsing
from pysofie.keras import reader
from pysofie.request import Request

pytestmark = pytest.mark.keras

DOCUMENT = Path(__file__).parents[1] / "docs" / "keras.md"


@dataclass(frozen=True)
class Answer:
    """What Keras computes on some numbers."""

    inputs: list[np.ndarray]
    wanted: list[np.ndarray]

    def check(self, found: list[np.ndarray]) -> None:
        assert len(found) == len(self.wanted)
        for one, reference in zip(found, self.wanted, strict=True):
            assert one.shape == reference.shape
            assert one.dtype == reference.dtype
            error = np.abs(one.astype(np.float64) - reference) / np.maximum(1, np.abs(reference.astype(np.float64)))
            assert error.max(initial=0) < 1e-5


def answers(row: Row, model, *batches: int) -> list[Answer]:
    rng = np.random.default_rng(20261121)
    given = [row.inputs(batch, rng) for batch in batches]
    return [Answer(inputs, reader.run(model, inputs)) for inputs in given]


@cache
def outcome(row: Row) -> keras_page.Outcome:
    """In memory, raw and prepared, at two batches; from files, where Keras itself reads what it has written."""
    model = row.model()
    known = answers(row, model, 3, 1)
    raw = parsing.read(model, Request.of())
    for graph in (raw, parsing.prepare(raw).validate()):
        for answer in known:
            answer.check(by_onnxruntime(graph, answer.inputs))
    return keras_page.Outcome(row, *(_from_file(model, suffix, known[0]) for suffix in (".keras", ".h5")))


def _from_file(model, suffix: str, answer: Answer) -> bool:
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / f"model{suffix}"
        try:
            model.save(path)
            loaded = keras.saving.load_model(path, compile=False)
        except Exception:  # noqa: BLE001 - Keras's own limits: the old format has no operations, a lambda is not saved
            return False
        graph = parsing.read(path, Request.of())
    # What the file holds counts: an .h5 file gives lists of axes back as something else.
    Answer(answer.inputs, reader.run(loaded, answer.inputs)).check(by_onnxruntime(graph, answer.inputs))
    return True


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_layer_computes_what_keras_computes(row: Row) -> None:
    outcome(row)


def test_the_document_is_up_to_date() -> None:
    page = keras_page.document([outcome(row) for row in ROWS])
    if os.environ.get("PYSOFIE_UPDATE_DOCS"):
        DOCUMENT.write_text(page)
    assert DOCUMENT.read_text() == page, 'PYSOFIE_UPDATE_DOCS=1 make test PYTEST_FLAGS="-k test_keras.py" writes it'


# ---Compiled----------------------------------------------------------------------------------------------------------

# One row for each layer (ONNX's own cases are those of the operations), many in one program.
FIRST = list(
    {
        row.layer: row
        for row in reversed(ROWS)
        if not row.layer.startswith("ops.") and None not in [size for shape in row.shapes for size in shape]
    }.values()
)
GROUPS = [FIRST[at::4] for at in range(4)]


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS, ids=lambda group: f"{group[0].layer}...")
def test_compiled_layers(group: list[Row]) -> None:
    models = [row.model() for row in group]
    known = [answers(row, model, 3)[0] for row, model in zip(group, models, strict=True)]
    fresh = [
        keras.Input(one.shape[1:], dtype=one.dtype, name=f"{at}_{n}")
        for at, model in enumerate(models)
        for n, one in enumerate(model.inputs)
    ]
    left, outputs = iter(fresh), []
    for model in models:
        outputs += keras.tree.flatten(model([next(left) for _ in model.inputs]))
    session = pysofie.compile(keras.Model(fresh, outputs))
    results = session(*(array for one in known for array in one.inputs))
    found = iter(results if isinstance(results, (tuple, list)) else [results])
    for one in known:
        one.check([next(found) for _ in one.wanted])
