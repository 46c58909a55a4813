"""Functions of one element, and arithmetic and comparisons of two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie.errors import Refusal
from pysofie.keras.registry import function, layer, operation
from pysofie.keras.writer import axis_of, static

if TYPE_CHECKING:
    from collections.abc import Callable

    from pysofie.keras.walk import Walk
    from pysofie.values import Value

_SAME = {
    "Absolute": "Abs", "Fabs": "Abs", "Arccos": "Acos", "Arccosh": "Acosh", "Arcsin": "Asin", "Arcsinh": "Asinh",
    "Arctan": "Atan", "Arctanh": "Atanh", "BitwiseInvert": "BitwiseNot", "BitwiseNot": "BitwiseNot", "Ceil": "Ceil",
    "Cos": "Cos", "Cosh": "Cosh", "Erf": "Erf", "Exp": "Exp", "Floor": "Floor", "Log": "Log", "LogicalNot": "Not",
    "Negative": "Neg", "Reciprocal": "Reciprocal", "Relu": "Relu", "Sigmoid": "Sigmoid", "Sign": "Sign", "Sin": "Sin",
    "Sinh": "Sinh", "Softplus": "Softplus", "Softsign": "Softsign", "Sqrt": "Sqrt", "Tan": "Tan", "Tanh": "Tanh",
    "Copy": "Identity", "StopGradient": "Identity", "Isnan": "IsNaN", "Isinf": "IsInf", "ConvertToTensor": "Identity",
    "Array": "Identity",
}  # fmt: skip
_ON_BOOL = frozenset({"Not"})


@operation(*_SAME)
def same(w: Walk, op: Any, x: Any) -> Value:
    """Functions that ONNX has as they are."""
    kind = _SAME[type(op).__name__]
    dtype = np.bool_ if kind in _ON_BOOL else None if kind in ("IsNaN", "IsInf") else w.dtype
    return w.op(kind, _floating(w, w.tensor(x, dtype)) if kind in ("IsNaN", "IsInf") else w.tensor(x, dtype))


def _floating(w: Walk, x: Value) -> Value:
    return x if x.dtype.kind == "f" else w.cast(x, np.float32)


def _scaled(factor: float) -> Callable[[Walk, Value], Value]:
    return lambda w, x: w.op("Mul", x, w.number(factor, x))


_FORMULAS: dict[str, Callable[[Walk, Any], Any]] = {
    "Silu": lambda w, x: w.op("Mul", x, w.op("Sigmoid", x)),
    "Relu6": lambda w, x: w.op("Clip", x, w.number(0, x), w.number(6, x)),
    "HardSigmoid": lambda w, x: w.op("HardSigmoid", x, alpha=1 / 6, beta=0.5),
    "HardSilu": lambda w, x: w.op("HardSwish", x),
    "HardTanh": lambda w, x: w.op("Clip", x, w.number(-1, x), w.number(1, x)),
    "LogSigmoid": lambda w, x: w.op("Neg", w.op("Softplus", w.op("Neg", x))),
    "Selu": lambda w, x: w.op("Selu", x),
    "TanhShrink": lambda w, x: w.op("Sub", x, w.op("Tanh", x)),
    "SparseSigmoid": lambda w, x: w.op("HardSigmoid", x, alpha=0.5, beta=0.5),
    "SparsePlus": lambda w, x: w.op(
        "Where",
        w.op("Less", x, w.number(1, x)),
        w.op("Mul", _square(w, w.op("Relu", w.op("Add", x, w.number(1, x)))), w.number(0.25, x)),
        x,
    ),
    "Square": lambda w, x: w.op("Mul", x, x),
    "Rsqrt": lambda w, x: w.op("Reciprocal", w.op("Sqrt", x)),
    "Exp2": lambda w, x: w.op("Pow", w.number(2, x), x),
    "Expm1": lambda w, x: w.op("Sub", w.op("Exp", x), w.number(1, x)),
    "Log1p": lambda w, x: w.op("Log", w.op("Add", x, w.number(1, x))),
    "Log2": lambda w, x: w.op("Mul", w.op("Log", x), w.number(1 / np.log(2), x)),
    "Log10": lambda w, x: w.op("Mul", w.op("Log", x), w.number(1 / np.log(10), x)),
    "Erfc": lambda w, x: w.op("Sub", w.number(1, x), w.op("Erf", x)),
    "Deg2rad": _scaled(np.pi / 180),
    "Rad2deg": _scaled(180 / np.pi),
    "Cbrt": lambda w, x: w.op("Mul", w.op("Sign", x), w.op("Pow", w.op("Abs", x), w.number(1 / 3, x))),
    "Trunc": lambda w, x: w.op("Mul", w.op("Sign", x), w.op("Floor", w.op("Abs", x))),
}


@operation(*_FORMULAS)
def formula(w: Walk, op: Any, x: Any) -> Value:
    """Functions that are a few of ONNX's."""
    result: Value = _FORMULAS[type(op).__name__](w, w.tensor(x, w.dtype))
    return result


