"""TMVA's transformations as operators of a graph: of the variables before the network, of regression targets after it.

Numbers are computed as TMVA computes them, in double precision but for Normalize, and rounded to 32 bits after each transformation.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pysofie import analysis
from pysofie.errors import DataTypeError, Missing, ShapeError, UnsupportedOperator
from pysofie.graph import Graph, Node, TensorInfo, renamed
from pysofie.names import claim
from pysofie.shapes import ONNX_TYPES

from . import quantile
from .cumulative import LEAST, SAMPLES
from .weights import Linear, Normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pysofie.graph import Array, Attribute

    from .cumulative import Cumulative
    from .weights import Function, Transformation, Weights

_NUMBERS: dict[str, int] = {name: number for number, name in ONNX_TYPES.items()}
FLATTEST = 1e-9
"""How near 0 and 1 a cumulative distribution comes."""
STEEPEST = 0.99999999
"""The largest argument of the inverse error function."""
ROOT2 = 1.414213562
"""What TMVA writes for the square root of two."""


def transformed(graph: Graph, weights: Weights) -> Graph:
    """A graph that takes the variables as they are before TMVA's transformations."""
    if weights.missing:
        raise UnsupportedOperator(weights.path.name, weights.missing)
    inverse = _inverse(graph, weights)
    for_variables = [one for one in weights.transformations if one.places("Variable")]
    info = _input(graph, weights)
    taken = {*graph.input_names, *graph.initializers, *graph.producers()}
    if for_variables:
        inner = claim(f"{info.name}_transformed", taken)
        graph = renamed(graph, {info.name: inner}).replace(inputs=graph.inputs)
        front = _Writer(taken, f"TMVA, {weights.path.name}")
        _write_front(front, for_variables, info.name, inner, len(weights.variables))
        initializers = {**graph.initializers, **front.initializers}
        graph = graph.replace(nodes=(*front.nodes, *graph.nodes), initializers=initializers)
    if inverse is not None:
        output = graph.outputs[0]
        inner = claim(f"{output}_transformed", taken)
        graph = renamed(graph, {output: inner})
        back = _Writer(taken, f"TMVA, {weights.path.name}")
        _write_back(back, inverse, inner, output)
        initializers = {**graph.initializers, **back.initializers}
        graph = Graph(graph.name, graph.inputs, (output,), (*graph.nodes, *back.nodes), initializers, graph.opsets)
    return graph.validate()


def _input(graph: Graph, weights: Weights) -> TensorInfo:
    """The one input, which must be rows of the variables."""
    variables = len(weights.variables)
    if len(graph.inputs) != 1:
        raise ShapeError(f"{graph.name} has {len(graph.inputs)} inputs; TMVA gives a network one, of its variables")
    info = graph.inputs[0]
    if len(info.shape) != 2 or info.shape[1] != variables:
        raise ShapeError(
            f"{weights.path.name} is about {variables} variables ({', '.join(weights.variables[:8])}{', ...' * (variables > 8)}): "
            f"the input is a matrix with a row of them for each event, such as ['batch', {variables}], and not {info}"
        )
    if info.dtype != np.float32:
        raise DataTypeError(f"{graph.name} takes {info.dtype}; TMVA gives a network float32")
    return info


def _inverse(graph: Graph, weights: Weights) -> tuple[Array, Array] | None:
    """Offsets and divisors that bring a regression's outputs back."""
    of_targets = [one for one in weights.transformations if one.places("Target")]
    if not weights.targets or not of_targets:
        return None
    if len(of_targets) > 1:
        reason = "several of them take the targets, and TMVA's Reader inverts only the first on what the network says"
        missing = Missing(
            "TMVA's transformations", weights.path.name, reason, "transform targets once, variables by (_V_)"
        )
        raise UnsupportedOperator(weights.path.name, [missing])
    (one,) = of_targets
    assert isinstance(one.function, Normalize)  # nothing else takes targets, says the reader
    places = one.places("Target")
    if sorted(one.reads[place].at for place in places) != list(range(len(weights.targets))):
        reason, advice = "it takes some of the targets only", "transform all targets, or none: (_V_)"
        raise UnsupportedOperator(weights.path.name, [Missing("TMVA's Normalize", weights.path.name, reason, advice)])
    value = analysis.analyse(graph).get(graph.outputs[0])
    fits = len(graph.outputs) == 1 and value is not None and value.is_known and value.dtype == np.float32
    if value is None or not fits or value.rank != 2 or value.shape[1] != len(places):
        raise ShapeError(
            f"{weights.path.name} is about {len(places)} targets, which are not what {graph.name} gives for each event"
        )
    order = sorted(places, key=lambda place: one.reads[place].at)
    return one.function.low[order], 2 * _scale(one.function)[order]


def _scale(function: Normalize) -> Array:
    return (1.0 / (function.high - function.low).astype(np.float64)).astype(np.float32)


