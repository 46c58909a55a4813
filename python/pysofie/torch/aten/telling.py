"""The exporter of torch.export's programs, told to pass on whole what it knows no ONNX for and what has a function here."""

from __future__ import annotations

from typing import Any

from . import parts


def translations() -> dict[Any, Any]:
    """For ``torch.onnx.export(..., dynamo=True, custom_translation_table=...)``: a function for each overload."""
    import torch

    found = {}
    for operator in parts.exported():
        name, _, only = operator.partition(".")
        packet = getattr(torch.ops.aten, name, None)
        overloads = () if packet is None else (only,) if only else packet.overloads()
        for overload in overloads:
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
        inputs = [one for value in bound.arguments.values() for one in _flat(value)]
        while inputs and inputs[-1] is None:
            inputs.pop()
        result = signature.return_annotation
        count = len(result) if isinstance(result, tuple) else 1
        schema = _schema(name, len(inputs), count)
        return values.Op(values.Opset(parts.DOMAIN, 1), name, schema)(*inputs)

    translate.__name__ = name
    return translate


def _flat(value: Any) -> list[Any]:
    """The members of a list of tensors; a list with numbers in it is one argument."""
    is_list = isinstance(value, list | tuple) and value and not any(isinstance(one, int | float) for one in value)
    return list(value) if is_list and all(getattr(one, "shape", None) != () for one in value) else [value]


def _schema(name: str, inputs: int, outputs: int) -> Any:
    """ONNX's description of an operator all of whose arguments are inputs."""
    from onnx import TensorProto
    from onnx.defs import OpSchema

    types = [f"tensor({one.lower()})" for one in TensorProto.DataType.keys() if one != "UNDEFINED"]  # noqa: SIM118
    optional = OpSchema.FormalParameterOption.Optional
    given = [OpSchema.FormalParameter(f"input{at}", f"I{at}", param_option=optional) for at in range(inputs)]
    made = [OpSchema.FormalParameter(f"output{at}", f"T{at}") for at in range(outputs)]
    constraints = [(one.type_str, types, "") for one in (*given, *made)]
    return OpSchema(name, parts.DOMAIN, 1, inputs=given, outputs=made, type_constraints=constraints)
