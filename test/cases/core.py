"""Operators of the core that no translator uses, or not in every way: a row is a C++ object's constructor."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pysofie import provider
from pysofie.builder import Argument, Enum, OperatorCall, Recipe, Vector, integers, sizes
from pysofie.graph import TensorInfo

from . import Array, Shape, numbers, random_arrays

NAN, INF = np.nan, np.inf


@dataclass(frozen=True)
class CoreCase:
    """One operator of the core."""

    cls: str
    template: tuple[str | Enum, ...]
    arguments: tuple[Argument, ...]
    """Of the constructor; tensors by name."""
    inputs: Mapping[str, Shape | Array]
    reference: Callable[..., Array | Sequence[Array]]
    """A function of the inputs and the weights, in float64."""
    weights: Mapping[str, Array] = field(default_factory=dict)
    outputs: tuple[str, ...] = ("y",)
    dtype: str = "float32"
    id: str = ""
    tolerance: float = 0

    @property
    def name(self) -> str:
        """A name for pytest."""
        return f"core-{self.kind}{'' if self.dtype == 'float32' else f'-{self.dtype}'}-{self.id}"

    @property
    def kind(self) -> str:
        """The class and its enums."""
        return self.cls + "".join(f"_{one.name}" for one in self.template if isinstance(one, Enum))

    @property
    def dims(self) -> tuple[str, ...]:
        """The names of dims."""
        return tuple(
            dict.fromkeys(
                d for given in self.inputs.values() if isinstance(given, tuple) for d in given if isinstance(d, str)
            )
        )

    def arrays(self, **sizes: int) -> dict[str, Array]:
        """The inputs, with a size for each name of a dim."""
        return random_arrays(self, sizes)

    def rmodel(self, folder: Path, name: str) -> Any:
        """The model; nothing is read from the folder."""
        del folder
        infos = tuple(
            TensorInfo(
                key,
                np.dtype(given.dtype if isinstance(given, np.ndarray) else self.dtype),
                given if isinstance(given, tuple) else given.shape,
            )
            for key, given in self.inputs.items()
        )
        call = OperatorCall(self.cls, self.template, self.arguments, "")
        return provider.rmodel(Recipe(name, infos, self.outputs, self.weights, (call,), {}))

    def expected(self, arrays: Mapping[str, Array]) -> list[Array]:
        """What comes out, computed in float64."""
        exact = [
            one.astype("float64") if one.dtype == np.float32 else one
            for one in (*arrays.values(), *self.weights.values())
        ]
        with np.errstate(all="ignore"):
            result = self.reference(*exact)
        return [np.asarray(one) for one in (result if isinstance(result, tuple) else (result,))]


def unary() -> list[CoreCase]:
    erf = np.vectorize(math.erf)
    return [CoreCase("Erf", ("float",), ("x", "y"), {"x": (3, 19)}, erf, id="plain")]


def reduce() -> list[CoreCase]:
    def case(
        mode: str,
        function: Callable[[Array], Array],
        x: Shape | Array,
        axes: tuple[int, ...],
        dtype: str = "float32",
        keepdims: int = 0,
        id: str = "",
    ) -> CoreCase:
        enum = Enum("EReduceOpMode", mode)
        what = f"{id}{'x'.join(map(str, x if isinstance(x, tuple) else x.shape))}_{'_'.join(map(str, axes))}_{keepdims}"
        return CoreCase(
            "Reduce",
            (_cpp(dtype), enum),
            (keepdims, integers(axes), "x", "", "y"),
            {"x": x},
            function,
            dtype=dtype,
            id=what,
        )

    modes = {
        "ReduceSumSquare": lambda x, **at: np.square(x).sum(**at),
        "ReduceProd": np.prod,
        "ReduceMax": np.max,
        "ReduceMin": np.min,
        "ReduceL2": lambda x, **at: np.sqrt(np.square(x).sum(**at)),
    }
    cases = []
    for mode, function in modes.items():
        for shape, axes in (((2, 3, 7), (1,)), ((2, 3, 67), (0, 2)), ((19, 37), (0,)), (("batch", 5, 7), (2,))):
            cases += [case(mode, _reducing(function, axes, keep), shape, axes, keepdims=keep) for keep in (0, 1)]
        cases.append(case(mode, _reducing(function, (1,), 0), (3, 19), (1,), "float64"))
    for mode in ("ReduceMax", "ReduceMin", "ReduceSumSquare", "ReduceProd"):
        x = numbers(1, 4, 3, 19, dtype="int64")
        cases += [case(mode, _reducing(modes[mode], axes, 0), x, axes, "int64") for axes in ((0,), (1,))]
    special = np.array([[1, NAN, 2], [-INF, 1, INF], [-INF, -INF, -INF], [INF, INF, INF]], "float32")
    cases += [
        case(mode, _reducing(modes[mode], (at,), 0), special, (at,), id="edges_")
        for mode in ("ReduceMax", "ReduceMin")
        for at in (0, 1)
    ]
    # Beyond float on the way to the result.
    cases.append(
        case(
            "ReduceL2",
            _reducing(modes["ReduceL2"], (1,), 0),
            np.array([[3e30, 4e30], [3e-30, 4e-30]], "float32"),
            (1,),
            id="far_",
        )
    )
    by_tensor = CoreCase(
        "Reduce",
        ("float", Enum("EReduceOpMode", "ReduceSum")),
        (1, integers(()), "x", "axes", "y"),
        {"x": (3, 5)},
        lambda x, _: x.sum(1, keepdims=True),
        {"axes": np.array([1])},
        id="axes_by_tensor",
    )
    return [*cases, by_tensor]


def _reducing(function: Callable[..., Array], axes: tuple[int, ...], keepdims: int) -> Callable[[Array], Array]:
    return lambda x: function(x, axis=axes, keepdims=bool(keepdims))


def shapes() -> list[CoreCase]:
    reshape, flatten, squeeze, unsqueeze = (
        Enum("ReshapeOpMode", one) for one in ("Reshape", "Flatten", "Squeeze", "Unsqueeze")
    )
    return [
        CoreCase("Reshape", (), (reshape, integers((3, -1)), "x", "y"), {"x": (2, 3, 5)}, lambda x: x.reshape(3, 10), id="by_values"),
        CoreCase("Reshape", (), (flatten, integers((2,)), "x", "y"), {"x": (2, 3, 5)}, lambda x: x.reshape(6, 5), id="flatten_by_values"),
        CoreCase("Reshape", (), (squeeze, 0, "x", "axes", "y"), {"x": (1, 3, 1)}, lambda x, _: x[0], {"axes": np.array([0])}, id="squeeze_by_tensor"),
        CoreCase("Reshape", (), (unsqueeze, 0, "x", "axes", "y"), {"x": (3,)}, lambda x, _: x[:, None], {"axes": np.array([1])}, id="unsqueeze_by_tensor"),
        CoreCase("Concat", (), (Vector("std::string", ("a", "b")), 1, 1, "y"), {"a": (3, 5), "b": (3, 5)}, lambda a, b: np.stack((a, b), 1), id="new_axis"),
        CoreCase("Concat", (), (Vector("std::string", ("a", "b")), -1, 1, "y"), {"a": ("batch", 5), "b": ("batch", 5)}, lambda a, b: np.stack((a, b), -1), id="new_axis_batch"),
        CoreCase("Concat", (), (Vector("std::string", ("a", "b")), 0, 1, "y"), {"a": ("batch", 5), "b": ("batch", 5)}, lambda a, b: np.stack((a, b), 0), id="new_axis_before_the_batch"),
        CoreCase("Transpose", (), ("x", "y"), {"x": (2, 3, 5)}, np.transpose, id="reversed"),
        CoreCase("Transpose", (), (integers((1, 0)), "w", "y"), {"x": (1,)}, lambda _, w: w.T, {"w": numbers(-1, 1, 3, 5)}, id="of_weights"),
        CoreCase("Reshape", (), (reshape, integers((15,)), "w", "y"), {"x": (1,)}, lambda _, w: w.ravel(), {"w": numbers(-1, 1, 3, 5)}, id="of_weights"),
        CoreCase("Identity", ("float",), ("w", "y"), {"x": (1,)}, lambda _, w: w, {"w": numbers(-1, 1, 3, 5)}, id="of_weights"),
        CoreCase("Cast", (), (Enum("ETensorType", "INT32"), "x", "y"), {"x": (3, 5)}, lambda x: x.astype("int32"), id="by_enum"),
        CoreCase("Cast", (), ("int8_t", "x", "y"), {"x": numbers(-1000, 1000, 3, 19, dtype="int64")}, lambda x: x.astype("int8"), dtype="int64", id="upper_bits"),
        CoreCase("Cast", (), ("uint8_t", "x", "y"), {"x": np.array([-3, 255.9, 256, 1e9, NAN, 12.7], "float32")}, lambda _: np.array([0, 255, 255, 255, 0, 12], "uint8"), id="to_unsigned"),
    ]  # fmt: skip


def constants() -> list[CoreCase]:
    def constant(
        element: str,
        values: tuple[Any, ...],
        shape: tuple[int, ...],
        result: Array,
        name: str = "",
        weights: Mapping[str, Array] | None = None,
        id: str = "",
    ) -> CoreCase:
        arguments = (element, Vector(element, values), sizes(shape), name, "y")
        return CoreCase(
            "Constant", (element,), arguments, {"x": (1,)}, lambda *_: result, weights or {}, dtype="float32", id=id
        )

    odd = (1.5, -0.1, 1e-40, 3e38, INF, -INF)
    return [
        constant("float", odd, (2, 3), np.array(odd, "float32").astype("float64").reshape(2, 3), id="float"),
        constant("double", (0.1, NAN), (2,), np.array([0.1, NAN]), id="double"),
        constant("int64_t", (-(2**63), 2**63 - 1), (2, 1), np.array([[-(2**63)], [2**63 - 1]]), id="int64"),
        constant("float", (2.5,), (), np.array(2.5), id="scalar"),
        constant("float", (2.5,), (), np.full((2, 3), 2.5), "shape", {"shape": np.array([2, 3])}, id="of_shape"),
        constant(
            "int32_t", (7,), (), np.full((4,), 7, "int32"), "shape", {"shape": np.array([4])}, id="of_shape_of_integers"
        ),
    ]


def layer_norm() -> list[CoreCase]:
    def moments(x: Array, axis: int) -> tuple[Array, Array, Array]:
        axes = tuple(range(axis, x.ndim))
        mean = x.mean(axes, keepdims=True)
        inverse = 1 / np.sqrt(x.var(axes, keepdims=True) + 1e-5)
        return (x - mean) * inverse, mean, inverse

    def case(
        axis: int,
        x: Shape,
        scale: Shape | None,
        bias: Shape | None,
        outputs: tuple[str, str, str],
        id: str,
        dtype: str = "float32",
    ) -> CoreCase:
        def reference(x: Array, *weights: Array) -> tuple[Array, ...]:
            y, mean, inverse = moments(x, axis)
            given = iter(weights)
            y = y * (next(given) if scale is not None else 1)
            y = y + (next(given) if bias is not None else 0)
            return tuple(one for one, name in zip((y, mean, inverse), outputs, strict=True) if name)

        weights = {
            name: numbers(0.5, 2, *shape, dtype=dtype)
            for name, shape in (("scale", scale), ("bias", bias))
            if shape is not None
        }
        names = tuple(name if name in weights else "" for name in ("scale", "bias"))
        return CoreCase(
            "LayerNormalization",
            (_cpp(dtype),),
            (axis, 1e-5, 1, "x", *names, *outputs),
            {"x": x},
            reference,
            weights,
            tuple(one for one in outputs if one),
            dtype,
            id,
        )

    return [
        case(1, (3, 19), (19,), (19,), ("y", "mean", "inverse"), "all_outputs"),
        case(1, ("batch", 5, 7), (5, 7), (5, 7), ("y", "mean", "inverse"), "all_outputs_batch"),
        case(1, (3, 5), None, None, ("y", "", "inverse"), "neither_scale_nor_bias"),
        case(1, (3, 5), None, (5,), ("y", "", ""), "only_bias"),
        case(1, (3, 5), (1,), (1, 5), ("y", "", ""), "one_scale"),
        case(1, (3, 5, 7), (5, 1), (7,), ("y", "", ""), "broadcast_within"),
        case(2, (3, 5, 7), (5, 7), (3, 1, 1), ("y", "", ""), "broadcast_of_rows"),
        case(1, (3, 5, 7), (5, 7), (7,), ("y", "", ""), "broadcast_bias", "float64"),
    ]


def _cpp(dtype: str) -> str:
    return {"float32": "float", "float64": "double"}.get(dtype, f"{dtype}_t")


CASES = (*unary(), *reduce(), *shapes(), *constants(), *layer_norm())
