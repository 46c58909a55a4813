"""Layers that one multiplication can do: MatMul and Add, BatchNormalization into the layer beside it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pysofie import analysis
from pysofie.graph import Array, Graph, Node

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pysofie.values import Value

_Doubles: TypeAlias = NDArray[np.float64]


def fuse_bias(graph: Graph) -> Graph:
    """MatMul of matrices followed by the addition of one number for each column is a Gemm."""
    editor = _Editor(graph)
    for add in graph.nodes:
        product = editor.only_reader_of("MatMul", add) if add.op_type == "Add" and not add.domain else None
        if product is None:
            continue
        a, b = (editor.values[name] for name in product.inputs)
        bias = next(name for name in add.inputs if name != product.outputs[0])
        columns = editor.values[product.outputs[0]].type.shape
        if (
            columns is not None
            and a.rank == b.rank == 2
            and editor.values[bias].constant is not None
            and editor.values[bias].type.shape in (columns[1:], (1, *columns[1:]))
            and a.dtype.kind == "f"
        ):
            gemm = Node("Gemm", (*product.inputs, bias), add.outputs, origin=product.origin or add.origin)
            editor.replace(add, gemm)
            editor.remove(product)
    return editor.graph()


def fold_pads(graph: Graph) -> Graph:
    """Zeros around an image are padding of the Conv that reads it."""
    editor = _Editor(graph)
    for conv in graph.nodes:
        pad = editor.only_reader_of("Pad", conv) if conv.op_type == "Conv" and not conv.domain else None
        margins = _margins(pad, editor.values) if pad is not None else None
        if pad is None or margins is None or conv.attributes.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
            continue
        attributes = {name: value for name, value in conv.attributes.items() if name != "auto_pad"}
        own: Any = attributes.get("pads", (0,) * len(margins))
        attributes["pads"] = tuple(a + b for a, b in zip(own, margins, strict=True))
        inputs = (pad.inputs[0], *conv.inputs[1:])
        editor.replace(conv, dataclasses.replace(conv, inputs=inputs, attributes=attributes))
        editor.remove(pad)
    return editor.graph()


def _margins(pad: Node, values: Mapping[str, Value]) -> tuple[int, ...] | None:
    """The zeros before and behind each spatial dimension; None if it adds anything else, or none."""
    rank = values[pad.inputs[0]].rank
    given = dict(zip(("pads", "value", "axes"), pad.inputs[1:], strict=False))
    arrays = {name: values[tensor].constant for name, tensor in given.items() if tensor}
    sizes: Any = arrays.get("pads", pad.attributes.get("pads"))
    fill: Any = arrays.get("value", pad.attributes.get("value", 0))
    if sizes is None or any(array is None for array in arrays.values()) or np.any(fill):
        return None
    around = np.zeros((2, rank), np.int64)
    around[:, arrays.get("axes", np.arange(rank))] = np.reshape(sizes, (2, -1))
    if pad.attributes.get("mode", "constant") != "constant" or around.min() < 0 or around[:, :2].any():
        return None
    return tuple(int(size) for size in around[:, 2:].flat)


def fold_batch_norm(graph: Graph) -> Graph:
    """BatchNormalization into the Conv or Gemm before it; else, where it normalises a matrix, into the Gemm after it."""
    while True:
        editor = _Editor(graph)
        for one in graph.nodes:
            if one.op_type == "BatchNormalization" and not one.domain and not _fold_backward(editor, one):
                _fold_forward(editor, one)
        if not editor.is_changed:
            return graph
        graph = editor.graph()


@dataclass(frozen=True, slots=True)
class _Affine:
    """What BatchNormalization does at inference: ``scale * x + shift``, a number of each for a channel."""

    scale: _Doubles
    shift: _Doubles


def _affine(node: Node, values: Mapping[str, Value]) -> _Affine | None:
    arrays = [values[name].constant for name in node.inputs[1:]]
    if node.attributes.get("training_mode") or any(node.outputs[1:]) or any(array is None for array in arrays):
        return None
    gamma, beta, mean, variance = (np.asarray(array, np.float64) for array in arrays)
    scale = gamma / np.sqrt(variance + float(node.attributes.get("epsilon", 1e-5)))  # type: ignore[arg-type]
    return _Affine(scale, beta - mean * scale)


_LAYERS = ("Conv", "ConvTranspose", "Gemm", "MatMul")


def _fold_backward(editor: _Editor, norm: Node) -> bool:
    layer = next(filter(None, (editor.only_reader_of(kind, norm) for kind in _LAYERS)), None)
    affine = _affine(norm, editor.values)
    weights = editor.weights(layer)
    if layer is None or affine is None or weights is None:
        return False
    weight, bias = weights
    if layer.op_type == "Conv":
        weight = weight * affine.scale.reshape(-1, *(1,) * (weight.ndim - 1))
    elif layer.op_type == "ConvTranspose":
        # (inputs, outputs of a group, kernel...): the inputs of a group stand together, and so do its outputs
        groups = int(layer.attributes.get("group", 1))  # type: ignore[arg-type]
        scale = np.repeat(affine.scale.reshape(groups, -1), weight.shape[0] // groups, axis=0)
        weight = weight * scale.reshape(*scale.shape, *(1,) * (weight.ndim - 2))
    else:
        layer, weight, bias = _plain_gemm(layer, weight, bias)
        weight = weight * affine.scale
    editor.replace(norm, dataclasses.replace(layer, outputs=norm.outputs), weight, affine.scale * bias + affine.shift)
    editor.remove(layer)
    return True


def _fold_forward(editor: _Editor, norm: Node) -> bool:
    layer = editor.only_reader(norm.outputs[0])
    if layer is None or layer.op_type not in ("Gemm", "MatMul") or layer.domain:
        return False
    affine, weights = _affine(norm, editor.values), editor.weights(layer)
    if affine is None or weights is None or layer.inputs[0] != norm.outputs[0]:
        return False
    plain, weight, bias = _plain_gemm(layer, *weights)
    if plain.attributes.get("transA"):
        return False
    inputs = (norm.inputs[0], *plain.inputs[1:])
    folded = dataclasses.replace(plain, inputs=inputs)
    editor.replace(layer, folded, affine.scale[:, None] * weight, affine.shift @ weight + bias)
    editor.remove(norm)
    return True


def _plain_gemm(layer: Node, weight: _Doubles, bias: _Doubles) -> tuple[Node, _Doubles, _Doubles]:
    """A Gemm that does the same as a Gemm or MatMul, with alpha, beta and transB gone into its constants."""
    alpha, beta = (float(layer.attributes.get(name, 1.0)) for name in ("alpha", "beta"))  # type: ignore[arg-type]
    turned = weight.T if layer.attributes.get("transB") else weight
    attributes = {name: value for name, value in layer.attributes.items() if name == "transA"}
    return dataclasses.replace(layer, op_type="Gemm", attributes=attributes), alpha * turned, beta * bias


class _Editor:
    """Collects changes to the nodes of a graph and applies them together."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.values = analysis.analyse(graph)
        self._made, self._uses = graph.producers(), graph.uses()
        self._readers = {name: node for node in graph.nodes for name in node.reads()}
        self._changes: dict[int, Node | None] = {}
        self._constants = dict(graph.initializers)

    def only_reader_of(self, op_type: str, node: Node) -> Node | None:
        """The node of this type whose one output is read by the given node and by nothing else."""
        for name in node.inputs[:1] if op_type != "MatMul" else node.inputs:
            source = self._made.get(name)
            if source is not None and (source.op_type, source.domain) == (op_type, "") and self._uses[name] == 1:
                return source if id(source) not in self._changes else None
        return None

    def only_reader(self, name: str) -> Node | None:
        """The one node that reads a tensor, which is no output of the graph; None where there are several."""
        reader = self._readers.get(name)
        alone = reader is not None and self._uses[name] == 1 and id(reader) not in self._changes
        return reader if alone else None

    @property
    def is_changed(self) -> bool:
        """Whether there is any change."""
        return bool(self._changes)

    def weights(self, layer: Node | None) -> tuple[_Doubles, _Doubles] | None:
        """A layer's weight and bias in double precision, where both are constant; a bias of zeros where there is none."""
        if layer is None:
            return None
        constants = [self.values[name].constant if name else None for name in layer.inputs[1:]]
        present = [array for array in constants if array is not None]
        if constants[0] is None or len(present) != len([name for name in layer.inputs[1:] if name]):
            return None
        outputs = self.values[layer.outputs[0]].type.shape
        matrices = layer.op_type in ("Conv", "ConvTranspose") or (
            outputs is not None and len(outputs) == constants[0].ndim == 2
        )
        if outputs is None or not matrices or not isinstance(outputs[1], int):
            return None
        bias = np.asarray(present[1], np.float64) if len(present) > 1 else np.zeros(())
        if bias.ndim > 1 and bias.shape[:-1] != (1,) * (bias.ndim - 1):
            return None
        return np.asarray(constants[0], np.float64), np.broadcast_to(bias.reshape(-1)[: bias.size], (outputs[1],))

    def replace(self, old: Node, new: Node, weight: _Doubles | None = None, bias: _Doubles | None = None) -> None:
        """Put a node in the place of another, with new constants if given."""
        if weight is not None and bias is not None:
            dtype = self.values[new.inputs[0]].dtype
            constants = (
                self._constant(new.inputs[1], weight.astype(dtype)),
                self._constant(_bias(new), bias.astype(dtype)),
            )
            new = dataclasses.replace(new, inputs=(new.inputs[0], *constants))
        self._changes[id(old)] = new

    def remove(self, node: Node) -> None:
        """Leave a node out."""
        original = self._made.get(node.outputs[0], node)
        self._changes[id(original)] = None

    def _constant(self, name: str, array: Array) -> str:
        """Keep the name where nobody else reads the constant, so that the user finds it again."""
        stem, number = name, 1
        while name in self._constants and not (name == stem and self._uses.get(name) == 1):
            number += 1
            name = f"{stem}_{number}"
        self._constants[name] = np.ascontiguousarray(array)
        return name

    def graph(self) -> Graph:
        """The graph with all changes."""
        nodes = [self._changes.get(id(node), node) for node in self._graph.nodes]
        return self._graph.replace(nodes=[node for node in nodes if node is not None], initializers=self._constants)


def _bias(layer: Node) -> str:
    return layer.inputs[2] if len(layer.inputs) > 2 and layer.inputs[2] else f"{layer.outputs[0]}_bias"
