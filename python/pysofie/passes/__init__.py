"""Pure functions Graph -> Graph that help whoever generates the code.

Each can be left out: ``run(graph, passes=("fold_constants",))``. Every one keeps what the graph computes, up to the
rounding of weights that are folded into one another (in float64, rounded once).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from pysofie.errors import SofieError
from pysofie.graph import Graph

from .cleaning import drop_dead, drop_identities
from .folding import fold_constants
from .fusing import fold_batch_norm, fold_pads, fuse_bias
from .moving import merge_reshapes, merge_transposes
from .repeating import drop_repeats, gather_rows, split_products

Pass: TypeAlias = Callable[[Graph], Graph]

DEFAULT: tuple[Pass, ...] = (
    fold_constants,
    gather_rows,
    drop_repeats,
    merge_transposes,
    merge_reshapes,
    drop_identities,
    fold_pads,
    fuse_bias,
    fold_batch_norm,
    split_products,
    drop_dead,
)
BY_NAME = {one.__name__: one for one in DEFAULT}


def run(graph: Graph, passes: Iterable[Pass | str] | None = None) -> Graph:
    """Apply passes in order; all of them where none are named."""
    for one in DEFAULT if passes is None else passes:
        if isinstance(one, str) and one not in BY_NAME:
            raise SofieError(f"there is no pass '{one}', there are {', '.join(BY_NAME)}")
        graph = (BY_NAME[one] if isinstance(one, str) else one)(graph)
    return graph


__all__ = [
    "BY_NAME",
    "DEFAULT",
    "drop_dead",
    "drop_identities",
    "drop_repeats",
    "fold_batch_norm",
    "fold_constants",
    "fold_pads",
    "fuse_bias",
    "gather_rows",
    "merge_reshapes",
    "merge_transposes",
    "run",
    "split_products",
]
