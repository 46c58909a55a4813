"""Each pass: what it does to the structure, and that the numbers stay."""

import dataclasses

import numpy as np
import pytest

from oracle import evaluate
from pysofie import SofieError, analysis, passes
from pysofie.graph import Graph, Node, TensorInfo
from random_graphs import random_graph

RNG = np.random.default_rng(2)


def weights(*shape):
    return RNG.normal(size=shape)


def graph(nodes, inputs, outputs=("y",), **constants):
    infos = tuple(TensorInfo(name, np.float64, shape) for name, shape in inputs.items())
    return Graph("g", infos, tuple(outputs), tuple(nodes), {k: np.asarray(v) for k, v in constants.items()}).validate()


def ops(one):
    return [node.op_type for node in one.nodes]


def same_numbers(before, after, *, batch=(3,), rtol=1e-12, atol=1e-12):
    """Both graphs on the same inputs, at each size of the named dims."""
    assert [info.name for info in before.inputs] == [info.name for info in after.inputs]
    assert before.outputs == after.outputs
    for size in batch:
        inputs = [weights(*(size if isinstance(dim, str) else dim for dim in info.shape)) for info in before.inputs]
        for expected, found in zip(evaluate(before, inputs), evaluate(after, inputs), strict=True):
            assert found.shape == expected.shape
            np.testing.assert_allclose(found, expected, rtol=rtol, atol=atol)


NORM = {"g": weights(4), "b": weights(4), "m": weights(4), "v": np.abs(weights(4)) + 0.1}


def norm(x, y, prefix=""):
    return Node("BatchNormalization", (x, *(prefix + name for name in NORM)), (y,), {"epsilon": 2**-10})


def prefixed(prefix):
    return {prefix + name: array for name, array in NORM.items()}


