"""Convolutions of images whose channels are last, where what stands around them has them so."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from pysofie.graph import Graph, Node
from pysofie.names import claim

if TYPE_CHECKING:
    from pysofie.graph import Array

DOMAIN = "pysofie"
OP_TYPE = "ChannelsLastConv"
_FEWEST = 16  # channels of which a vector is full, where each is by itself


def channels_last(graph: Graph) -> Graph:
    """Convolutions between two transposes, from channels last and back, without these.

    Those that are as fast so: of each channel by itself, and of windows that do not overlap. One of single pixels is a product.
    """
    return _Turning(graph).graph() if any(node.op_type == "Transpose" for node in graph.nodes) else graph


class _Turning:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._made = graph.producers()
        self._readers: dict[str, list[Node]] = {}
        for node in graph.nodes:
            for name in node.reads():
                self._readers.setdefault(name, []).append(node)
        self._constants = dict(graph.initializers)
        self._taken = {*graph.input_names, *graph.initializers, *self._made}

    def graph(self) -> Graph:
        replaced: dict[int, list[Node]] = {}
        for node in self._graph.nodes:
            behind = self._behind(node)
            if behind:
                replaced |= {id(one): [] for one in behind} | {id(node): self._turned(node, behind)}
        if not replaced:
            return self._graph
        nodes = [new for node in self._graph.nodes for new in replaced.get(id(node), [node])]
        return self._graph.replace(nodes=nodes, initializers=self._constants)

    def _behind(self, node: Node) -> list[Node]:
        """The transposes that read a convolution, if it is to be turned."""
        if node.op_type != "Conv" or node.domain or node.attributes.get("auto_pad", "NOTSET") != "NOTSET":
            return []
        before, weight = self._made.get(node.inputs[0]), self._constants.get(node.inputs[1])
        are_known = all(name in self._constants for name in node.inputs[1:] if name)
        if weight is None or not are_known or before is None or not _is_turn(before, weight.ndim, to_last=False):
            return []
        readers = self._readers.get(node.outputs[0], [])
        wanted = all(_is_turn(one, weight.ndim, to_last=True) for one in readers)
        is_output = node.outputs[0] in self._graph.outputs
        return readers if wanted and not is_output and _suits(node, weight) else []

    def _turned(self, node: Node, behind: list[Node]) -> list[Node]:
        """The convolution, from what the transpose before it reads to what those behind it make."""
        source, result = self._made[node.inputs[0]].inputs[0], behind[0].outputs[0]
        weight, bias = self._constants[node.inputs[1]], [name for name in node.inputs[2:] if name]
        strides = node.attributes.get("strides", (1,))
        if _groups(node) == 1 and weight[0, 0].size == 1 and set(strides) == {1}:  # type: ignore[arg-type]
            matrix = self._constant(node.inputs[1], weight.reshape(weight.shape[:2]).T)
            product = claim(f"{result}_product", self._taken) if bias else result
            made = [Node("MatMul", (source, matrix), (product,), origin=node.origin)]
            made += [Node("Add", (product, one), (result,), origin=node.origin) for one in bias]
        else:
            turned = self._constant(node.inputs[1], np.moveaxis(weight, (1, 0), (-2, -1)))
            attributes = {
                name: value
                for name, value in node.attributes.items()
                if name in ("dilations", "group", "pads", "strides")
            }
            made = [
                dataclasses.replace(
                    node,
                    op_type=OP_TYPE,
                    domain=DOMAIN,
                    inputs=(source, turned, *bias),
                    outputs=(result,),
                    attributes=attributes,
                )
            ]
        return made + [Node("Identity", (result,), one.outputs) for one in behind[1:]]

    def _constant(self, stem: str, array: Array) -> str:
        name = claim(f"{stem}_last", self._taken)
        self._constants[name] = np.ascontiguousarray(array)
        return name


def _is_turn(node: Node, rank: int, *, to_last: bool) -> bool:
    """Whether a node moves the channels to the last place, or from there to the second one."""
    wanted = (0, *range(2, rank), 1) if to_last else (0, rank - 1, *range(1, rank - 1))
    return node.op_type == "Transpose" and not node.domain and node.attributes.get("perm") == wanted


def _groups(node: Node) -> int:
    return int(node.attributes.get("group", 1))  # type: ignore[arg-type]


def _suits(node: Node, weight: Array) -> bool:
    window = weight.shape[2:]
    if weight.dtype.kind != "f":
        return False
    if _groups(node) > 1:
        return weight.shape[:2] == (_groups(node), 1) and _groups(node) >= _FEWEST
    plain = (1,) * len(window)
    has_pads = any(node.attributes.get("pads", ()))  # type: ignore[arg-type]
    return (
        not has_pads
        and node.attributes.get("dilations", plain) == plain
        and node.attributes.get("strides", plain) == window
    )
