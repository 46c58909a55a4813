"""16-bit floats: a model that has them computes in float32.

Inputs are cast as they come, outputs before they go, constants are widened, which is exact. A Cast to 16 bits within the
model stays what it is, a rounding: it becomes two, there and back. So Cast and BitCast alone know these types.
"""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from pysofie import analysis
from pysofie.dtypes import HALVES, is_half
from pysofie.errors import ShapeError
from pysofie.graph import Graph, Node, TensorInfo
from pysofie.names import claim
from pysofie.shapes import ONNX_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pysofie.graph import Array, Attribute

_NUMBERS: dict[str, int] = {name: number for number, name in ONNX_TYPES.items()}
_FLOAT = _NUMBERS["float32"]
# Attributes that name a type; those of Cast and BitCast are looked at by themselves.
_TYPE_ATTRIBUTES = ("dtype", "output_dtype", "output_datatype", "stash_type", "softmax_precision", "precision")


def widen(graph: Graph) -> Graph:
    """The same network in float32, with 16-bit floats for its inputs and outputs only."""
    if not _has_halves(graph):
        return graph
    widener = _Widener(graph)
    nodes = [*widener.entry(), *widener.nodes(graph.nodes)]
    outputs, casts = widener.exit()
    widened = graph.replace(nodes=(*nodes, *casts), initializers=_widened(graph.initializers))
    return dataclasses.replace(widened, outputs=outputs)


def _has_halves(graph: Graph) -> bool:
    """Whether anything says so; types that are inferred come from what does."""
    dtypes = (*(info.dtype for info in graph.inputs), *(array.dtype for array in graph.initializers.values()))
    return any(map(is_half, dtypes)) or any(
        _is_of_halves(name, value) for node in graph.nodes for name, value in node.attributes.items()
    )


def _is_of_halves(name: str, value: Attribute) -> bool:
    if isinstance(value, Graph):
        return _has_halves(value)
    if isinstance(value, np.ndarray):
        return is_half(value.dtype)
    return name in ("to", *_TYPE_ATTRIBUTES) and isinstance(value, int) and ONNX_TYPES.get(value, "") in HALVES


def _widened(arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {name: _as_float(array) for name, array in arrays.items()}


def _as_float(array: Array) -> Array:
    return array.astype(np.float32) if is_half(array.dtype) else array


class _Widener:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._values = analysis.analyse(graph)  # with the types that were
        self._made = graph.producers()
        self._taken = {*self._values, *graph.outputs}
        self._rounded: dict[str, str] = {}  # float32 tensors that were rounded, by the 16-bit ones that they come from
        # Inputs and outputs of 16 bits: their names inside, where they are float32.
        self._inside = {
            name: self._fresh(f"{name}_float")
            for name in dict.fromkeys((*graph.input_names, *graph.outputs))
            if self._half(name) and name not in graph.initializers
        }

    def entry(self) -> Iterator[Node]:
        """The Casts of the inputs."""
        for name in self._graph.input_names:
            if name in self._inside:
                yield Node("Cast", (name,), (self._inside[name],), {"to": _FLOAT})

    def exit(self) -> tuple[tuple[str, ...], list[Node]]:
        """The outputs, and their Casts."""
        names, casts, done = list[str](), list[Node](), dict[str, str]()
        for name in self._graph.outputs:
            half = self._half(name)
            if half and name not in done:
                inside = self._inside.get(name, name)
                # An input or a constant keeps its name.
                done[name] = name if name in self._made else self._fresh(f"{name}_2")
                source = self._rounded.get(inside, inside)
                casts.append(Node("Cast", (source,), (done[name],), {"to": _NUMBERS[half]}))
            names.append(done.get(name, name))
        return tuple(names), casts

    def nodes(self, nodes: Iterable[Node]) -> Iterator[Node]:
        """The nodes in float32."""
        for node in nodes:
            halves = [self._half(name) for name in node.inputs]
            attributes = {name: self._attribute(name, value) for name, value in node.attributes.items()}
            renamed = dataclasses.replace(
                node,
                inputs=tuple(self._inside.get(name, name) for name in node.inputs),
                outputs=tuple(self._inside.get(name, name) for name in node.outputs),
                attributes=attributes,
            )
            if node.domain or node.op_type not in ("Cast", "CastLike", "BitCast"):
                yield renamed
            else:
                yield from self._cast(renamed, halves)

    def _cast(self, node: Node, halves: Sequence[str]) -> Iterator[Node]:
        """A Cast, CastLike or BitCast from and to whatever type."""
        (result,), source = node.outputs, node.inputs[0]
        like = node.op_type == "CastLike"
        target = halves[1] if like else ONNX_TYPES.get(node.attributes["to"], "")  # type: ignore[arg-type]
        if node.op_type == "BitCast" and halves[0]:
            source = self._fresh(f"{result}_bits")
            yield Node("Cast", node.inputs[:1], (source,), {"to": _NUMBERS[halves[0]]}, origin=node.origin)
        if target in HALVES:
            rounded = self._rounded[result] = self._fresh(f"{result}_{target}")
            kind = "Cast" if like else node.op_type
            yield Node(kind, (source,), (rounded,), {"to": _NUMBERS[target]}, origin=node.origin)
            yield Node("Cast", (rounded,), (result,), {"to": _FLOAT}, origin=node.origin)
        else:
            yield dataclasses.replace(node, inputs=(source, *node.inputs[1:]))

    def _attribute(self, name: str, value: Attribute) -> Attribute:
        if isinstance(value, Graph):
            return self._body(value)
        if isinstance(value, np.ndarray):
            return _as_float(value)
        return _FLOAT if name in _TYPE_ATTRIBUTES and _is_of_halves(name, value) else value

    def _body(self, graph: Graph) -> Graph:
        """A branch or the body of a loop: nothing goes in or out as 16 bits."""
        self._values |= analysis.sources(graph)
        for node in graph.nodes:
            with contextlib.suppress(ShapeError, KeyError):  # sizes that the node around it would say
                self._values |= analysis.step(node, self._values, self._graph.opsets)
        return dataclasses.replace(
            graph,
            inputs=tuple(
                TensorInfo(info.name, np.dtype(np.float32) if is_half(info.dtype) else info.dtype, info.shape)
                for info in graph.inputs
            ),
            nodes=tuple(self.nodes(graph.nodes)),
            initializers=_widened(graph.initializers),
            outputs=tuple(self._inside.get(name, name) for name in graph.outputs),
        )

    def _half(self, name: str) -> str:
        """The type that a tensor had, if that is one of 16 bits, else ""."""
        value = self._values.get(name)
        return value.dtype.name if value is not None and is_half(value.type.dtype) else ""

    def _fresh(self, stem: str) -> str:
        return claim(stem, self._taken)
