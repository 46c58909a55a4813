"""Random models of one node, and what onnx's evaluator or onnxruntime makes of random inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
import onnxruntime
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from .cases import Array, Question

Draw = Callable[[st.SearchStrategy[Any]], Any]
OPSET = 21


@dataclass(frozen=True)
class Node:
    """One node: shapes of what comes at run time, constants, attributes."""

    op: str
    inputs: Mapping[str, tuple[int, ...]]
    constants: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    runtime: bool = True
    """Whether onnxruntime is the reference: it is quicker, and computes in double precision what it can."""

    def model(self, element: int) -> onnx.ModelProto:
        names = self.order or (*self.inputs, *self.constants)
        graph = helper.make_graph(
            [helper.make_node(self.op, names, ["y"], **self.attributes)],
            "model",
            [helper.make_tensor_value_info(name, element, shape) for name, shape in self.inputs.items()],
            [helper.make_tensor_value_info("y", element, None)],
            [numpy_helper.from_array(np.asarray(value), name) for name, value in self.constants.items()],
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)


sizes = st.integers(1, 6)


def _split(draw: Draw, total: int) -> list[int]:
    return [draw(sizes) for _ in range(total)]


@st.composite
def broadcasting(draw: Draw) -> Node:
    shape = _split(draw, draw(st.integers(0, 5)))
    shapes = []
    for _ in range(2):
        own = [draw(st.sampled_from((1, size))) for size in shape]
        shapes.append(tuple(own[draw(st.integers(0, len(own))) :]))
    return Node(draw(st.sampled_from(("Add", "Sub", "Mul", "Max", "Min"))), dict(zip("ab", shapes, strict=True)))


@st.composite
def slices(draw: Draw) -> Node:
    shape = [draw(st.integers(1, 9)) for _ in range(draw(st.integers(1, 4)))]
    axes = draw(st.lists(st.sampled_from(range(len(shape))), min_size=1, unique=True))
    limits = st.integers(-11, 11)
    steps = [draw(st.sampled_from((-3, -2, -1, 1, 2, 3))) for _ in axes]
    signed = [axis - len(shape) if draw(st.booleans()) else axis for axis in axes]
    values = {
        "starts": [draw(limits) for _ in axes],
        "ends": [draw(limits) for _ in axes],
        "axes": signed,
        "steps": steps,
    }
    return Node("Slice", {"x": tuple(shape)}, {name: np.array(value) for name, value in values.items()})


@st.composite
def pads(draw: Draw) -> Node:
    shape = [draw(st.integers(2, 6)) for _ in range(draw(st.integers(1, 4)))]
    mode = draw(st.sampled_from(("constant", "reflect", "edge", "wrap")))
    most = {"constant": 4, "edge": 4}
    sides = [draw(st.integers(0, most.get(mode, size - 1))) for size in (*shape, *shape)]
    constants = {"pads": np.array(sides)} | ({"value": np.array(1.5, "float32")} if mode == "constant" else {})
    return Node("Pad", {"x": tuple(shape)}, constants, {"mode": mode}, runtime=False)


def _window(draw: Draw, rank: int) -> tuple[dict[str, Any], list[int]]:
    """Attributes of a window, and sizes that it fits into."""
    kernel = [draw(st.integers(1, 4)) for _ in range(rank)]
    dilations = [draw(st.integers(1, 2)) for _ in range(rank)]
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    padding = [draw(st.integers(0, k - 1)) for k in (*kernel, *kernel)]
    attributes = {
        "kernel_shape": kernel,
        "dilations": dilations,
        "strides": [draw(st.integers(1, 3)) for _ in range(rank)],
    }
    return attributes | {"pads": padding}, [draw(st.integers(one, one + 7)) for one in reach]


@st.composite
def convolutions(draw: Draw) -> Node:
    rank = draw(st.integers(1, 3))
    attributes, spatial = _window(draw, rank)
    groups, inner, outer = draw(st.integers(1, 3)), draw(st.integers(1, 5)), draw(st.integers(1, 5))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    weights = {"w": rng.normal(size=(groups * outer, inner, *attributes["kernel_shape"])).astype("float32")}
    if draw(st.booleans()):
        weights["b"] = rng.normal(size=groups * outer).astype("float32")
    return Node(
        "Conv", {"x": (draw(st.integers(1, 3)), groups * inner, *spatial)}, weights, attributes | {"group": groups}
    )


@st.composite
def pools(draw: Draw) -> Node:
    op = draw(st.sampled_from(("MaxPool", "AveragePool", "LpPool")))
    attributes, spatial = _window(draw, draw(st.integers(1, 3)))
    if op != "LpPool":
        attributes["ceil_mode"] = draw(st.integers(0, 1))
    if op == "AveragePool":
        attributes["count_include_pad"] = draw(st.integers(0, 1))
    return Node(op, {"x": (draw(st.integers(1, 3)), draw(st.integers(1, 4)), *spatial)}, attributes=attributes)


@st.composite
def einsums(draw: Draw) -> Node:
    extents = {letter: draw(sizes) for letter in "abcdef"}
    terms = [
        draw(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True))
        for _ in range(draw(st.integers(1, 3)))
    ]
    present = sorted({letter for term in terms for letter in term})
    result = draw(st.lists(st.sampled_from(present), max_size=4, unique=True))
    equation = ",".join("".join(term) for term in terms)
    if draw(st.booleans()):
        equation += "->" + "".join(result)
    inputs = {f"x{at}": tuple(extents[letter] for letter in term) for at, term in enumerate(terms)}
    return Node("Einsum", inputs, attributes={"equation": equation}, runtime=False)


@st.composite
def resizes(draw: Draw) -> Node:
    rank = draw(st.integers(1, 2))
    spatial = [draw(st.integers(2, 7)) for _ in range(rank)]
    mode = draw(st.sampled_from(("nearest", "linear", "cubic")))
    attributes: dict[str, Any] = {
        "mode": mode,
        "coordinate_transformation_mode": draw(
            st.sampled_from(("half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"))
        ),
    }
    if mode == "nearest":
        attributes["nearest_mode"] = draw(st.sampled_from(("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")))
    if mode == "cubic":
        attributes |= {
            "cubic_coeff_a": draw(st.sampled_from((-0.75, -0.5))),
            "exclude_outside": draw(st.integers(0, 1)),
        }
    if mode != "nearest":
        attributes["antialias"] = draw(st.integers(0, 1))
    target = np.array([2, 3, *(draw(st.integers(1, 9)) for _ in range(rank))])
    return Node("Resize", {"x": (2, 3, *spatial)}, {"sizes": target}, attributes, ("x", "", "", "sizes"), runtime=False)


FAMILIES: dict[str, Callable[[], st.SearchStrategy[Node]]] = {
    "broadcasting": broadcasting,
    "Slice": slices,
    "Pad": pads,
    "Conv": convolutions,
    "pools": pools,
    "Einsum": einsums,
    "Resize": resizes,
}


def questions(family: str, count: int) -> list[Question]:
    """So many random models, the same in every run, with the reference's results."""
    nodes: list[Node] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(FAMILIES[family]())
    def collect(node: Node) -> None:
        nodes.append(node)

    collect()
    return [_question(f"{family}_{at}", node) for at, node in enumerate(nodes[:count])]


def _question(name: str, node: Node) -> Question:
    rng = np.random.default_rng(int(name.rpartition("_")[2]))
    inputs = {one: rng.normal(size=shape).astype("float32") for one, shape in node.inputs.items()}
    model = node.model(onnx.TensorProto.FLOAT)
    return Question(name, node.op, model.SerializeToString(), tuple(inputs.values()), (_reference(node, inputs),))


def _reference(node: Node, inputs: Mapping[str, Array]) -> Array:
    if node.runtime:
        session = onnxruntime.InferenceSession(node.model(onnx.TensorProto.FLOAT).SerializeToString())
        return np.asarray(session.run(None, dict(inputs))[0])
    exact = {name: array.astype("float64") for name, array in inputs.items()}
    constants = {
        name: np.asarray(value, "float64") if np.asarray(value).dtype == np.float32 else value
        for name, value in node.constants.items()
    }
    double = Node(node.op, node.inputs, constants, node.attributes, node.order)
    return np.asarray(ReferenceEvaluator(double.model(onnx.TensorProto.DOUBLE)).run(None, exact)[0]).astype("float32")
