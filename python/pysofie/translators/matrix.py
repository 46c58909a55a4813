"""Products of matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pysofie import shapes
from pysofie.registry import translator

if TYPE_CHECKING:
    from pysofie.builder import NodeBuilder
    from pysofie.values import Value


@translator("Gemm", since=7, infer=shapes.gemm)
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
    tensors = (left, right, b.output) if bias is None else (left, right, bias, b.output)
    b.emit("Gemm", alpha, beta if bias is not None else 0.0, transA, transB, *tensors, template=(left.dtype,))


@translator("MatMul", infer=shapes.matmul)
def matmul(b: NodeBuilder, left: Value, right: Value) -> None:
    """MatMul(A, B) -> Y, of any rank."""
    b.emit("Gemm", 1.0, 0.0, 0, 0, left, right, b.output, template=(left.dtype,))
