"""How a model's file and a weights file of TMVA's fit: what a user is to know who gives both, or one alone."""

from __future__ import annotations

import itertools
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from pysofie.errors import SofieError

from . import weights

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

_MOST = 50
"""Files that are looked at."""


def warn(model: Path) -> None:
    """Say so where TMVA transformed the variables of a network that is read without its weights file."""
    for path in itertools.islice(_candidates(model), _MOST):
        try:
            found, names = weights.summary(path)
        except (SofieError, OSError) as error:
            log.debug("%s", error)
            continue
        if names and _belongs(model, found):
            log.warning(
                "%s says that TMVA transformed the variables before the network in %s got them (%s), which is not in that file: "
                "give tmva_weights (--tmva-weights in the command line) to have them transformed in C++ too",
                path,
                model.name,
                ", ".join(name[:20] for name in names[:8]),
            )
            return


def tell(model: object, given: weights.Weights) -> None:
    """Say what may not be meant where a model is read with a weights file."""
    if isinstance(model, (str, os.PathLike)) and given.model and given.model != Path(model).name:
        log.warning("%s was written for %s, and is applied to %s", given.path, given.model[:80], Path(model).name)
    if given.trained_by_class:
        log.warning(
            "%s: training transformed the variables by one class (%s), but TMVA's Reader takes what the file holds for all classes "
            "together; so does the generated code",
            given.path,
            ", ".join(one[:40] for one in given.trained_by_class[:8]),
        )


def _candidates(model: Path) -> Iterator[Path]:
    """Weights files where TMVA puts them: beside the model, or under the data loader's name."""
    for pattern in ("*.weights.xml", "weights/*.weights.xml", "*/weights/*.weights.xml"):
        yield from sorted(model.parent.glob(pattern))


def _belongs(model: Path, found: weights.Weights) -> bool:
    """Whether a weights file names the model's, or would by TMVA's convention."""
    if found.model:
        return found.model == model.name
    return model.stem == f"TrainedModel_{found.title}"
