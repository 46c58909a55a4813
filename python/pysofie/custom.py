"""Operators of the user's own domain, computed by C++ of theirs: registered by name, never taken from a model file."""

from __future__ import annotations

import hashlib
import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import glue, registry, shapes
from .builder import NodeBuilder, Reals, Shapes
from .errors import Refusal, SofieError

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from .values import Value

_QUALIFIED = re.compile(r"[A-Za-z_]\w*(::[A-Za-z_]\w*)*", re.ASCII)
_headers: dict[str, str] = {}


def register(
    op_type: str,
    *,
    domain: str,
    header: str | os.PathLike[str],
    function: str | None = None,
    inputs: int = 1,
    attributes: Mapping[str, float] | None = None,
    infer: registry.Infer = shapes.same,
    types: tuple[str, ...] = registry.FLOATS,
) -> None:
    """Let a C++ function compute an operator of a domain of yours.

    The generated code includes the header, which is written beside it, and calls ``<function>::Compute(attributes..., inputs...,
    outputs...)``: attributes as numbers, tensors as anything that is made of a pointer, or of pointer and length (``std::span``).

    Parameters
    ----------
    op_type, domain
        The operator as models name it; ONNX's own domain is not yours.
    header
        A C++ header file with an include guard.
    function
        The namespace with the function ``Compute``; the operator's name where not given.
    inputs
        The number of inputs.
    attributes
        The operator's attributes in the order in which they are passed, with their defaults.
    infer
        Type and shape of the output(s): a function of the inputs (``pysofie.values.Value``) and keyword arguments, which returns
        a ``TensorType`` or several. Without it the output is like the first input.
    types
        The types of the first input that are allowed.

    Registering an operator again replaces what was registered.

    Raises
    ------
    SofieError
        If the header cannot be read, or ``function`` is no name in C++.
    """
    if domain in ("", "ai.onnx"):
        raise SofieError(f"{op_type}: ONNX's own operators cannot be replaced; give yours a domain of its own")
    path = Path(header)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SofieError(f"the header {path} of {domain}::{op_type} cannot be read: {error}") from error
    namespace = function or op_type
    if not _QUALIFIED.fullmatch(namespace):
        raise SofieError(f"{namespace!r} is no name of a namespace in C++: give one with function=")
    defaults = dict(attributes or {})

    def translate(b: NodeBuilder, *tensors: Value | None, **given: Any) -> None:
        if None in tensors:
            raise Refusal(
                f"input {tensors.index(None) + 1} is left out, which C++ cannot be told", "pysofie.translator can"
            )
        constants: dict[str, Any] = {**defaults, **given}
        wrong = [name for name, value in constants.items() if not isinstance(value, int | float)]
        if wrong:
            raise Refusal(f"the attribute {wrong[0]} is no number")
        outputs = [one for one in b.outputs if one is not None]
        dtype = outputs[0].dtype
        if any(one.dtype != dtype for one in outputs):
            raise Refusal("outputs of unlike types")
        numbers = Reals(tuple(map(float, constants.values())))
        shapes_ = Shapes(tuple(b.dims(one) for one in outputs))
        b.emit(
            "Custom", namespace, numbers, b.names(*tensors), b.names(*outputs), shapes_, path.name, template=(dtype,)
        )

    signature = [inspect.Parameter("b", inspect.Parameter.POSITIONAL_ONLY)]
    signature += [inspect.Parameter(f"x{at}", inspect.Parameter.POSITIONAL_ONLY) for at in range(inputs)]
    signature += [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=0.0) for name in defaults]
    translate.__signature__ = inspect.Signature(signature)  # type: ignore[attr-defined]
    registry.translator(op_type, domain=domain, infer=_lenient(infer, defaults), types=types, replace=True)(translate)
    _headers[path.name] = _guarded(text)


def _lenient(infer: registry.Infer, defaults: Mapping[str, float]) -> registry.Infer:
    """The attributes with their defaults, for a function that asks for them, and none for one that does not."""
    asked = inspect.signature(infer).parameters
    takes_all = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in asked.values())

    def infer_with(*inputs: Any, **given: Any) -> Any:
        known = {name: value for name, value in {**defaults, **given}.items() if takes_all or name in asked}
        return infer(*inputs, **known)

    return infer_with


def _guarded(text: str) -> str:
    """A header that can be part of another file."""
    if not re.search(r"^\s*#\s*pragma\s+once\s*$", text, re.MULTILINE):
        return text
    guard = f"PYSOFIE_CUSTOM_{hashlib.sha256(text.encode()).hexdigest()[:16].upper()}"
    return (
        f"#ifndef {guard}\n#define {guard}\n"
        + re.sub(r"^\s*#\s*pragma\s+once\s*$", "", text, flags=re.MULTILINE)
        + f"\n#endif // {guard}\n"
    )


def headers_of(code: str) -> dict[str, str]:
    """The registered headers that generated code includes, by name."""
    return {name: _headers[name] for name in glue.included(code) if name in _headers}
