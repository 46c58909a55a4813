"""The border: the one C++ class RModel, by ROOT's own SOFIE or by our core, and how they differ.

Nothing else imports ROOT (but `pythonize`, which hangs the parsers into its namespace). What crosses is a `Recipe`, plain
data; what comes back is the RModel.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from . import config, native, reader_hook
from .builder import CPP_TYPES, Enum, OperatorCall, Reals, Recipe, Shapes, Struct, Vector
from .errors import Missing, SofieError, UnsupportedOperator, cpp_message
from .names import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .builder import Argument
    from .graph import Array, TensorInfo

WeightType = Literal["float32", "bfloat16"]

_LIBRARY = "libpysofie.so"
_ELEMENT_TYPES = {
    "float32": "FLOAT",
    "float64": "DOUBLE",
    "int8": "INT8",
    "int16": "INT16",
    "int32": "INT32",
    "int64": "INT64",
    "uint8": "UINT8",
    "uint16": "UINT16",
    "uint32": "UINT32",
    "uint64": "UINT64",
    "bool": "BOOL",
    "float16": "FLOAT16",
    "bfloat16": "BFLOAT16",
}


@cache
def root() -> Any:
    """ROOT's module; SofieError where there is none."""
    try:
        import ROOT
    except ImportError as error:
        raise SofieError(
            f"pysofie needs ROOT, which Python does not find ({error}): pip install ROOT==0.1a12"
        ) from error
    return ROOT


@cache
def is_native() -> bool:
    """Whether this ROOT was built with a SOFIE of its own, which is then the one to drive."""
    return "tmva-sofie" in str(root().gROOT.GetConfigFeatures()).split()


@cache
def load_library() -> bool:
    """Load our core's library, without its headers; False where ROOT has a SOFIE of its own."""
    if is_native():
        return False
    ROOT = root()  # noqa: N806 - its name
    library = config.library_dir()
    if library is None:
        raise SofieError(
            "this ROOT has no SOFIE, and pysofie was built without its own: build it with builtin_sofie=on"
        )
    config.check_root(str(ROOT.gROOT.GetVersion()))
    ROOT.gInterpreter.AddIncludePath(str(config.include_dir()))
    ROOT.gSystem.AddDynamicPath(str(library))
    if ROOT.gSystem.Load(str(library / _LIBRARY)) < 0:
        raise SofieError(f"{library / _LIBRARY} cannot be loaded")
    reader_hook.attach(library / _LIBRARY)
    return True


@cache
def load_core() -> None:
    """Make the C++ classes known to cling, operators and enums included: our core's where ROOT has none."""
    if load_library() and not root().gInterpreter.Declare('#include "TMVA/OperatorList.hxx"'):
        raise SofieError(f"cling cannot read the headers in {config.include_dir()}")


def namespace() -> Any:
    """``ROOT.TMVA.Experimental.SOFIE``."""
    load_core()
    return root().TMVA.Experimental.SOFIE


def rmodel(recipe: Recipe, name: str | None = None, weight_type: WeightType = "float32") -> Any:
    """Make an RModel; it is complete but not initialised, as ROOT's parsers leave it."""
    if weight_type not in get_args(WeightType):
        raise SofieError(f"weight_type is {weight_type!r}, but there are {', '.join(get_args(WeightType))}")
    if is_native():
        if weight_type != "float32":
            raise SofieError(
                f"weight_type={weight_type!r} needs pysofie's own RModel: ROOT's keeps weights as they are"
            )
        refused = native.refusals(recipe)
        if refused:
            raise UnsupportedOperator(recipe.name, refused)
    sofie = namespace()
    model = sofie.RModel(_model_name(recipe, name), native.parse_time() if is_native() else "")
    try:
        _fill(sofie, model, recipe)
        if weight_type != "float32":
            model.SetWeightType(getattr(sofie.ETensorType, _ELEMENT_TYPES[weight_type]))
    except SofieError:
        raise
    except Exception as error:  # what C++ throws arrives as ROOT's own classes
        raise SofieError(f"{recipe.name}: {cpp_message(error)}") from error
    return model


def _model_name(recipe: Recipe, name: str | None) -> str:
    """The file's name, as ROOT does; RModel makes an identifier of what stands before the last dot."""
    if name is not None:
        return clean(name) or "model"
    stem = recipe.name.rpartition(".")[0] or recipe.name
    return recipe.name if clean(stem) else "model"