# Name, pass, graph before, operators after.
CASES = [
    (
        "constants of constants",
        "fold_constants",
        graph(
            [
                Node("Constant", (), ("two",), {"value": np.array(2.0)}),
                Node("Mul", ("w", "two"), ("w2",)),
                Node("Transpose", ("w2",), ("wt",), {"perm": (1, 0)}),
                Node("MatMul", ("x", "wt"), ("y",)),
            ],
            {"x": ("batch", 5)},
            w=weights(4, 5),
        ),
        ["MatMul"],
    ),
    (
        "a constant of the type that an input has",  # torch.export's bias of a convolution without one
        "fold_constants",
        graph(
            [
                Node("CastLike", ("zero", "x"), ("z",)),
                Node("Expand", ("z", "shape"), ("c",)),
                Node("Conv", ("x", "w", "c"), ("y",)),
            ],
            {"x": ("batch", 3, 5, 4)},
            zero=np.float32(0),
            shape=np.array([2]),
            w=weights(2, 3, 3, 2),
        ),
        ["Conv"],
    ),
    (
        "reshape to a computed target",
        "fold_constants",
        graph(
            [
                Node("Shape", ("x",), ("s",)),
                Node("Gather", ("s", "zero"), ("n",), {"axis": 0}),
                Node("Unsqueeze", ("n", "axes"), ("n1",)),
                Node("Concat", ("n1", "rest"), ("t",), {"axis": 0}),
                Node("Reshape", ("x", "t"), ("y",)),
            ],
            {"x": ("batch", 3, 4)},
            zero=np.int64(0),
            axes=np.array([0]),
            rest=np.array([-1]),
        ),
        ["Reshape"],
    ),
    (
        "reshape that moves the named dim and multiplies it",
        "fold_constants",
        graph(
            [
                Node("Shape", ("x",), ("s",), {"end": 1}),
                Node("Mul", ("s", "three"), ("n",)),
                Node("Concat", ("two", "n", "two"), ("t",), {"axis": 0}),
                Node("Reshape", ("x", "t"), ("y",)),
            ],
            {"x": ("batch", 3, 4)},
            two=np.array([2]),
            three=np.array([3]),
        ),
        ["Reshape"],
    ),
    (
        "a branch that is decided",
        "fold_constants",
        graph(
            [
                Node("Shape", ("x",), ("s",), {"start": 1}),
                Node("Equal", ("s", "one"), ("is_one",)),
                Node(
                    "If",
                    ("is_one",),
                    ("y", "z"),
                    {
                        "then_branch": Graph(
                            "t", (), ("a", "x"), (Node("Squeeze", ("x", "axis"), ("a",)),), {"axis": np.array([1])}
                        ),
                        "else_branch": Graph("e", (), ("x", "x"), ()),
                    },
                ),
            ],
            {"x": ("batch", 1)},
            ("y", "z"),
            one=np.array([1]),
        ),
        ["Squeeze", "Identity"],
    ),
    (
        "identities",
        "drop_identities",
        graph(
            [
                Node("Identity", ("w",), ("w2",)),
                Node("Dropout", ("x",), ("d", "")),
                Node("Cast", ("d",), ("c",), {"to": 11}),
                Node("Add", ("c", "w2"), ("s",)),
                Node("Identity", ("s",), ("y",)),
            ],
            {"x": ("batch", 4)},
            w=weights(4),
        ),
        ["Add"],
    ),
    (
        "an input that is an output stays a copy",
        "drop_identities",
        graph([Node("Identity", ("x",), ("a",)), Node("Identity", ("a",), ("y",))], {"x": (2, 3)}),
        ["Identity"],
    ),
    (
        "a result under two names",
        "drop_identities",
        graph(
            [Node("Relu", ("x",), ("r",)), Node("Identity", ("r",), ("y",)), Node("Identity", ("r",), ("z",))],
            {"x": (2, 3)},
            ("y", "z"),
        ),
        ["Relu", "Identity", "Identity"],
    ),
    (
        "bias behind a product",
        "fuse_bias",
        graph(
            [Node("MatMul", ("x", "w"), ("p",)), Node("Add", ("b", "p"), ("y",))],
            {"x": ("batch", 5)},
            w=weights(5, 4),
            b=weights(4),
        ),
        ["Gemm"],
    ),
    (
        "no bias: one number for each row",
        "fuse_bias",
        graph(
            [Node("MatMul", ("x", "w"), ("p",)), Node("Add", ("p", "b"), ("y",))],
            {"x": (3, 5)},
            w=weights(5, 4),
            b=weights(3, 1),
        ),
        ["MatMul", "Add"],
    ),
    (
        "no bias: the product is read twice",
        "fuse_bias",
        graph(
            [Node("MatMul", ("x", "w"), ("p",)), Node("Add", ("p", "b"), ("a",)), Node("Mul", ("a", "p"), ("y",))],
            {"x": ("batch", 5)},
            w=weights(5, 4),
            b=weights(4),
        ),
        ["MatMul", "Add", "Mul"],
    ),
    (
        "no bias: three dimensions",
        "fuse_bias",
        graph(
            [Node("MatMul", ("x", "w"), ("p",)), Node("Add", ("p", "b"), ("y",))],
            {"x": ("batch", 2, 5)},
            w=weights(5, 4),
            b=weights(4),
        ),
        ["MatMul", "Add"],
    ),
    (
        "norm behind a layer",
        "fold_batch_norm",
        graph(
            [Node("Gemm", ("x", "w", "c"), ("h",), {"transB": 1, "alpha": 0.5, "beta": 2.0}), norm("h", "y")],
            {"x": ("batch", 5)},
            w=weights(4, 5),
            c=weights(4),
            **NORM,
        ),
        ["Gemm"],
    ),
    (
        "norm behind a layer without bias",
        "fold_batch_norm",
        graph([Node("Gemm", ("x", "w"), ("h",)), norm("h", "y")], {"x": ("batch", 5)}, w=weights(5, 4), **NORM),
        ["Gemm"],
    ),
    (
        "norm behind a convolution",
        "fold_batch_norm",
        graph(
            [Node("Conv", ("x", "w"), ("h",), {"pads": (1, 1, 1, 1), "group": 2}), norm("h", "y")],
            {"x": ("batch", 6, 5, 7)},
            w=weights(4, 3, 3, 3),
            **NORM,
        ),
        ["Conv"],
    ),
    (
        "norm before a layer",
        "fold_batch_norm",
        graph(
            [Node("Relu", ("x",), ("r",)), norm("r", "h"), Node("Gemm", ("h", "w", "c"), ("y",), {"transB": 1})],
            {"x": ("batch", 4)},
            w=weights(5, 4),
            c=weights(5),
            **NORM,
        ),
        ["Relu", "Gemm"],
    ),
    (
        "norms on both sides, one weight for two layers",
        "fold_batch_norm",
        graph(
            [
                norm("x", "n1"),
                Node("Gemm", ("n1", "w", "c"), ("g1",)),
                norm("g1", "n2", "p"),
                Node("Relu", ("n2",), ("r",)),
                Node("Gemm", ("r", "w", "c"), ("g2",)),
                norm("g2", "y", "q"),
            ],
            {"x": ("batch", 4)},
            w=weights(4, 4),
            c=weights(4),
            **NORM,
            **prefixed("p"),
            **prefixed("q"),
        ),
        ["Gemm", "Relu", "Gemm"],
    ),
    (
        "no folding: the layer is read twice",
        "fold_batch_norm",
        graph(
            [Node("Gemm", ("x", "w"), ("h",)), norm("h", "n"), Node("Add", ("h", "n"), ("y",))],
            {"x": ("batch", 5)},
            w=weights(5, 4),
            **NORM,
        ),
        ["Gemm", "BatchNormalization", "Add"],
    ),
    (
        "no folding: a convolution behind, whose padding is not normalised",
        "fold_batch_norm",
        graph(
            [norm("x", "n"), Node("Conv", ("n", "w"), ("y",), {"pads": (1, 1, 1, 1)})],
            {"x": ("batch", 4, 5, 5)},
            w=weights(2, 4, 3, 3),
            **NORM,
        ),
        ["BatchNormalization", "Conv"],
    ),
    (
        "what no output needs",
        "drop_dead",
        graph(
            [Node("Relu", ("x",), ("y",)), Node("Add", ("x", "w"), ("a",)), Node("Sigmoid", ("a",), ("unused",))],
            {"x": ("batch", 4), "z": (2, 2)},
            w=weights(4),
        ),
        ["Relu"],
    ),
    (
        "transposes that cancel across an activation",
        "merge_transposes",
        graph(
            [
                Node("Transpose", ("x",), ("t",), {"perm": (0, 3, 1, 2)}),
                Node("Relu", ("t",), ("r",)),
                Node("Transpose", ("r",), ("y",), {"perm": (0, 2, 3, 1)}),
            ],
            {"x": ("batch", 3, 4, 5)},
        ),
        ["Relu", "Identity"],
    ),
    (
        "two transposes that make another one",
        "merge_transposes",
        graph(
            [
                Node("Transpose", ("x",), ("t",), {"perm": (0, 2, 1)}),
                Node("Transpose", ("t",), ("y",), {"perm": (2, 0, 1)}),
            ],
            {"x": (2, 3, 4)},
        ),
        ["Transpose"],
    ),
    (
        "a residual connection between transposes",
        "merge_transposes",
        graph(
            [
                Node("Transpose", ("x",), ("t",), {"perm": (0, 3, 1, 2)}),
                Node("Mul", ("t", "w"), ("m",)),
                Node("Add", ("m", "t"), ("a",)),
                Node("Concat", ("a", "t"), ("c",), {"axis": 1}),
                Node("Softmax", ("c",), ("s",), {"axis": 1}),
                Node("Transpose", ("s",), ("y",), {"perm": (0, 2, 3, 1)}),
            ],
            {"x": ("batch", 3, 4, 5)},
            w=weights(5, 1, 1),
        ),
        ["Mul", "Add", "Concat", "Softmax", "Identity"],
    ),
    (
        "a Softmax that flattens what is behind its axis",
        "merge_transposes",
        dataclasses.replace(
            graph(
                [
                    Node("Transpose", ("x",), ("t",), {"perm": (0, 2, 3, 1)}),
                    Node("Softmax", ("t",), ("s",), {"axis": 1}),
                    Node("Transpose", ("s",), ("y",), {"perm": (0, 3, 1, 2)}),
                ],
                {"x": ("batch", 3, 4, 5)},
            ),
            opsets={"": 11},
        ),
        ["Transpose", "Softmax", "Transpose"],
    ),
    (
        "a Pad whose sizes are an attribute",
        "merge_transposes",
        dataclasses.replace(
            graph(
                [
                    Node("Transpose", ("x",), ("t",), {"perm": (0, 2, 1)}),
                    Node("Pad", ("t",), ("p",), {"pads": (0, 1, 0, 0, 0, 2)}),
                    Node("Transpose", ("p",), ("y",), {"perm": (0, 2, 1)}),
                ],
                {"x": ("batch", 3, 4)},
            ),
            opsets={"": 10},
        ),
        ["Transpose", "Pad", "Transpose"],
    ),
    (
        "a sum over all axes",
        "merge_transposes",
        graph(
            [
                Node("Transpose", ("x",), ("t",), {"perm": (0, 2, 1)}),
                Node("ReduceSum", ("t", "none"), ("y",), {"keepdims": 0}),
            ],
            {"x": (2, 3, 4)},
            none=np.array([], np.int64),
        ),
        ["Transpose", "ReduceSum"],
    ),
    (
        "a tensor has the name that a new one would have",
        "merge_transposes",
        graph(
            [
                Node("Transpose", ("x",), ("t",), {"perm": (0, 2, 1)}),
                Node("Neg", ("t",), ("n_turned",)),
                Node("Exp", ("n_turned",), ("n",)),
                Node("Transpose", ("n",), ("y",), {"perm": (0, 2, 1)}),
            ],
            {"x": ("batch", 3, 4)},
        ),
        ["Neg", "Exp", "Identity"],
    ),
    (
        "transposes sink through what works along axes",
        "merge_transposes",
        graph(
            [
                Node("Transpose", ("x",), ("t",), {"perm": (0, 2, 3, 1)}),
                Node("ReduceSum", ("t", "spatial"), ("gate",), {"keepdims": 1}),
                Node("Sigmoid", ("gate",), ("open",)),
                Node("Mul", ("t", "open"), ("m",)),
                Node("Pad", ("m", "pads"), ("p",)),
                Node("Slice", ("p", "starts", "ends", "last", "steps"), ("s",)),
                Node("Greater", ("s", "w"), ("g",)),
                Node("Where", ("g", "s", "w"), ("h",)),
                Node("PRelu", ("h", "w"), ("r",)),
                Node("ReduceMax", ("r",), ("k",), {"keepdims": 0, "axes": (1,)}),
                Node("Transpose", ("k",), ("y",), {"perm": (0, 2, 1)}),
            ],
            {"x": ("batch", 3, 4, 5)},
            spatial=np.array([1, -2]),
            pads=np.array([0, 1, 2, 3, 0, 0, 1, 0]),
            starts=np.array([1]),
            ends=np.array([100]),
            last=np.array([-1]),
            steps=np.array([2]),
            w=weights(3),
        ),
        ["ReduceSum", "Sigmoid", "Mul", "Pad", "Slice", "Greater", "Where", "PRelu", "ReduceMax", "Identity"],
    ),
    (
        "rows of weights in the order before a transpose",
        "merge_transposes",
        graph(
            [
                Node("Transpose", ("x",), ("t",), {"perm": (0, 2, 3, 1)}),
                Node("Reshape", ("t", "flat"), ("f",)),
                Node("Relu", ("f",), ("r",)),
                Node("MatMul", ("r", "w"), ("y",)),
            ],
            {"x": ("batch", 3, 4, 5)},
            flat=np.array([0, 60]),
            w=weights(60, 7),
        ),
        ["Reshape", "Relu", "MatMul"],
    ),
    (
        "rows that something else reads too",
        "merge_transposes",
        graph(
            [
                Node("Transpose", ("x",), ("t",), {"perm": (0, 2, 3, 1)}),
                Node("Reshape", ("t", "flat"), ("f",)),
                Node("MatMul", ("f", "w"), ("y",)),
                Node("Relu", ("f",), ("z",)),
            ],
            {"x": ("batch", 3, 4, 5)},
            ("y", "z"),
            flat=np.array([0, 60]),
            w=weights(60, 7),
        ),
        ["Transpose", "Reshape", "MatMul", "Relu"],
    ),
    (
        "a transpose that moves axes of size 1 alone, beside one that is turned for nothing",
        "merge_transposes",
        graph(
            [
                Node("Transpose", ("x",), ("t",), {"perm": (0, 2, 3, 1)}),
                Node("Transpose", ("z",), ("u",), {"perm": (0, 2, 3, 1)}),
                Node("Mul", ("t", "v"), ("m",)),
                Node("Transpose", ("m",), ("y",), {"perm": (0, 3, 1, 2)}),
            ],
            {"x": ("batch", 3, 4, 5), "z": ("batch", 3, 1, 1), "v": ("batch", 1, 1, 3)},
            ("y", "u"),
        ),
        ["Reshape", "Mul", "Identity", "Reshape"],
    ),
    (
        "a transpose that somebody needs",
        "merge_transposes",
        graph(
            [
                Node("Transpose", ("x",), ("t",), {"perm": (1, 0)}),
                Node("Relu", ("t",), ("r",)),
                Node("MatMul", ("r", "t"), ("y",)),
            ],
            {"x": (3, 3)},
        ),
        ["Transpose", "Relu", "MatMul"],
    ),
    (
        "reshapes in a row",
        "merge_reshapes",
        graph(
            [
                Node("Reshape", ("x", "first"), ("a",)),
                Node("Unsqueeze", ("a", "axes"), ("b",)),
                Node("Reshape", ("b", "second"), ("y",)),
                Node("Relu", ("a",), ("z",)),
            ],
            {"x": ("batch", 3, 4)},
            ("y", "z"),
            first=np.array([0, 12]),
            axes=np.array([1]),
            second=np.array([-1, 6]),
        ),
        ["Reshape", "Reshape", "Relu"],
    ),
    (
        "zeros around an image, on some axes",
        "fold_pads",
        dataclasses.replace(
            graph(
                [
                    Node("Pad", ("x", "sizes", "zero", "axes"), ("p",)),
                    Node("Conv", ("p", "w"), ("y",), {"pads": (1, 0, 0, 2), "strides": (2, 1)}),
                ],
                {"x": ("batch", 4, 6, 5)},
                sizes=np.array([3, 0, 1, 2]),
                zero=np.array(0.0),
                axes=np.array([-1, 2]),
                w=weights(3, 4, 2, 3),
            ),
            opsets={"": 18},
        ),
        ["Conv"],
    ),
    (
        "zeros around an image, on all axes",
        "fold_pads",
        graph(
            [Node("Pad", ("x", "sizes"), ("p",)), Node("Conv", ("p", "w"), ("y",), {"auto_pad": "VALID"})],
            {"x": ("batch", 4, 6)},
            sizes=np.array([0, 0, 1, 0, 0, 2]),
            w=weights(3, 4, 2),
        ),
        ["Conv"],
    ),
    *(
        (
            f"around an image: {what}",
            "fold_pads",
            graph(
                [Node("Pad", ("x", "sizes", "fill"), ("p",), {"mode": mode}), Node("Conv", ("p", "w"), ("y",), more)],
                {"x": ("batch", 4, 6)},
                sizes=np.array([0, *sizes[:2], 0, *sizes[2:]]),
                fill=np.array(fill),
                w=weights(3, 4 + sizes[0] + sizes[2], 2),
            ),
            ["Pad", "Conv"],
        )
        for what, mode, sizes, fill, more in (
            ("ones", "constant", (0, 1, 0, 2), 1.0, {}),
            ("its edge", "edge", (0, 1, 0, 2), 0.0, {}),
            ("channels", "constant", (1, 1, 0, 2), 0.0, {}),
            (
                "beside padding of the convolution's own finding",
                "constant",
                (0, 1, 0, 2),
                0.0,
                {"auto_pad": "SAME_UPPER"},
            ),
        )
    ),
    *(
        (
            f"neighbours of each node: {what}",
            "gather_rows",
            graph(
                [
                    Node("TopK", (source, "two"), ("v", "i"), {"axis": axis}),
                    *(Node("Cast", ("i",), ("j",), {"to": 6}) for _ in range(0 in more)),
                    Node("Expand", ("j" if 0 in more else "i", "shape"), ("all",)),
                    *(Node("Cast", ("all",), ("k",), {"to": 7}) for _ in range(1 in more)),
                    Node("GatherElements", ("x", "k" if 1 in more else "all"), ("y",), {"axis": axis}),
                ],
                inputs,
                two=np.array([2]),
                shape=np.array(shape),
            ),
            ["TopK", *expected],
        )
        for what, axis, inputs, source, shape, more, expected in (
            (
                "channels in front",
                2,
                {"x": ("n", 3, 5), "z": ("n", 1, 5)},
                "z",
                (1, 3, 1),
                (),
                ["Reshape", "Transpose", "GatherND", "Transpose"],
            ),
            (
                "channels last",
                -2,
                {"x": ("n", 5, 3), "z": ("n", 4, 1)},
                "z",
                (1, 1, 3),
                (1,),
                ["Cast", "Reshape", "GatherND"],
            ),
            (
                "the same for the whole batch",
                1,
                {"x": (4, 5, 3), "z": (1, 5, 1)},
                "z",
                (4, 1, 3),
                (0, 1),
                ["Cast", "Cast", "Reshape", "Transpose", "GatherND", "Transpose"],
            ),
            ("of their own for each channel", 2, {"x": ("n", 3, 5)}, "x", (1, 1, 1), (), ["Expand", "GatherElements"]),
        )
    ),
    (
        "one place for all of a row",
        "gather_rows",
        graph(
            [
                Node("ArgMax", ("z",), ("i",), {"axis": 2}),
                Node("Expand", ("i", "shape"), ("all",)),
                Node("GatherElements", ("x", "all"), ("y",), {"axis": 2}),
            ],
            {"x": ("n", 3, 5), "z": ("n", 1, 5)},
            shape=np.array([1, 3, 4]),
        ),
        ["ArgMax", "Expand", "GatherElements"],
    ),
    (
        "what a function broadcasts anyway",
        "drop_repeats",
        graph(
            [
                Node("Expand", ("a", "four"), ("b",)),
                Node("Tile", ("a", "four"), ("c",)),
                Node("Sub", ("x", "b"), ("h",)),
                Node("Max", ("c", "h", "b"), ("y",)),
            ],
            {"a": ("batch", 1, 2), "x": ("batch", 4, 2)},
            four=np.array([1, 4, 1]),
        ),
        ["Sub", "Max"],
    ),
    *(
        (
            f"what is repeated for {what}",
            "drop_repeats",
            graph(
                [Node("Expand", ("a", "four"), ("b",)), Node(op_type, inputs, ("y",))],
                {"a": ("batch", 1, 2), "x": shape},
                four=np.array([1, 4, 1]),
            ),
            ["Expand", op_type],
        )
        for what, op_type, inputs, shape in (
            ("a shape that nothing else has", "Mul", ("b", "x"), ("batch", 1, 1)),
            ("what the slopes of PRelu are for", "PRelu", ("b", "x"), (1, 4, 2)),
        )
    ),
    (
        "a convolution of nodes beside their neighbours",
        "split_products",
        graph(
            [
                Node("Expand", ("a", "four"), ("own",)),
                Node("Concat", ("own", "x"), ("edges",), {"axis": 1}),
                Node("Conv", ("edges", "w", "c"), ("y",)),
            ],
            {"a": ("batch", 2, 5, 1), "x": ("batch", 3, 5, 4)},
            four=np.array([1, 1, 1, 4]),
            w=weights(6, 5, 1, 1),
            c=weights(6),
        ),
        ["Conv", "Conv", "Add"],
    ),
    (
        "a linear layer of pairs of nodes",
        "split_products",
        graph(
            [
                Node("Expand", ("a", "across"), ("left",)),
                Node("Tile", ("b", "times"), ("right",)),
                Node("Concat", ("left", "right"), ("pairs",), {"axis": -1}),
                Node("MatMul", ("pairs", "w"), ("h",)),
                Node("Add", ("c", "h"), ("y",)),
            ],
            {"a": ("batch", 5, 1, 2), "b": ("batch", 1, 4, 3)},
            across=np.array([1, 1, 4, 1]),
            times=np.array([1, 5, 1, 1]),
            w=weights(5, 6),
            c=weights(1, 6),
        ),
        ["MatMul", "Add", "MatMul", "Add"],
    ),
    (
        "a convolution of nodes beside their neighbours and another tensor, channels last",
        "split_products",
        graph(
            [
                Node("Expand", ("a", "shape"), ("all",)),
                Node("Concat", ("x", "all", "z"), ("rows",), {"axis": 3}),
                Node("Transpose", ("rows",), ("columns",), {"perm": (0, 3, 1, 2)}),
                Node("Conv", ("columns", "w"), ("y",), {"kernel_shape": (1, 1), "pads": (0, 0, 0, 0)}),
            ],
            {"a": ("batch", 7, 1, 2), "x": ("batch", 7, 4, 3), "z": ("batch", 7, 4, 5)},
            shape=np.array([1, 1, 4, 1]),
            w=weights(6, 10, 1, 1),
        ),
        ["Transpose", "Conv", "Concat", "Transpose", "Conv", "Add"],
    ),
    (
        "rows beside one row that is repeated for each of the batch",
        "split_products",
        dataclasses.replace(
            graph(
                [
                    Node("Shape", ("x",), ("count",), {"end": 1}),
                    Node("Concat", ("count", "one"), ("shape",), {"axis": 0}),
                    Node("Expand", ("a", "shape"), ("all",)),
                    Node("Concat", ("x", "all"), ("rows",), {"axis": 1}),
                    Node("Gemm", ("rows", "w", "c"), ("y",), {"transB": 1, "alpha": 0.5, "beta": 2.0}),
                ],
                {"a": (1, 2), "x": ("batch", 3)},
                one=np.array([1]),
                w=weights(4, 5),
                c=weights(4),
            ),
            opsets={"": 17},
        ),
        ["Gemm", "Gemm", "Add"],
    ),
    *(
        (
            f"a product that stays whole: {what}",
            "split_products",
            graph(
                [
                    Node("Expand", ("a", "shape"), ("own",)),
                    Node("Concat", ("own", "x"), ("edges",), {"axis": 1}),
                    Node("Conv", ("edges", "w"), ("y",), more),
                    *others,
                ],
                {"a": ("batch", 2, 5, 1), "x": ("batch", 3, 5, times)},
                ("y", *(name for other in others for name in other.outputs)),
                shape=np.array([1, 1, 1, times]),
                w=weights(5 // more.get("group", 1), 5 // more.get("group", 1), 1, width),
            ),
            ["Expand", "Concat", "Conv", *(other.op_type for other in others)],
        )
        for what, times, width, more, others in (
            ("few neighbours", 3, 1, {}, ()),
            ("windows over several of them", 4, 2, {}, ()),
            ("a stride", 4, 1, {"strides": (1, 2)}, ()),
            ("padding", 4, 1, {"pads": (0, 1, 0, 0)}, ()),
            ("another reader of what it reads", 4, 1, {}, (Node("Neg", ("edges",), ("n",)),)),
        )
    ),
    (
        "BatchNormalization after a transposed convolution",
        "fold_batch_norm",
        graph(
            [Node("ConvTranspose", ("x", "w", "c"), ("h",)), norm("h", "y")],
            {"x": ("batch", 6, 5)},
            w=weights(6, 4, 3),
            c=weights(4),
            **NORM,
        ),
        ["ConvTranspose"],
    ),
]


@pytest.mark.parametrize(
    ("chosen", "before", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_pass(chosen, before, expected):
    after = passes.run(before, [chosen]).validate()
    assert ops(passes.drop_dead(after)) == expected
    same_numbers(before, after, batch=(1, 2, 7))
    assert passes.run(before, []) is before


@pytest.mark.parametrize("before", [case[2] for case in CASES], ids=[case[0] for case in CASES])
def test_all_passes_together(before):
    after = passes.run(before).validate()
    assert passes.run(after).nodes == after.nodes, "a second round changes nothing"
    same_numbers(before, after, batch=(1, 2, 7))


@pytest.mark.parametrize("opset", [8, 10, 11, 12, 13, 18, 21])
def test_random_graphs_keep_their_numbers(opset):
    for seed in range(60):
        before = random_graph(seed, opset)
        same_numbers(before, passes.run(before).validate(), rtol=1e-9, atol=1e-9)


def test_every_pass_has_a_case():
    assert {case[1] for case in CASES} == set(passes.BY_NAME)


def test_weights_that_nobody_reads_are_gone_and_the_users_names_stay():
    before = next(case[2] for case in CASES if case[0] == "norm behind a layer")
    after = passes.run(before)
    assert set(after.initializers) == {"w", "c"}


def test_a_reshape_target_of_a_named_batch_is_constant():
    before = next(case[2] for case in CASES if case[0] == "reshape to a computed target")
    after = passes.run(before)
    assert after.initializers[after.nodes[0].inputs[1]].tolist() == [0, 12]


def test_a_comparison_with_a_named_dim_is_not_decided():
    nodes = [Node("Shape", ("x",), ("s",)), Node("Equal", ("s", "one"), ("y",))]
    after = passes.run(graph(nodes, {"x": ("batch",)}, one=np.array([1])))
    assert ops(after) == ["Shape", "Equal"]


def test_integer_division_rounds_to_zero_or_is_left_alone():
    nodes = [Node("Div", ("a", "b"), ("q",)), Node("Add", ("q", "q"), ("y",))]
    positive = passes.run(graph(nodes, {}, a=np.array([7, 8]), b=np.array([2, 3])))
    assert positive.initializers["y"].tolist() == [6, 4]
    negative = passes.run(graph(nodes, {}, a=np.array([-7, 7, -8]), b=np.array([2, -2, 2])))
    assert negative.initializers["y"].tolist() == [-6, -6, -8]
    by_nothing = passes.run(graph(nodes, {}, a=np.array([7]), b=np.array([0])))
    assert ops(by_nothing) == ["Div", "Add"]


def test_an_unknown_pass_is_named():
    with pytest.raises(SofieError, match="there is no pass 'fold'"):
        passes.run(CASES[0][2], ["fold"])


def test_shapes_over_names_are_found():
    values = analysis.analyse(
        next(case[2] for case in CASES if case[0] == "reshape that moves the named dim and multiplies it")
    )
    assert [str(size) for size in values["y"].shape] == ["2", "3*batch", "2"]


@pytest.mark.parametrize(
    ("op", "inputs", "attributes", "expected"),
    [
        ("Mod", ([7, -7], [3, 3]), {}, [1, 2]),
        ("Mod", ([7.5, -7.5], [3.0, 3.0]), {"fmod": 1}, [1.5, -1.5]),
        ("Pow", ([2, 3], [3, 2]), {}, [8, 9]),
        ("Max", ([1, 5], [4, 2], [3, 3]), {}, [4, 5]),
        ("Min", ([1, 5], [4, 2]), {}, [1, 2]),
        ("Sign", ([-3, 0],), {}, [-1, 0]),
        ("Abs", ([-3, 2],), {}, [3, 2]),
    ],
)
def test_arithmetic_of_constants(op, inputs, attributes, expected):
    names = tuple(f"c{at}" for at in range(len(inputs)))
    constants = {name: np.array(one) for name, one in zip(names, inputs, strict=True)}
    before = graph([Node(op, names, ("y",), attributes)], {"x": (1,)}, **constants)
    after = passes.run(before, ["fold_constants"])
    assert after.nodes == ()
    np.testing.assert_array_equal(after.initializers["y"], expected)