def _square(w: Walk, x: Value) -> Value:
    return w.op("Mul", x, x)


@operation("LeakyRelu")
def leaky_relu(w: Walk, op: Any, x: Any) -> Value:
    """X where it is positive, else a part of it."""
    return w.op("LeakyRelu", w.tensor(x, w.dtype), alpha=float(op.negative_slope))


@operation("Elu", "Celu")
def elu(w: Walk, op: Any, x: Any) -> Value:
    """Exponential below zero."""
    return w.op(type(op).__name__, w.tensor(x, w.dtype), alpha=float(op.alpha))


@operation("Gelu")
def gelu(w: Walk, op: Any, x: Any) -> Value:
    """X times the normal distribution's integral, exactly or by tanh."""
    return w.op("Gelu", w.tensor(x, w.dtype), approximate="tanh" if op.approximate else "none")


@operation("SoftShrink", "HardShrink")
def shrink(w: Walk, op: Any, x: Any) -> Value:
    """Zero within the threshold."""
    threshold = float(op.threshold)
    bias = threshold if type(op).__name__ == "SoftShrink" else 0.0
    return w.op("Shrink", w.tensor(x, w.dtype), lambd=threshold, bias=bias)


@operation("Squareplus")
def squareplus(w: Walk, op: Any, x: Any) -> Value:
    """(x + sqrt(x^2 + b)) / 2."""
    given = w.tensor(x, w.dtype)
    root = w.op("Sqrt", w.op("Add", _square(w, given), w.number(float(op.b), given)))
    return w.op("Mul", w.op("Add", given, root), w.number(0.5, given))


@operation("Threshold")
def threshold(w: Walk, op: Any, x: Any) -> Value:
    """Another value up to the threshold."""
    given = w.tensor(x, w.dtype)
    above = w.op("Greater", given, w.number(float(op.threshold), given))
    return w.op("Where", above, given, w.number(float(op.default_value), given))


@operation("Glu")
def glu(w: Walk, op: Any, x: Any) -> Value:
    """One half times the sigmoid of the other."""
    first, second = w.ops("Split", w.tensor(x, w.dtype), outputs=2, axis=int(op.axis), num_outputs=2)
    return w.op("Mul", first, w.op("Sigmoid", second))


@operation("Clip")
def clip(w: Walk, op: Any, x: Any) -> Value:
    """Between two numbers."""
    given = w.tensor(x, w.dtype)
    for kind, bound in (("Max", op.x_min), ("Min", op.x_max)):
        if bound is not None:
            given = w.op(kind, given, w.tensor(bound, w.dtype))
    return given


@operation("Round")
def round_(w: Walk, op: Any, x: Any) -> Value:
    """To the nearest even number, of so many decimals."""
    given = w.tensor(x, w.dtype)
    if given.dtype.kind != "f":
        return w.op("Identity", given)
    if op.decimals == 0:
        return w.op("Round", given)
    scale = w.number(10.0**op.decimals, given)
    return w.op("Div", w.op("Round", w.op("Mul", given, scale)), scale)


@operation("Cast")
def cast(w: Walk, op: Any, x: Any, *_: Any, **__: Any) -> Value:
    """Another type."""
    given = w.tensor(x)
    return w.op("Identity", given) if given.dtype == w.dtype else w.cast(given, w.dtype)


@operation("SaturateCast")
def saturate_cast(w: Walk, op: Any, x: Any, *_: Any, **__: Any) -> Value:
    """Another type, its range not left."""
    given, target = w.tensor(x), w.dtype
    if target.kind in "iu" and given.dtype.kind in "fiu":
        low, high = _common_range(given.dtype, target)
        given = w.op("Clip", given, w.number(low, given), w.number(high, given))
    return w.op("Identity", given) if given.dtype == target else w.cast(given, target)


def _common_range(source: Any, target: Any) -> tuple[float, float]:
    """The least and the largest number that both types have."""
    limits = np.iinfo(target)
    if source.kind != "f":
        own = np.iinfo(source)
        return max(int(limits.min), int(own.min)), min(int(limits.max), int(own.max))
    largest = np.array(float(limits.max), source)
    rounded_up = int(largest) > limits.max
    return float(limits.min), float(np.nextafter(largest, np.array(0, source)) if rounded_up else largest)