def _fill(sofie: Any, model: Any, recipe: Recipe) -> None:
    for info in recipe.inputs:
        _add_input(sofie, model, info)
    for name, array in recipe.weights.items():
        _add_weight(model, name, array)
    for name, sizes in recipe.sizes.items():
        model.AddShapeTensor(name, _dims(sofie, sizes.values), sizes.is_scalar)
    for call in recipe.operators:
        _add_operator(sofie, model, call)
    for info in recipe.inputs:
        model.AddInputTensorName(info.name)
    model.AddOutputTensorNameList(_vector("std::string", recipe.outputs))
    if not is_native():
        for name, original in recipe.origins.items():
            model.SetTensorOrigin(name, original)


def _add_input(sofie: Any, model: Any, info: TensorInfo) -> None:
    kind = element_type(sofie, info.dtype)
    if all(isinstance(dim, int) for dim in info.shape):
        model.AddInputTensorInfo(info.name, kind, _vector("size_t", info.shape))
        return
    model.AddInputTensorInfo(info.name, kind, _dims(sofie, info.shape))


def _dims(sofie: Any, sizes: Iterable[int | str]) -> Any:
    """A std::vector<Dim> of integers, names and expressions."""
    made = root().std.vector[sofie.Dim]()
    for size in sizes:
        if isinstance(size, int):
            made.push_back(sofie.Dim(root().std.size_t(size % 2**64)))  # -1 as C++ has it
        else:
            made.push_back(sofie.Dim(size, 0 if size.isidentifier() else 2**64 - 1))
    return made


def _add_weight(model: Any, name: str, array: Array) -> None:
    """Floats go to the weight file, everything else into the header."""
    data = np.asarray(array, order="C")
    add = model.AddInitializedTensor if data.dtype.kind == "f" else model.AddConstantTensor
    # cppyy takes numpy's arrays for pointers, but neither those of bool nor those of nothing.
    if data.dtype == bool:
        values: Any = data.ctypes.data_as(ctypes.POINTER(ctypes.c_bool))
    elif data.size:
        values = data.reshape(-1)
    else:
        add, values = model.AddConstantTensor, _vector(CPP_TYPES[data.dtype.name], ())
    add[CPP_TYPES[data.dtype.name]](name, _vector("size_t", data.shape), values)


def _add_operator(sofie: Any, model: Any, call: OperatorCall) -> None:
    cls = _operator_class(sofie, call)
    operator = cls(*(_cpp(sofie, argument) for argument in call.arguments))
    if call.origin and not is_native():
        operator.SetOrigin(call.origin)
    root().SetOwnership(operator, False)
    model.AddOperatorReference(operator)


def _operator_class(sofie: Any, call: OperatorCall) -> Any:
    """The operator's class, templated or plain: releases differ about which ones are templates."""
    template = getattr(sofie, f"ROperator_{call.cls}", None)
    if template is None:
        raise UnsupportedOperator(
            "this SOFIE", [Missing(call.cls, call.origin, f"there is no ROperator_{call.cls} in it")]
        )
    arguments = tuple(_enum(sofie, one) if isinstance(one, Enum) else one for one in call.template or ("float",))
    try:
        return template[arguments]
    except TypeError:
        return template


def _cpp(sofie: Any, argument: Argument) -> Any:
    match argument:
        case Recipe():
            model = sofie.RModel(argument.name)
            _fill(sofie, model, argument)
            return root().std.make_unique[sofie.RModel](root().std.move(model))
        case Shapes():
            made = root().std.vector[root().std.vector[sofie.Dim]]()
            for shape in argument.items:
                made.push_back(_dims(sofie, shape))
            return made
        case Reals():
            return _vector("double", argument.items)
        case Enum():
            return _enum(sofie, argument)
        case Vector():
            return _vector(argument.element, argument.items)
        case Struct():
            made = getattr(sofie, argument.type)()
            for name, value in argument.members.items():
                setattr(made, name, _cpp(sofie, value))
            return made
    return argument


def _enum(sofie: Any, value: Enum) -> Any:
    """A value of an enum, scoped or not."""
    scope = getattr(sofie, value.type, None)
    return getattr(scope if hasattr(scope, value.name) else sofie, value.name)


def element_type(sofie: Any, dtype: np.dtype[Any]) -> Any:
    """ETensorType's value for a data type; its name for uint8 is misspelt in older releases."""
    name = _ELEMENT_TYPES[dtype.name]
    kinds = sofie.ETensorType
    return getattr(kinds, name) if hasattr(kinds, name) else getattr(kinds, {"UINT8": "UNINT8"}[name])


def _vector(element: str, items: Any) -> Any:
    """A std::vector; a Python list would pick the wrong overload of several methods."""
    made = root().std.vector[element]()
    for item in items:
        made.push_back(item)
    return made
