"""Operators of torch.library that are registered with pysofie: told to PyTorch's exporters, which then pass them on.

``mylab::bump`` of PyTorch is the operator ``bump`` of the domain ``mylab``. Its tensors become inputs, everything else attributes under the
names that it has in PyTorch.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import typing
from typing import TYPE_CHECKING, Any

from pysofie import registry
from pysofie.errors import Missing, SofieError
from pysofie.graph import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# What is no tensor, as TorchScript's exporter parses it, as it writes it, and as ONNX calls it.
_NUMBERS: Mapping[type, tuple[str, str, str]] = {
    float: ("f", "f", "FLOAT"),
    int: ("i", "i", "INT"),
    bool: ("b", "i", "INT"),
    str: ("s", "s", "STRING"),
}
_LISTS: Mapping[type, tuple[str, str, str]] = {
    float: ("fs", "f", "FLOATS"),
    int: ("is", "i", "INTS"),
    bool: ("is", "i", "INTS"),
}


_OWN = ("aten", "prim", "prims", "higher_order", "onnx", "onnx_symbolic")
"""Namespaces of PyTorch's."""

_active: dict[str, _Operator] = {}
_told: set[tuple[str, int]] = set()


@contextlib.contextmanager
def passed_on() -> Iterator[None]:
    """For the time of an export of TorchScript: what was told of (`tell`) becomes nodes of its domain."""
    _active.update({one.kind: one for one in _known()})
    try:
        yield
    finally:
        _active.clear()


def tell(opset: int, error: Exception | None = None) -> bool:
    """Tell TorchScript's exporter of the operator that it failed at, or of all; whether there was one it did not know of.

    It knows them for good then, because PyTorch does not undo that well; outside of `passed_on` they are unsupported as before. One
    that the user has told it of is not touched.
    """
    import torch

    found = [kind for kind in _active if error is None or kind in str(error)]
    # The domain's own version, which is looked up as well, is 1.
    new = [(kind, version) for kind in found for version in (opset, 1) if (kind, version) not in _told]
    for kind, version in new:
        torch.onnx.register_custom_op_symbolic(kind, functools.partial(_symbolic, kind, opset), version)
    _told.update(new)
    return bool(new)


def _symbolic(kind: str, opset: int, g: Any, *arguments: Any) -> Any:
    import torch

    if kind not in _active:
        raise torch.onnx.errors.UnsupportedOperatorError(kind, opset, None)
    return _active[kind].symbolic(g, *arguments)


def translations() -> dict[Any, Any]:
    """The same for ``torch.onnx.export(..., dynamo=True, custom_translation_table=...)``."""
    return {one.overload: one.translation() for one in _known()}


def foreign(program: Any) -> tuple[Missing, ...]:
    """Operators in a program of torch.export that are neither PyTorch's own nor registered."""
    known = {one.kind for one in _known()}
    found = []
    for node in program.graph.nodes:
        namespace = getattr(node.target, "namespace", None) if node.op == "call_function" else None
        if namespace not in (None, *_OWN) and node.target.name() not in known:
            kind = node.target.name()
            made = Node(kind.partition("::")[2], (), (), domain=str(namespace))
            found.append(Missing(kind, _place(node), "there is no translator for it", registry.advice(made)))
    return tuple(dict.fromkeys(found))


def _place(node: Any) -> str:
    """The module that a node of a program is from."""
    path, module = list(node.meta.get("nn_module_stack", {"": ("", "")}).values())[-1]
    name = str(getattr(module, "__name__", module)).rpartition(".")[2]
    return f"{path.removeprefix('L__self__.')} ({name})" if path else ""


def _known() -> list[_Operator]:
    """Registered operators that PyTorch has as well; one of several overloads is not known by its name alone."""
    import torch

    found = []
    for domain, name in sorted({(one.domain, one.op_type) for one in registry.operators() if one.domain}):
        if domain.isidentifier() and name.isidentifier():
            packet = getattr(getattr(torch.ops, domain), name, None)
            if packet is not None and packet.overloads() == ["default"]:
                found.append(_Operator(domain, name, packet.default))
    return found


