"""Arguments and results of any structure, and the tensors in them: numbered, named after where they are, put back in place.

A template is the structure with a Slot where a tensor was; whatever else was there (None, a number, a text) stays as it was.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pysofie.errors import CaptureError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a tensor: its number, the keys and positions that lead to it, the name of the argument first."""

    at: int
    path: tuple[str | int, ...]

    @property
    def name(self) -> str:
        """Such as `batch_mask` or `pair_0`."""
        return "_".join(map(str, self.path))

    @property
    def is_named(self) -> bool:
        """Whether a key leads to it, and not positions alone."""
        return any(isinstance(step, str) for step in self.path)


@dataclass(frozen=True, slots=True)
class Structure:
    """A template and the tensors that were in it."""

    template: Any
    slots: tuple[Slot, ...]
    tensors: tuple[Any, ...]

    @classmethod
    def of(cls, value: Any, path: tuple[str | int, ...] = ()) -> Structure:
        """Take a value apart; numpy arrays are tensors too."""
        slots: list[Slot] = []
        tensors: list[Any] = []
        return cls(_template(value, path, slots, tensors), tuple(slots), tuple(tensors))

    @property
    def is_flat(self) -> bool:
        """Whether it is a tensor, or tuples and lists of them."""
        return _is_flat(self.template)


def rebuild(template: Any, tensors: Sequence[Any]) -> Any:
    """The structure with these tensors in its slots."""
    if isinstance(template, Slot):
        return tensors[template.at]
    return _like(template, lambda inner: rebuild(inner, tensors))


def source(template: Any, tensors: Sequence[str]) -> str:
    """The structure as an expression of TorchScript; keys and texts are literals in it.

    Raises
    ------
    CaptureError
        If TorchScript cannot make such an object from outside.
    """
    match template:
        case Slot():
            return tensors[template.at]
        case None | bool() | int() | float() | str():
            return repr(template)
        case tuple() if type(template) is tuple:
            return f"({''.join(f'{source(one, tensors)}, ' for one in template)})"
        case list():
            return f"[{', '.join(source(one, tensors) for one in template)}]"
        case Mapping():
            return f"{{{', '.join(f'{key!r}: {source(one, tensors)}' for key, one in template.items())}}}"
    raise CaptureError(
        f"a {type(template).__name__} cannot be given to a TorchScript module from outside; use tuples, lists and dicts"
    )


def accesses(template: Any, expression: str) -> Iterator[str]:
    """What each tensor of a result is in TorchScript, the result itself being `expression`."""
    if isinstance(template, Slot):
        yield expression
    for key, inner in _steps(template):
        if hasattr(template, "_fields"):
            yield from accesses(inner, f"{expression}.{key}")
        else:
            yield from accesses(inner, f"{expression}[{key!r}]")


def constants(template: Any) -> Iterator[Any]:
    """What is neither a tensor nor holds one, None apart."""
    parts = list(_steps(template))
    if not parts and not isinstance(template, (Slot, Mapping, tuple, list)) and template is not None:
        yield template
    for _, inner in parts:
        yield from constants(inner)


def _is_flat(template: Any) -> bool:
    if type(template) in (tuple, list):
        return all(_is_flat(one) for one in template)
    return isinstance(template, Slot)


def _template(value: Any, path: tuple[str | int, ...], slots: list[Slot], tensors: list[Any]) -> Any:
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        slots.append(Slot(len(slots), path))
        tensors.append(value)
        return slots[-1]
    parts = iter([_template(one, (*path, step), slots, tensors) for step, one in _steps(value)])
    return _like(value, lambda _: next(parts))


def _steps(value: Any) -> Iterator[tuple[str | int, Any]]:
    """The parts of a value, and what leads to each."""
    match value:
        case Mapping():
            yield from ((key if isinstance(key, int) else str(key), one) for key, one in value.items())
        case tuple() if hasattr(value, "_fields"):
            yield from zip(value._fields, value, strict=True)
        case tuple() | list():
            yield from enumerate(value)
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, (type, Slot)):
            yield from ((one.name, getattr(value, one.name)) for one in dataclasses.fields(value))


def _like(value: Any, change: Callable[[Any], Any]) -> Any:
    """A value of the same kind, each part changed."""
    parts = [change(one) for _, one in _steps(value)]
    match value:
        case Mapping():
            return dict(zip(value, parts, strict=True))
        case tuple() if hasattr(value, "_fields"):
            return type(value)(*parts)
        case tuple() | list():
            return type(value)(parts)
        case _ if parts:
            return dataclasses.replace(
                value, **{one.name: part for one, part in zip(dataclasses.fields(value), parts, strict=True)}
            )
    return value