# ---Two tensors--------------------------------------------------------------------------------------------------------------

_PAIRS = {
    "Add": "Add", "Subtract": "Sub", "Multiply": "Mul", "Divide": "Div", "TrueDivide": "Div", "Power": "Pow", "Maximum": "Max",
    "Minimum": "Min", "BitwiseAnd": "BitwiseAnd", "BitwiseOr": "BitwiseOr", "BitwiseXor": "BitwiseXor",
}  # fmt: skip
_COMPARISONS = {
    "Equal": "Equal", "Greater": "Greater", "GreaterEqual": "GreaterOrEqual", "Less": "Less", "LessEqual": "LessOrEqual",
}  # fmt: skip
_LOGIC = {"LogicalAnd": "And", "LogicalOr": "Or", "LogicalXor": "Xor"}
_ON_BOOLS = {"Add": "Or", "Mul": "And", "Max": "Or", "Min": "And"}


@operation(*_PAIRS)
def pair(w: Walk, op: Any, x: Any, y: Any) -> Value:
    """Arithmetic in the type that Keras promotes to."""
    kind = _PAIRS[type(op).__name__]
    kind = _ON_BOOLS.get(kind, kind) if w.dtype == np.bool_ else kind
    return w.op(kind, w.tensor(x, w.dtype), w.tensor(y, w.dtype))


@operation(*_COMPARISONS)
def comparison(w: Walk, op: Any, x: Any, y: Any) -> Value:
    """Comparisons in the type that Keras promotes to."""
    return w.op(_COMPARISONS[type(op).__name__], *_promoted(w, x, y))


@operation("NotEqual")
def not_equal(w: Walk, op: Any, x: Any, y: Any) -> Value:
    """Not equal."""
    return w.op("Not", w.op("Equal", *_promoted(w, x, y)))


@operation(*_LOGIC)
def logic(w: Walk, op: Any, x: Any, y: Any) -> Value:
    """Of truth values."""
    return w.op(_LOGIC[type(op).__name__], w.tensor(x, np.bool_), w.tensor(y, np.bool_))


def _promoted(w: Walk, x: Any, y: Any) -> tuple[Value, Value]:
    import keras

    dtype = keras.backend.result_type(*(_kind(one) for one in (x, y)))
    return w.tensor(x, dtype), w.tensor(y, dtype)


def _kind(one: Any) -> Any:
    if isinstance(one, (bool, int, float)):
        return type(one)
    return getattr(one.dtype, "name", one.dtype)


@operation("FloorDivide")
def floor_divide(w: Walk, op: Any, x: Any, y: Any) -> Value:
    """Rounded down."""
    a, b = w.tensor(x, w.dtype), w.tensor(y, w.dtype)
    if w.dtype.kind == "f":
        return w.op("Floor", w.op("Div", a, b))
    return w.op("Div", w.op("Sub", a, w.op("Mod", a, b)), b)


@operation("Mod")
def mod(w: Walk, op: Any, x: Any, y: Any) -> Value:
    """The remainder, with the divisor's sign."""
    a, b = w.tensor(x, w.dtype), w.tensor(y, w.dtype)
    if w.dtype.kind == "f":
        return w.op("Sub", a, w.op("Mul", b, w.op("Floor", w.op("Div", a, b))))
    return w.op("Mod", a, b)


@operation("DivideNoNan")
def divide_no_nan(w: Walk, op: Any, x: Any, y: Any) -> Value:
    """Zero where the divisor is."""
    a, b = w.tensor(x, w.dtype), w.tensor(y, w.dtype)
    none = w.op("Equal", b, w.number(0, b))
    safe = w.op("Where", none, w.number(1, b), b)
    return w.op("Where", none, w.number(0, a), w.op("Div", a, safe))


@operation("Logaddexp")
def logaddexp(w: Walk, op: Any, x: Any, y: Any) -> Value:
    """log(exp(x) + exp(y))."""
    a, b = w.tensor(x, w.dtype), w.tensor(y, w.dtype)
    return w.op("Add", w.op("Max", a, b), w.op("Softplus", w.op("Neg", w.op("Abs", w.op("Sub", a, b)))))


@operation("Hypot")
def hypot(w: Walk, op: Any, x: Any, y: Any) -> Value:
    """Length of the vector of both."""
    a, b = w.tensor(x, w.dtype), w.tensor(y, w.dtype)
    return w.op("Sqrt", w.op("Add", _square(w, a), _square(w, b)))


