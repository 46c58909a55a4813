"""The exporter of torch.export's programs, told to pass on whole what it knows no ONNX for and what has a function here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import parts

if TYPE_CHECKING:
    from collections.abc import Mapping


def translations() -> dict[Any, Any]:
    """For ``torch.onnx.export(..., dynamo=True, custom_translation_table=...)``: a function for each overload."""
    import torch

    found = {}
    for name in parts.exported():
        packet = getattr(torch.ops.aten, name, None)
        for overload in () if packet is None else packet.overloads():
            kind = getattr(packet, overload)
            found[kind] = _translation(name, kind)
    return found


def _translation(name: str, overload: Any) -> Any:
    def translate(*arguments: Any, **keywords: Any) -> Any:
        from onnxscript import values
        from torch.fx.operator_schemas import get_signature_for_torch_op

        (signature,) = get_signature_for_torch_op(overload)
        bound = signature.bind(*arguments, **keywords)
        bound.apply_defaults()
        inputs = [*bound.arguments.values()]
        while inputs and inputs[-1] is None:
            inputs.pop()
        result = signature.return_annotation
        count = len(result) if isinstance(result, tuple) else 1
        schema = _schema(name, signature.parameters, count)
        return values.Op(values.Opset(parts.DOMAIN, 1), name, schema)(*inputs)

    translate.__name__ = name
    return translate


def _schema(name: str, parameters: Mapping[str, Any], outputs: int) -> Any:
    """ONNX's description of an operator all of whose arguments are inputs."""
    from onnx import TensorProto
    from onnx.defs import OpSchema

    types = [f"tensor({one.lower()})" for one in TensorProto.DataType.keys() if one != "UNDEFINED"]  # noqa: SIM118
    optional = OpSchema.FormalParameterOption.Optional
    inputs = [OpSchema.FormalParameter(one, f"T_{one}", param_option=optional) for one in parameters]
    made = [OpSchema.FormalParameter(f"output{at}", f"T{at}") for at in range(outputs)]
    constraints = [(one.type_str, types, "") for one in (*inputs, *made)]
    return OpSchema(name, parts.DOMAIN, 1, inputs=inputs, outputs=made, type_constraints=constraints)