class _Operator:
    """One of them, with what PyTorch says of its parameters."""

    def __init__(self, domain: str, name: str, overload: Any) -> None:
        from torch.fx.operator_schemas import get_signature_for_torch_op

        self.domain, self.name, self.overload = domain, name, overload
        self.kind = f"{domain}::{name}"
        (self._signature,) = get_signature_for_torch_op(overload)
        self._parameters = list(self._signature.parameters.values())

    def symbolic(self, g: Any, *arguments: Any) -> Any:
        """What TorchScript's exporter calls for each such node, with constants as nodes."""
        from torch.onnx import symbolic_helper

        kinds = {one.name: self._attribute(one) for one in self._parameters}

        def written(g: Any, *values: Any) -> Any:
            tensors, attributes = self._sorted(values)
            while tensors and tensors[-1].node().mustBeNone():
                tensors.pop()
            count = g.original_node.outputsSize()
            named = {f"{name}_{kinds[name][1]}": value for name, value in attributes.items()}  # type: ignore[index]
            made = g.op(self.kind, *tensors, outputs=count, **named)
            # What comes after them is exported by their types; of what is not known here, `infer` says the same by default.
            for value, traced in zip(made if count > 1 else [made], g.original_node.outputs(), strict=True):
                kind = traced.type()
                if kind.kind() == "TensorType":
                    value.setType((tensors[0].type() if kind.dtype() is None and tensors else kind).with_sizes(None))
            return made

        # PyTorch tells parameters by the signature.
        names = ["g", *kinds]
        written.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
        )
        parse = symbolic_helper.parse_args(*("v" if kind is None else kind[0] for kind in kinds.values()))
        return parse(written)(g, *arguments)

    def translation(self) -> Any:
        """What the exporter of torch.export's programs calls."""
        from onnxscript import values

        def translate(*arguments: Any, **keywords: Any) -> Any:
            bound = self._signature.bind(*arguments, **keywords)
            bound.apply_defaults()
            tensors, attributes = self._sorted(tuple(bound.arguments.values()))
            while tensors and tensors[-1] is None:
                tensors.pop()
            operator = values.Op(values.Opset(self.domain, 1), self.name, self._schema())
            return operator(*tensors, **attributes)

        translate.__name__ = self.name
        return translate

    def _sorted(self, values: Sequence[Any]) -> tuple[list[Any], dict[str, Any]]:
        """Tensors, and everything else that is there."""
        tensors, attributes = list[Any](), dict[str, Any]()
        for parameter, value in zip(self._parameters, values, strict=False):
            if self._attribute(parameter) is None:
                tensors.append(value)
            elif value is not None:
                attributes[parameter.name] = value
        return tensors, attributes

    def _attribute(self, parameter: inspect.Parameter) -> tuple[str, str, str] | None:
        """How a parameter is written as an attribute; None of a tensor."""
        import torch

        kind = parameter.annotation
        options = [one for one in typing.get_args(kind) if one is not type(None)]
        if typing.get_origin(kind) is typing.Union and len(options) == 1:
            (kind,) = options
        if kind is torch.Tensor:
            return None
        is_list = typing.get_origin(kind) is list
        found = _LISTS.get(typing.get_args(kind)[0]) if is_list else _NUMBERS.get(kind)
        if found is None:
            raise SofieError(
                f"{self.kind} takes {parameter.name} of type {parameter.annotation}, which no node of ONNX has; tensors, numbers, "
                "texts and lists of numbers can be passed"
            )
        return found

    def _schema(self) -> Any:
        """ONNX's description of the operator, which onnxscript asks for."""
        from onnx import TensorProto
        from onnx.defs import OpSchema

        result = self._signature.return_annotation
        count = len(result) if isinstance(result, tuple) else 1
        attributes = {one.name: self._attribute(one) for one in self._parameters}
        tensors = [name for name, kind in attributes.items() if kind is None]
        types = [f"tensor({name.lower()})" for name in TensorProto.DataType.keys() if name != "UNDEFINED"]  # noqa: SIM118
        optional = OpSchema.FormalParameterOption.Optional
        inputs = [OpSchema.FormalParameter(name, f"T_{name}", param_option=optional) for name in tensors]
        outputs = [OpSchema.FormalParameter(f"output{at}", f"T{at}") for at in range(count)]
        return OpSchema(
            self.name,
            self.domain,
            1,
            inputs=inputs,
            outputs=outputs,
            type_constraints=[(one.type_str, types, "") for one in (*inputs, *outputs)],
            attributes=[
                OpSchema.Attribute(name, getattr(OpSchema.AttrType, kind[2]), required=False)
                for name, kind in attributes.items()
                if kind is not None
            ],
        )