@operation("Where")
def where(w: Walk, op: Any, condition: Any, x: Any = None, y: Any = None) -> Value:
    """One or the other."""
    if x is None or y is None:
        raise Refusal("the places where a condition holds are not supported")
    return w.op("Where", w.tensor(condition, np.bool_), w.tensor(x, w.dtype), w.tensor(y, w.dtype))


@operation("Isfinite")
def isfinite(w: Walk, op: Any, x: Any) -> Value:
    """Neither infinite nor no number."""
    given = _floating(w, w.tensor(x))
    return w.op("Not", w.op("Or", w.op("IsInf", given), w.op("IsNaN", given)))


@operation("OnesLike", "ZerosLike", "FullLike")
def full_like(w: Walk, op: Any, x: Any, fill_value: Any = None, **_: Any) -> Value:
    """One number in the shape of another tensor."""
    number = {"OnesLike": 1, "ZerosLike": 0}.get(type(op).__name__, fill_value)
    given = w.tensor(x)
    return w.expand(w.tensor(number, w.dtype), given.shape, given)


# ---Activations that cannot be traced, as they ask a backend for numbers-------------------------------------------------------


@function("hard_silu")
def hard_silu(w: Walk, x: Value) -> Value:
    """X times a piecewise linear sigmoid."""
    return w.op("HardSwish", x)


@function("mish")
def mish(w: Walk, x: Value) -> Value:
    """X * tanh(softplus(x))."""
    return w.op("Mish", x)


@operation("Mish")
def mish_(w: Walk, op: Any, x: Any) -> Value:
    """The same as an operation."""
    return w.op("Mish", w.tensor(x, w.dtype))


@function("sparsemax")
def sparsemax(w: Walk, x: Value) -> Value:
    """What exceeds a threshold, which Keras computes in a way of its own."""
    return sparsemax_over(w, x, x.rank - 1)


@operation("Sparsemax")
def sparsemax_(w: Walk, op: Any, x: Any) -> Value:
    """The same as an operation."""
    given = w.tensor(x, w.dtype)
    return sparsemax_over(w, given, axis_of(op.axis, given.rank))


def sparsemax_over(w: Walk, x: Value, axis: int) -> Value:
    """Sparsemax along one axis, with Keras's threshold: it sums sums, where the paper sums elements."""
    count = static(x.shape[axis], "the axis of sparsemax")
    largest, _ = w.ops("TopK", x, w.integers(count), outputs=2, axis=axis)
    total = w.op("CumSum", largest, np.array(axis, np.int64))
    place = np.arange(1, count + 1, dtype=x.dtype).reshape(-1, *(1,) * (x.rank - 1 - axis))
    one, zero = w.number(1, x), w.number(0, x)
    inside = w.op("Greater", w.op("Sub", largest, w.op("Div", w.op("Sub", total, one), w.constant(place))), zero)
    size = w.reduce("Sum", w.cast(inside, x.dtype), [axis], keepdims=True)
    mass = w.reduce("Sum", w.op("Where", inside, total, zero), [axis], keepdims=True)
    return w.op("Relu", w.op("Sub", x, w.op("Div", w.op("Sub", mass, one), size)))


# ---Layers of these------------------------------------------------------------------------------------------------------------


@layer("Activation")
def activation(w: Walk, layer: Any, x: Value) -> Value:
    """Any function."""
    return w.activate(layer.activation, w.op("Identity", x))


@layer("ReLU")
@operation("ReLU")
def relu_layer(w: Walk, layer: Any, x: Value) -> Value:
    """max_value and threshold included."""
    slope, low, high = float(layer.negative_slope), float(layer.threshold), layer.max_value
    if low == 0 and high is None:
        return w.op("LeakyRelu", x, alpha=slope) if slope else w.op("Relu", x)
    if slope == 0 and low == 0:
        return w.op("Clip", x, w.number(0, x), w.number(float(high), x))
    below = w.op("Mul", w.op("Sub", x, w.number(low, x)), w.number(slope, x))
    above = x if high is None else w.op("Min", x, w.number(float(high), x))
    return w.op("Where", w.op("Less", x, w.number(low, x)), below, above)


@layer("PReLU")
def prelu(w: Walk, layer: Any, x: Value) -> Value:
    """A slope for each element, or for each of some axes."""
    return w.op("PRelu", x, w.weight(layer.alpha))


@layer("Identity", "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianDropout", "GaussianNoise",
       "AlphaDropout", "ActivityRegularization")  # fmt: skip
def identity(w: Walk, layer: Any, x: Any) -> Any:
    """What does something in training alone."""
    import keras

    return keras.tree.map_structure(lambda one: w.op("Identity", one), x)
