"""Products of matrices."""

from __future__ import annotations

from . import Case, numbers

# Shapes of A and B.
PRODUCTS = (
    ((3, 5), (5, 7)),
    ((5,), (5, 7)),
    ((3, 5), (5,)),
    ((5,), (5,)),
    ((2, 3, 5), (5, 7)),
    ((3, 5), (2, 5, 7)),
    ((2, 3, 5), (2, 5, 7)),
    ((2, 1, 3, 5), (4, 5, 7)),
    ((2, 4, 3, 5), (2, 4, 5, 7)),
    ((5,), (2, 5, 7)),
    ((2, 3, 5), (5,)),
    ((1, 64), (64, 64)),
    ((1, 64), (64, 1)),
    ((7, 130), (130, 3)),
    ((67, 17), (17, 70)),
    ((2, 1), (1, 3)),
)
# Of 130 random products of the size 1, each of whose sums is rounded: no float arithmetic is closer.
LONG_SUM = 6e-6
BIASES = ((7,), (1, 7), (3, 7), (3, 1), (1, 1), (1,), ())


def matmul() -> list[Case]:
    cases = [Case("MatMul", {"a": a, "b": b}) for a, b in PRODUCTS]
    cases += [
        Case("MatMul", {"a": a}, weights={"b": numbers(-0.5, 0.5, *b)}, id=f"{_name(a)}_weights_{_name(b)}")
        for a, b in PRODUCTS
    ]
    cases += [
        Case("MatMul", {"b": (5, 7)}, weights={"a": numbers(-1, 1, 3, 5)}, order=("a", "b"), id="weights_on_the_left"),
        Case("MatMul", {"a": ("batch", 5), "b": (5, 7)}),
        Case("MatMul", {"a": ("batch", 5)}, weights={"b": numbers(-1, 1, 5, 7)}, id="batch_weights"),
        Case("MatMul", {"a": ("batch", 3, 5)}, weights={"b": numbers(-1, 1, 5, 70)}, id="batch_of_matrices_weights"),
        Case("MatMul", {"a": ("batch", 3, 5), "b": ("batch", 5, 7)}),
        Case("MatMul", {"a": ("batch", 4, 3, 5), "b": ("batch", 4, 5, 7)}),
        Case("MatMul", {"a": ("batch", 3, "n"), "b": ("batch", "n", 7)}, tolerance=LONG_SUM),
        Case("MatMul", {"a": (3, "n"), "b": ("n", "m")}, tolerance=LONG_SUM),
        Case("MatMul", {"a": (3, 5), "b": (5, 7)}, dtype="float64"),
        Case("MatMul", {"a": (3, 35)}, weights={"b": numbers(-1, 1, 35, 37, dtype="float64")}, dtype="float64"),
    ]
    return cases


def gemm() -> list[Case]:
    cases = []
    for trans_a in (0, 1):
        for trans_b in (0, 1):
            attributes = {"transA": trans_a, "transB": trans_b, "alpha": 0.5, "beta": 1.5}
            a, b = ((5, 3) if trans_a else (3, 5)), ((7, 5) if trans_b else (5, 7))
            which = f"{'t' if trans_a else 'n'}{'t' if trans_b else 'n'}"
            cases += [
                Case("Gemm", {"a": a, "b": b, "c": (3, 7)}, attributes, id=f"{which}_computed"),
                Case(
                    "Gemm",
                    {"a": a},
                    attributes,
                    {"b": numbers(-1, 1, *b), "c": numbers(-1, 1, 7)},
                    id=f"{which}_weights",
                ),
                Case("Gemm", {"a": a}, attributes, {"b": numbers(-1, 1, *b)}, id=f"{which}_no_bias"),
            ]
    for shape in BIASES:
        bias = numbers(-1, 1, *shape)
        attributes = {"beta": 0.25}
        cases += [
            Case("Gemm", {"a": (3, 5)}, attributes, {"b": numbers(-1, 1, 5, 7), "c": bias}, id=f"bias_{_name(shape)}"),
            Case(
                "Gemm",
                {"a": (3, 5), "c": shape},
                attributes,
                {"b": numbers(-1, 1, 5, 7)},
                order=("a", "b", "c"),
                id=f"computed_bias_{_name(shape)}",
            ),
            Case("Gemm", {"a": (3, 5), "b": (5, 7)}, attributes, {"c": bias}, id=f"computed_b_bias_{_name(shape)}"),
        ]
    weights = {"b": numbers(-0.2, 0.2, 64, 64), "c": numbers(-1, 1, 64)}
    cases += [
        Case("Gemm", {"a": ("batch", 64)}, {"transB": 1}, weights, id="batch"),
        Case(
            "Gemm",
            {"a": ("batch", 7)},
            {"transB": 1},
            {"b": numbers(-1, 1, 1, 7), "c": numbers(-1, 1, 1)},
            id="batch_to_one",
        ),
        Case(
            "Gemm",
            {"a": ("batch", 64)},
            {"transB": 1},
            {"b": numbers(-1, 1, 3, 64), "c": numbers(-1, 1, 3)},
            id="batch_to_three",
        ),
        Case("Gemm", {"a": ("batch", 7), "b": (7, 5), "c": ("batch", 1)}, id="batch_computed"),
        Case("Gemm", {"a": (7, "batch")}, {"transA": 1}, {"b": numbers(-1, 1, 7, 5)}, id="batch_transposed"),
        Case("Gemm", {"a": (3, 5)}, {"alpha": 0.0}, {"b": numbers(-1, 1, 5, 7), "c": numbers(-1, 1, 7)}, id="alpha_0"),
        Case("Gemm", {"a": (3, 5)}, {"beta": 0.0}, {"b": numbers(-1, 1, 5, 7), "c": numbers(-1, 1, 7)}, id="beta_0"),
        Case("Gemm", {"a": (3, 5), "b": (5, 7), "c": (7,)}, {"alpha": 2.0, "beta": -1.0}, dtype="float64"),
    ]
    for columns in (1, 2, 3, 4, 5, 15, 16, 17, 33, 64, 65):
        cases.append(
            Case(
                "Gemm",
                {"a": (5, 18)},
                {},
                {"b": numbers(-1, 1, 18, columns), "c": numbers(-1, 1, columns)},
                id=f"columns_{columns}",
            )
        )
    for depth in (1, 2, 15, 16, 17, 63, 64, 65, 127):
        cases.append(
            Case(
                "Gemm",
                {"a": (3, depth)},
                {},
                {"b": numbers(-1, 1, depth, 6), "c": numbers(-1, 1, 6)},
                id=f"depth_{depth}",
            )
        )
    return cases


def _name(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "scalar"


CASES = (*matmul(), *gemm())
