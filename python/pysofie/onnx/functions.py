"""Operators that ONNX itself defines by others, and functions that a model brings along: taken apart where nothing translates them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pysofie import registry
from pysofie.errors import ModelFileError
from pysofie.files import first_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def inline(model: Any, opsets: Mapping[str, int]) -> Any:
    """The model without calls of its own functions, and without operators that have no translator but a definition.

    Some definitions depend on the types of the inputs, which onnx infers.
    """
    import onnx
    from onnx import inliner

    if model.functions:
        model = inliner.inline_local_functions(model)
    while wanted := sorted(set(_defined(onnx, model.graph, opsets))):
        before = model
        try:
            model = inliner.inline_selected_functions(_typed(onnx, model), wanted, inline_schema_functions=True)
        except RuntimeError as error:
            kinds = ", ".join(kind for _, kind in wanted)
            raise ModelFileError(f"{kinds} cannot be expressed by simpler operators: {first_line(error)}") from error
        if model.graph == before.graph:
            break
    return model


def _defined(onnx: Any, graph: Any, opsets: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """The operators of a graph and its subgraphs that nothing translates, and that ONNX defines by others."""
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from _defined(onnx, attribute.g, opsets)
        domain = "" if node.domain == "ai.onnx" else node.domain
        if registry.has_translator(node.op_type, domain, opsets) or not onnx.defs.has(node.op_type, node.domain):
            continue
        schema = onnx.defs.get_schema(node.op_type, opsets.get(domain, 1), node.domain)
        if schema.has_function or schema.has_context_dependent_function:
            yield node.domain, node.op_type


def _typed(onnx: Any, model: Any) -> Any:
    """The model with the types of its initializers said, as the inference of types wants them."""
    known = {info.name for info in (*model.graph.input, *model.graph.value_info)}
    typed = onnx.ModelProto()
    typed.CopyFrom(model)
    typed.graph.value_info.extend(
        onnx.helper.make_tensor_value_info(one.name, one.data_type, one.dims)
        for one in model.graph.initializer
        if one.name not in known
    )
    return typed
