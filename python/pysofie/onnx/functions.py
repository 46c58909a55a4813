"""Operators that ONNX itself defines by others, and functions that a model brings along: taken apart where nothing translates them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pysofie import registry
from pysofie.errors import ModelFileError
from pysofie.files import first_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DOMAIN = "pysofie.definitions"


def inline(model: Any, opsets: Mapping[str, int]) -> Any:
    """The model without calls of its own functions, and without operators that have no translator but a definition.

    Some definitions depend on the types of the inputs, which onnx infers.
    """
    import onnx
    from onnx import inliner

    if model.functions:
        model = inliner.inline_local_functions(model)
    while any(True for _ in _defined(onnx, model.graph, opsets)):
        work = onnx.ModelProto()
        work.CopyFrom(model)
        try:
            types = _types(onnx, work)
            for node, schema in list(_defined(onnx, work.graph, opsets)):
                _call_definition(onnx, work, node, schema, types)
            model = inliner.inline_local_functions(work)
        except (RuntimeError, onnx.shape_inference.InferenceError) as error:
            kinds = ", ".join(sorted({node.op_type for node, _ in _defined(onnx, model.graph, opsets)}))
            raise ModelFileError(f"{kinds} cannot be expressed by simpler operators: {first_line(error)}") from error
    return model


def _defined(onnx: Any, graph: Any, opsets: Mapping[str, int]) -> Iterator[tuple[Any, Any]]:
    """The nodes of a graph and its subgraphs that nothing translates and that ONNX defines by others, with their schemas."""
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from _defined(onnx, attribute.g, opsets)
        domain = "" if node.domain == "ai.onnx" else node.domain
        if node.op_type == "SequenceMap":  # whose lists are taken apart, a Loop over lists is not
            continue
        if registry.has_translator(node.op_type, domain, opsets) or not onnx.defs.has(node.op_type, node.domain):
            continue
        schema = onnx.defs.get_schema(node.op_type, opsets.get(domain, 1), node.domain)
        if schema.has_function or schema.has_context_dependent_function:
            yield node, schema


def _types(onnx: Any, model: Any) -> dict[str, bytes]:
    """The types of all tensors as far as onnx knows them, serialized."""
    known = {info.name for info in (*model.graph.input, *model.graph.value_info)}
    model.graph.value_info.extend(
        onnx.helper.make_tensor_value_info(one.name, one.data_type, one.dims)
        for one in model.graph.initializer
        if one.name not in known
    )
    found: dict[str, bytes] = {}

    def collect(graph: Any) -> None:
        for info in (*graph.input, *graph.value_info, *graph.output):
            found[info.name] = info.type.SerializeToString()
        for node in graph.node:
            for attribute in node.attribute:
                if attribute.type == onnx.AttributeProto.GRAPH:
                    collect(attribute.g)

    collect(onnx.shape_inference.infer_shapes(model, data_prop=True).graph)
    return found


def _call_definition(onnx: Any, model: Any, node: Any, schema: Any, types: Mapping[str, bytes]) -> None:
    """Turn a node into the call of a function of the model, whose body is the operator's definition."""
    opset = next(one.version for one in model.opset_import if one.domain in ("", "ai.onnx"))
    if schema.has_context_dependent_function:
        given = [types.get(name, b"") if name else b"" for name in node.input]
        text = schema.get_context_dependent_function_with_opset_version(opset, node.SerializeToString(), given)
    else:
        text = schema.get_function_with_opset_version(opset)
    function = onnx.FunctionProto.FromString(text)
    defaults = {name: one.default_value for name, one in schema.attributes.items() if one.default_value.name}
    present = {one.name for one in node.attribute}
    node.attribute.extend(one for name, one in defaults.items() if name not in present and name in function.attribute)
    function.domain, function.name = _DOMAIN, f"{node.op_type}_{len(model.functions)}"
    function.ClearField("attribute_proto")
    model.functions.append(function)
    node.domain, node.op_type = _DOMAIN, function.name
    kept = [one for one in node.attribute if one.name in function.attribute]
    node.ClearField("attribute")
    node.attribute.extend(kept)
    if all(one.domain != _DOMAIN for one in model.opset_import):
        model.opset_import.append(onnx.helper.make_opsetid(_DOMAIN, 1))
