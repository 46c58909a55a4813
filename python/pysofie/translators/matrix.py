"""Products of matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pysofie import shapes, signals
from pysofie.errors import Refusal
from pysofie.registry import FLOATS, NUMBERS, translator

if TYPE_CHECKING:
    from pysofie.builder import NodeBuilder
    from pysofie.values import Value


_TYPES = (*FLOATS, "int32", "int64", "uint32", "uint64")


@translator("Gemm", since=7, infer=shapes.gemm, types=_TYPES)
def gemm(
    b: NodeBuilder,
    left: Value,
    right: Value,
    bias: Value | None = None,
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    transA: int = 0,  # noqa: N803 - ONNX's name
    transB: int = 0,  # noqa: N803
) -> None:
    """Gemm(A, B, C; alpha=1.0, beta=1.0, transA=0, transB=0) -> Y."""
    if left.dtype.kind in "iu" and not (alpha.is_integer() and beta.is_integer()):
        raise Refusal(f"alpha {alpha} and beta {beta} of {left.dtype}")
    tensors = (left, right, b.output) if bias is None else (left, right, bias, b.output)
    b.emit("Gemm", alpha, beta if bias is not None else 0.0, transA, transB, *tensors, template=(left.dtype,))


@translator("MatMul", infer=shapes.matmul, types=_TYPES)
def matmul(b: NodeBuilder, left: Value, right: Value) -> None:
    """MatMul(A, B) -> Y, of any rank."""
    b.emit("Gemm", 1.0, 0.0, 0, 0, left, right, b.output, template=(left.dtype,))


@translator("Einsum", since=12, infer=signals.einsum, types=NUMBERS)
def einsum(b: NodeBuilder, *inputs: Value, equation: str) -> None:
    """Einsum(inputs...; equation) -> Output."""
    b.emit("Einsum", equation, b.names(*inputs), b.output, template=(inputs[0].dtype,))


@translator("Det", since=11, infer=signals.det)
def det(b: NodeBuilder, x: Value) -> None:
    """Det(X) -> Y."""
    b.emit("Det", x, b.output)
