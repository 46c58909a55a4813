"""ModelProto to Graph."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie import dtypes, files
from pysofie.errors import DataTypeError, ModelFileError, ShapeError
from pysofie.graph import Array, Attribute, Dim, Graph, Node, TensorInfo, with_distinct_names
from pysofie.shapes import ONNX_TYPES

from . import functions

if TYPE_CHECKING:
    from pathlib import Path

    from pysofie.request import Request


def read(path: Path, request: Request) -> Graph:
    """Read a ``.onnx`` file; shapes asked for replace those in the file."""
    return with_request(graph_of(load(path), path.name), request)


def load(path: Path) -> Any:
    """The ModelProto in a file."""
    import onnx

    files.check_readable(path)
    try:
        model = onnx.load(str(path))
    except Exception as error:  # the decoder's own, of a package that is not imported here
        raise ModelFileError(f"{path} is no ONNX model, or a damaged one: {files.first_line(error)}") from error
    if not model.HasField("graph") or not model.opset_import:
        raise ModelFileError(f"{path} is no ONNX model, {files.describe(path)}")
    return model


def of_live(model: Any, request: Request) -> Graph:
    """The Graph of a ModelProto in memory, with the shapes asked for in place of its own."""
    if not model.HasField("graph") or not model.opset_import:
        raise ModelFileError("the ModelProto has no graph, or does not say which operator set it is written in")
    return with_request(graph_of(model, f"{model.graph.name or 'model'}.onnx"), request)


def graph_of(model: Any, name: str) -> Graph:
    """The Graph of a ModelProto."""
    opsets = {("" if one.domain == "ai.onnx" else one.domain): int(one.version) for one in model.opset_import}
    return with_distinct_names(_graph(functions.inline(model, opsets).graph, name, opsets).validate())


def with_request(graph: Graph, request: Request) -> Graph:
    """A graph whose inputs have the shapes and types asked for, which must agree with its own."""
    return graph.replace(inputs=inputs_for(graph.inputs, graph.name, request))


def inputs_for(own_inputs: Sequence[TensorInfo], name: str, request: Request) -> tuple[TensorInfo, ...]:
    """The inputs of a model that knows them, with the shapes asked for, which must agree."""
    shapes = request.shapes
    if shapes is None:
        return tuple(own_inputs) if request.batch_size is None else _with_batch(own_inputs, request.batch_size)
    if len(shapes) != len(own_inputs):
        raise ShapeError(f"{name} has {len(own_inputs)} inputs, {len(shapes)} shapes were given")
    inputs = []
    for info, shape in zip(own_inputs, shapes, strict=True):
        own_rank_unknown = not info.shape
        fits = len(shape) == len(info.shape) and all(
            isinstance(own, str) or own == dim for own, dim in zip(info.shape, shape, strict=True)
        )
        if not fits and not own_rank_unknown:
            raise ShapeError(f"input {info} was given the shape [{', '.join(map(str, shape))}]")
        inputs.append(TensorInfo(info.name, info.dtype, shape))
    return tuple(inputs)


def _with_batch(inputs: Sequence[TensorInfo], batch: int) -> tuple[TensorInfo, ...]:
    names = {info.shape[0] for info in inputs if info.shape and isinstance(info.shape[0], str)}
    return tuple(
        TensorInfo(info.name, info.dtype, tuple(batch if dim in names else dim for dim in info.shape))
        for info in inputs
    )


def _graph(proto: Any, name: str, opsets: Mapping[str, int], *, within: bool = False) -> Graph:
    """A graph, or one within a node, whose inputs may be lists: they have the types that they are given."""
    from onnx import numpy_helper

    if proto.sparse_initializer:
        raise DataTypeError(f"{name} holds sparse weights, which are not supported")
    constants: dict[str, Array] = {one.name: np.asarray(numpy_helper.to_array(one)) for one in proto.initializer}
    return Graph(
        name=name,
        inputs=tuple(_info(one, within=within) for one in proto.input if one.name not in constants),
        outputs=tuple(one.name for one in proto.output),
        nodes=tuple(_node(one, opsets) for one in proto.node),
        initializers=constants,
        opsets=opsets,
    )


def _info(proto: Any, *, within: bool) -> TensorInfo:
    if not proto.HasField("type") or (within and not proto.type.HasField("tensor_type")):
        return TensorInfo(proto.name, np.dtype(np.float32), ())
    if not proto.type.HasField("tensor_type"):
        raise DataTypeError(
            f"the input '{proto.name}' is a {proto.type.WhichOneof('value')}, only tensors are supported"
        )
    tensor = proto.type.tensor_type
    if tensor.elem_type not in ONNX_TYPES:
        raise DataTypeError(f"the input '{proto.name}' has type {_type_name(tensor.elem_type)}, which is not supported")
    shape = tuple(_dim(one, f"{proto.name}_dim{at}") for at, one in enumerate(tensor.shape.dim))
    return TensorInfo(proto.name, dtypes.named(ONNX_TYPES[tensor.elem_type]), shape)


def _dim(proto: Any, default: str) -> Dim:
    if proto.HasField("dim_value") and proto.dim_value >= 0:
        return int(proto.dim_value)
    return str(proto.dim_param) or default


def _node(proto: Any, opsets: Mapping[str, int]) -> Node:
    return Node(
        op_type=proto.op_type,
        inputs=tuple(proto.input),
        outputs=tuple(proto.output),
        attributes={one.name: _attribute(one, opsets) for one in proto.attribute},
        domain="" if proto.domain == "ai.onnx" else proto.domain,
        origin=_origin(proto),
    )


def _origin(proto: Any) -> str:
    """A node's name; ``fc (Linear)`` where PyTorch's newer exporter wrote modules and classes beside the node."""
    told = {one.key.rpartition(".")[2]: re.findall(r"'([^']*)'", one.value) for one in proto.metadata_props}
    scopes, classes = told.get("name_scopes", []), told.get("class_hierarchy", [])
    if len(scopes) < 2 or len(scopes) != len(classes):
        return str(proto.name)
    module, name = scopes[-2], classes[-2].rpartition(".")[2]
    return f"{module} ({name})" if module else f"forward of {name}"


def _attribute(proto: Any, opsets: Mapping[str, int]) -> Attribute:
    from onnx import AttributeProto, helper, numpy_helper

    if proto.type == AttributeProto.GRAPH:
        return _graph(proto.g, proto.g.name or proto.name, opsets, within=True)
    if proto.type == AttributeProto.TENSOR:
        return np.asarray(numpy_helper.to_array(proto.t))
    value = helper.get_attribute_value(proto)
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return tuple(_plain(one) for one in value)  # type: ignore[return-value]
    return _plain(value)


def _plain(value: Any) -> int | float | str:
    if isinstance(value, float):
        # ONNX keeps 32 bits of what was 0.01 in the model; the shortest decimal that they round to brings it back,
        # which matters to a network in double precision.
        return float(str(np.float32(value)))
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _type_name(number: int) -> str:
    from onnx import TensorProto

    return str(TensorProto.DataType.Name(number)) if number in TensorProto.DataType.values() else str(number)