class _Writer:
    """Adds nodes and constants under names that nobody has."""

    def __init__(self, taken: set[str], origin: str) -> None:
        self.nodes: list[Node] = []
        self.initializers: dict[str, Array] = {}
        self._taken = taken
        self._origin = origin

    def __call__(
        self,
        op_type: str,
        *inputs: str | Array | np.generic | float,
        output: str | None = None,
        **attributes: Attribute,
    ) -> str:
        """One node, and the name of its output; arrays and numbers become constants."""
        name = output or claim(f"tmva_{op_type}", self._taken)
        names = tuple(one if isinstance(one, str) else self.constant(np.asarray(one)) for one in inputs)
        self.nodes.append(Node(op_type, names, (name,), attributes, origin=self._origin))
        return name

    def cast(self, tensor: str, dtype: str) -> str:
        """A tensor in another type."""
        return self("Cast", tensor, to=_NUMBERS[dtype])

    def constant(self, array: Array) -> str:
        """The name of a constant."""
        name = claim("tmva_constant", self._taken)
        self.initializers[name] = array
        return name


def _write_front(
    write: _Writer, transformations: Sequence[Transformation], source: str, target: str, variables: int
) -> None:
    for one in transformations:
        places = one.places("Variable")
        reads, writes = ([columns[place].at for place in places] for columns in (one.reads, one.writes))
        is_last = one is transformations[-1]
        everything = list(range(variables))
        columns = source if reads == everything else write("Gather", source, np.array(reads), axis=1)
        is_whole = writes == everything
        result = _write_function(write, one.function, columns, places, target if is_whole and is_last else None)
        if not is_whole:
            both = write("Concat", source, result, axis=1)
            order = everything.copy()
            for place, at in enumerate(writes):
                order[at] = variables + place
            result = write("Gather", both, np.array(order), axis=1, output=target if is_last else None)
        source = result


def _write_function(write: _Writer, function: Function, x: str, places: Sequence[int], output: str | None) -> str:
    """A function of some columns; `places` says where in its lists they stand."""
    if isinstance(function, Normalize):
        low, scale = function.low[places], _scale(function)[places]
        scaled = write("Mul", write("Sub", x, low), 2 * scale)
        return write("Sub", scaled, np.float32(1), output=output)
    x = write.cast(x, "float64")
    if isinstance(function, Linear):
        if function.mean is not None:
            x = write("Sub", x, function.mean)
        y = write("MatMul", x, function.matrix)
    else:
        y = _write_cumulative(write, function.distributions, x)
        y = write("Max", write("Min", y, 1 - FLATTEST), FLATTEST)
        y = _write_gauss(write, y) if function.gauss else y
    return write("Cast", y, to=_NUMBERS["float32"], output=output)


def _write_cumulative(write: _Writer, distributions: Sequence[Cumulative], x: str) -> str:
    first, step = (np.array([getattr(one, name) for one in distributions]) for name in ("first", "step"))
    at = write("Div", write("Sub", x, first), step)
    # What is no number has no place; its result is none either, until that is replaced below.
    somewhere = write("Where", write("IsNaN", at), 0.0, at)
    left = write("Max", write("Min", write("Floor", somewhere), SAMPLES - 2.0), 0.0)
    index = write("Add", write.cast(left, "int64"), SAMPLES * np.arange(len(distributions)))
    values = write.constant(np.concatenate([one.values for one in distributions]))
    low = write.cast(write("Gather", values, index), "float64")
    high = write.cast(write("Gather", values, write("Add", index, np.int64(1))), "float64")
    rise = write("Mul", write("Sub", at, left), write("Sub", high, low))
    y = write("Add", low, rise)
    return write("Where", write("IsNaN", y), LEAST, y)


def _write_gauss(write: _Writer, cumulant: str) -> str:
    """``ROOT2 * erfinv(2 * cumulant - 1)``, by the quantiles of the normal distribution."""
    argument = write("Sub", write("Mul", cumulant, 2.0), 1.0)
    argument = write("Max", write("Min", argument, STEEPEST), -STEEPEST)
    half = write("Mul", argument, 0.5)
    distance = write("Abs", half)

    def ratio(x: str, coefficients: tuple[tuple[float, ...], tuple[float, ...]]) -> str:
        above, below = (_write_polynomial(write, x, one) for one in coefficients)
        return write("Div", above, below)

    square = write("Mul", half, half)
    near = write("Mul", half, ratio(write("Sub", quantile.SQUARE, square), quantile.NEAR))
    root = write("Sqrt", write("Neg", write("Log", write("Sub", 0.5, distance))))
    far = write("Mul", write("Sign", half), ratio(write("Sub", root, quantile.ROOT), quantile.FAR))
    normal = write("Where", write("Less", distance, quantile.BORDER), near, far)
    return write("Mul", normal, ROOT2 / math.sqrt(2))


def _write_polynomial(write: _Writer, x: str, coefficients: Sequence[float]) -> str:
    """By Horner's rule, the coefficient of the highest power first."""
    sum_: str | float = coefficients[0]
    for coefficient in coefficients[1:]:
        sum_ = write("Add", write("Mul", sum_, x), coefficient)
    return str(sum_)


def _write_back(write: _Writer, inverse: tuple[Array, Array], source: str, output: str) -> None:
    low, scale = inverse
    write("Add", write("Div", write("Add", source, np.float32(1)), scale), low, output=output)
