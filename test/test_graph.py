"""The Graph: frozen, and consistent or refused."""

import dataclasses

import numpy as np
import pytest

from pysofie import GraphError
from pysofie.graph import Graph, Node, TensorInfo

X = TensorInfo("x", np.float32, ("batch", 3))
RELU = Node("Relu", ("x",), ("y",))


def graph(*nodes, inputs=(X,), outputs=("y",), **constants):
    return Graph("g", inputs, outputs, nodes, {name: np.asarray(value) for name, value in constants.items()})


def test_a_consistent_graph_is_itself():
    one = graph(RELU)
    assert one.validate() is one
    assert one.dims == ("batch",)
    assert one.producers() == {"y": RELU}
    assert one.uses() == {"x": 1, "y": 1}


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (
            graph(Node("Relu", ("z",), ("y",), origin="act (ReLU)")),
            r"Relu at act \(ReLU\) reads 'z', which nothing before it",
        ),
        (graph(Node("Relu", ("y",), ("z",)), RELU), "Relu reads 'y', which nothing before it makes"),
        (graph(RELU, RELU), "two tensors are called 'y'"),
        (graph(RELU, x=1.0), "two tensors are called 'x'"),
        (graph(RELU, inputs=(X, X)), "two tensors are called 'x'"),
        (graph(RELU, outputs=("z",)), "nothing makes the output 'z'"),
        (graph(RELU, outputs=()), "without outputs"),
        (graph(RELU, inputs=(X, TensorInfo("", np.float32, ()))), "without a name"),
    ],
)
def test_a_contradiction_is_named(bad, message):
    with pytest.raises(GraphError, match=message):
        bad.validate()


def test_nothing_in_it_can_be_changed():
    one = graph(RELU, w=np.ones(3))
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.name = "other"
    with pytest.raises(TypeError):
        one.initializers["w"] = np.zeros(3)
    with pytest.raises(TypeError):
        RELU.attributes["alpha"] = 1.0


def test_a_branch_sees_the_graph_around_it():
    branch = Graph("then", (), ("b",), (Node("Add", ("x", "w"), ("b",)),))
    condition = Node("If", ("c",), ("y",), {"then_branch": branch, "else_branch": branch})
    one = graph(condition, w=np.ones(3), c=np.array(True))
    assert one.validate()
    assert list(condition.reads()) == ["c", "x", "w", "x", "w"]
    assert one.uses()["x"] == 2
    broken = Node(
        "If", ("c",), ("y",), {"then_branch": Graph("then", (), ("b",), (Node("Relu", ("nowhere",), ("b",)),))}
    )
    with pytest.raises(GraphError, match="'nowhere'"):
        graph(broken, c=np.array(True)).validate()


def test_it_prints_as_one_line_for_each_node():
    text = str(graph(Node("LeakyRelu", ("x",), ("y",), {"alpha": 0.1}, origin="act (LeakyReLU)")))
    assert text == "g(x: float32[batch, 3]) -> y\n  y = LeakyRelu(x; alpha=0.1)   # act (LeakyReLU)"
