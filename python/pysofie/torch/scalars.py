"""What TorchScript does with what is no tensor: with sizes, lists, numbers and texts."""

from __future__ import annotations

import functools
import math
import operator
from typing import TYPE_CHECKING, Any

from pysofie.errors import CaptureError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@functools.cache
def types() -> dict[int, Any]:
    """PyTorch's types by the numbers that TorchScript has for them."""
    import torch

    names = ["uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
    return {at: getattr(torch, name) for at, name in enumerate(names)} | {11: torch.bool, 15: torch.bfloat16}


def _type_number(x: Any) -> int:
    return next(number for number, dtype in types().items() if dtype is x.dtype)


def _raise(message: Any = "", *_: Any) -> None:
    raise CaptureError(str(message))


def _integer(x: Any) -> Any:
    import torch

    return x if isinstance(x, int | torch.SymInt) else int(x)


def _size(x: Any, axis: int | None = None) -> Any:
    return list(x.shape) if axis is None else x.shape[axis]


def _put(items: Any, at: Any, value: Any) -> Any:
    items[at] = value
    return items


def _listed(method: str) -> Callable[..., Any]:
    def call(items: Any, *given: Any) -> Any:
        found = getattr(items, method)(*given)
        return items if found is None else found

    return call


def _cut(items: Any, start: int | None = None, end: int | None = None, step: int = 1) -> Any:
    return items[start:end:step]


def _derived(at: int, start: int, step: int) -> int:
    return start + at * step


def _first(x: Any, *_: Any) -> Any:
    return x


def _same(x: Any, y: Any) -> bool:
    return x is y


def _other(x: Any, y: Any) -> bool:
    return x is not y


def _chosen(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *given: function(given[0]) if len(given) == 1 else function(*given)


def _formatted(text: str, *given: Any) -> str:
    return text.format(*given)


PRIMITIVE: Mapping[str, Callable[..., Any]] = {
    "prim::ListUnpack": list,
    "prim::TupleUnpack": list,
    "prim::TupleIndex": operator.getitem,
    "prim::RaiseException": _raise,
    "prim::unchecked_cast": _first,
    "prim::unchecked_unwrap_optional": _first,
    "prim::Uninitialized": lambda: None,
    "prim::dtype": _type_number,
    "prim::device": lambda x: x.device,
    "prim::type": lambda x: x.type,
    "prim::is_cuda": lambda _: False,
    "prim::is_cpu": lambda _: True,
    "prim::is_nested": lambda _: False,
    "prim::is_quantized": lambda _: False,
    # With gradients PyTorch's attention is a sum of its parts, without them one operator.
    "prim::requires_grad": lambda _: True,
    "prim::NumToTensor": _first,
    "prim::min": _chosen(min),
    "prim::max": _chosen(max),
    "prim::Print": lambda *_: None,
}

NUMBERS = ("Bool", "Int", "Float", "item")
"""Those that take a number out of a tensor."""

EITHER: Mapping[str, Callable[..., Any]] = {
    "size": _size,
    "dim": lambda x: x.dim(),
    "numel": lambda x: x.numel(),
    "len": len,
    "__is__": _same,
    "__isnot__": _other,
    "append": _listed("append"),
    "insert": _listed("insert"),
    "extend": _listed("extend"),
    "__contains__": lambda items, one: any(one is item for item in items),
    "_set_item": _put,
    "is_floating_point": lambda x: x.is_floating_point(),
    "Bool": bool,
    "Int": _integer,
    "Float": float,
    "warn": lambda *_: None,
}
"""Those that are about tensors as well."""

PLAIN: Mapping[str, Callable[..., Any]] = {
    **EITHER,
    "add": operator.add,
    "add_": operator.iadd,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "floordiv": operator.floordiv,
    "floor_divide": operator.floordiv,
    "remainder": operator.mod,
    "pow": operator.pow,
    "neg": operator.neg,
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "__not__": operator.not_,
    "__and__": operator.and_,
    "__or__": operator.or_,
    "__contains__": operator.contains,
    "__getitem__": operator.getitem,
    "select": operator.getitem,
    "slice": _cut,
    "pop": _listed("pop"),
    "reverse": _listed("reverse"),
    "copy": list,
    "list": list,
    "keys": list,
    "values": lambda items: list(items.values()),
    "items": lambda items: list(items.items()),
    "get": lambda items, *given: items.get(*given),
    "format": _formatted,
    "str": str,
    "sqrt": math.sqrt,
    "floor": math.floor,
    "ceil": math.ceil,
    "log": math.log,
    "exp": math.exp,
    "abs": abs,
    "__range_length": lambda start, end, step: len(range(start, end, step)),
    "__derive_index": _derived,
    "any": any,
    "all": all,
    "is_grad_enabled": lambda: True,
    "is_autocast_enabled": lambda *_: False,
    "is_autocast_cpu_enabled": lambda *_: False,
    "is_scripting": lambda: True,
}

MAKING = frozenset(
    {
        "zeros",
        "ones",
        "full",
        "empty",
        "arange",
        "linspace",
        "eye",
        "tensor",
        "scalar_tensor",
        "tril_indices",
        "triu_indices",
    }
)
