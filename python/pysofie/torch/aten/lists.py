"""Lists of tensors (ONNX's sequences): taken apart into their tensors, so that no list is left in a graph.

The length of a list is known, or it is what a Loop made by appending one tensor a run, which are stacked then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from pysofie import dims
from pysofie.errors import Refusal
from pysofie.values import Value

from .parts import fixed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pysofie.graph import Node

    from .parts import Parts

_MOST = 1024
"""Members of a list that is written out one by one."""


@dataclass(frozen=True, slots=True)
class Stacked:
    """A list of as many tensors as one has rows."""

    rows: Value


Tensors: TypeAlias = tuple[Value, ...]
List: TypeAlias = "Tensors | Stacked"


class Lists:
    """The lists of a graph by name."""

    def __init__(self) -> None:
        self._known: dict[str, List] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def __getitem__(self, name: str) -> List:
        if name not in self._known:
            raise Refusal("its list is not known before run time")
        return self._known[name]

    def __setitem__(self, name: str, members: List) -> None:
        self._known[name] = members

    def concerns(self, node: Node) -> bool:
        """Whether a node makes or reads a list."""
        return is_operator(node) or (node.op_type == "Identity" and node.inputs[0] in self)

    def apply(self, p: Parts) -> Value | List:
        """What a node makes."""
        return _FUNCTIONS[p.node.op_type](p, self)


def is_operator(node: Node) -> bool:
    """Whether it is one of lists, whatever it reads."""
    return (
        not node.domain and (node.op_type in _FUNCTIONS or node.op_type == "SequenceMap") and node.op_type != "Identity"
    )


def _split(p: Parts, _: Lists) -> Tensors:
    """SplitToSequence: parts of equal lengths, of given ones, or single rows with their dim or without."""
    x, lengths = p.given(0), p.given(1) if len(p.node.inputs) > 1 and p.node.inputs[1] else None
    axis = _integer(p, "axis") % max(x.rank, 1)
    if lengths is None:
        count = _count(fixed(x.shape[axis]))
        if _integer(p, "keepdims", 1):
            return p.split(x, [1] * count, axis)
        return tuple(p("Gather", x, np.array(at, np.int64), axis=axis) for at in range(count))
    if lengths.contents is None:
        raise Refusal("where it is split is not known before run time")
    if lengths.rank:
        if lengths.constant is None:
            return p.several("Split", _count(lengths.contents.size), x, lengths, axis=axis)
        return p.split(x, [int(one) for one in lengths.contents], axis)
    extent, length = x.shape[axis], lengths.contents.reshape(-1)[0]
    length = length if isinstance(length, dims.Expression) else int(length)
    if isinstance(extent, int) and isinstance(length, int) and length > 0:
        whole, rest = divmod(extent, length)
        return p.split(x, [length] * _count(whole) + [rest] * (rest > 0), axis)
    count_or_none = dims.divide(extent, length)
    if not isinstance(count_or_none, int) or count_or_none < 1:
        raise Refusal(f"the number of parts of the length {length} of {extent} is not known before run time")
    return p.split(x, [length] * _count(count_or_none), axis)


def _construct(p: Parts, _: Lists) -> Tensors:
    return tuple(p.given(at) for at in range(len(p.node.inputs)))


def _empty(_: Parts, __: Lists) -> Tensors:
    return ()


def _identity(p: Parts, lists: Lists) -> List:
    return lists[p.node.inputs[0]]


def _insert(p: Parts, lists: Lists) -> Tensors:
    members = written_out(lists[p.node.inputs[0]])
    at = _position(p, 2, len(members) + 1) if len(p.node.inputs) > 2 and p.node.inputs[2] else len(members)
    return (*members[:at], p.given(1), *members[at:])


def _erase(p: Parts, lists: Lists) -> Tensors:
    members = written_out(lists[p.node.inputs[0]])
    at = _position(p, 1, len(members)) if len(p.node.inputs) > 1 and p.node.inputs[1] else len(members) - 1
    return members[:at] + members[at + 1 :]


def _at(p: Parts, lists: Lists) -> Value:
    members = lists[p.node.inputs[0]]
    if isinstance(members, Stacked):
        return p("Gather", members.rows, p.given(1), axis=0)
    return members[_position(p, 1, len(members))]


def _length(p: Parts, lists: Lists) -> Value:
    members = lists[p.node.inputs[0]]
    if isinstance(members, Stacked):
        return p("Gather", p("Shape", members.rows), np.array(0, np.int64), axis=0)
    return p.constant(np.array(len(members), np.int64))


def _concatenated(p: Parts, lists: Lists) -> Value:
    """ConcatFromSequence: side by side, or stacked along a new dim."""
    members, new = lists[p.node.inputs[0]], bool(_integer(p, "new_axis"))
    axis = _integer(p, "axis")
    if isinstance(members, Stacked):
        return _of_rows(p, members.rows, axis, new=new)
    if not members:
        raise Refusal("the list is empty")
    rank = members[0].rank + new
    at = axis % rank if rank else axis
    if new:
        members = tuple(p.unsqueeze(one, at) for one in members)
    return p("Concat", *members, axis=at)


def _of_rows(p: Parts, rows: Value, axis: int, *, new: bool) -> Value:
    rank = rows.rank - (not new)
    at = axis % max(rank, 1)
    order = [*range(1, at + 1), 0, *range(at + 1, rows.rank)]
    moved = rows if at == 0 else p("Transpose", rows, perm=tuple(order))
    if new:
        return moved
    shape = moved.shape
    return p.reshape(moved, (*shape[:at], shape[at] * shape[at + 1], *shape[at + 2 :]))


def written_out(members: List) -> Tensors:
    """The tensors of a list of known length."""
    if isinstance(members, Stacked):
        raise Refusal("the length of its list is not known before run time")
    return members


def common_length(given: Sequence[Value | Tensors]) -> int:
    """The length of all lists among these, of which the first is one."""
    lengths = {len(one) for one in given if isinstance(one, tuple)}
    if len(lengths) != 1 or not isinstance(given[0], tuple):
        raise Refusal("its lists are not known, or not of one length")
    return lengths.pop()


def _position(p: Parts, at: int, length: int) -> int:
    found = p.given(at).constant
    if found is None or found.size != 1:
        raise Refusal("the place in its list is not known before run time")
    place = int(found.reshape(-1)[0])
    if not -length <= place < length:
        raise Refusal(f"the place {place} in a list of {length}")
    return place % length


def _count(number: int) -> int:
    if number > _MOST:
        raise Refusal(f"a list of {number} tensors")
    return number


def _integer(p: Parts, name: str, default: int = 0) -> int:
    return int(p.node.attributes.get(name, default))  # type: ignore[arg-type]


_FUNCTIONS: Mapping[str, Callable[[Parts, Lists], Value | List]] = {
    "SequenceConstruct": _construct,
    "SequenceEmpty": _empty,
    "SequenceInsert": _insert,
    "SequenceErase": _erase,
    "SequenceAt": _at,
    "SequenceLength": _length,
    "SplitToSequence": _split,
    "ConcatFromSequence": _concatenated,
    "Identity": _identity,
}
