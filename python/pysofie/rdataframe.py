"""`define`: a model as a new column of an RDataFrame.

What runs in the event loop is C++ alone: a functor, declared to cling for the types of the columns at hand, which
fills a buffer from the columns and calls the compiled model through its table of functions. There is one C++ Session a
slot, and all of it belongs to the functor, hence to the graph of the RDataFrame, however late that runs.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie import glue, provider
from pysofie.dtypes import HALVES
from pysofie.errors import DataTypeError, ShapeError, SofieError, cpp_message
from pysofie.session import Session
from pysofie.session import compile as compile_model
from pysofie.signature import format_shape

if TYPE_CHECKING:
    from pysofie.signature import TensorSpec

ALIGNMENT = 64

_LIBRARY = resources.files(__package__).joinpath("rdataframe.hxx").read_text(encoding="utf-8")

# The types of columns, by all their spellings; what is not among them never becomes C++.
_TYPES = {
    "bool": "bool|Bool_t",
    "int8": "char|signed char|Char_t|int8_t|std::int8_t",
    "int16": "short|Short_t|int16_t|std::int16_t",
    "int32": "int|Int_t|int32_t|std::int32_t",
    "int64": "long|long long|Long_t|Long64_t|int64_t|std::int64_t",
    "uint8": "unsigned char|UChar_t|uint8_t|std::uint8_t",
    "uint16": "unsigned short|UShort_t|uint16_t|std::uint16_t",
    "uint32": "unsigned int|unsigned|UInt_t|uint32_t|std::uint32_t",
    "uint64": "unsigned long|unsigned long long|ULong_t|ULong64_t|uint64_t|std::uint64_t|size_t|std::size_t",
    "float32": "float|Float_t|Float16_t",
    "float64": "double|Double_t|Double32_t",
}
_SPELLINGS = {spelling: np.dtype(name) for name, spellings in _TYPES.items() for spelling in spellings.split("|")}
_LIST = re.compile(r"(?:ROOT::VecOps::RVec|ROOT::RVec|std::vector|vector)<([\w :]+?) ?>")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)

_serial = itertools.count()


@dataclass(frozen=True)
class _Column:
    """A column that the model reads."""

    name: str
    type: str
    dtype: np.dtype[Any]
    is_list: bool


@dataclass(frozen=True)
class _Tensor:
    """An input or output and its place in the buffer of a slot."""

    spec: TensorSpec
    offset: int
    count: int

    @property
    def bytes(self) -> int:
        """Its size."""
        return self.count * self.spec.dtype.itemsize


def define(
    df: Any,
    column: str | Sequence[str],
    source_or_session: Any,
    columns: Sequence[str] | Mapping[str, Sequence[str]],
    input_shapes: Sequence[Sequence[int | str]] | None = None,
    *,
    batched: bool = False,
    **options: Any,
) -> Any:
    """Add what a model says of each event, or of each object in it, as a column to an RDataFrame.

    Parameters
    ----------
    df
        An RDataFrame or any node of its graph.
    column
        The name of the new column; for a model with several outputs, a list of names for them. For a model with one
        output of several values a list of as many names gives each its own column.
    source_or_session
        A Session, or anything that `pysofie.compile` takes.
    columns
        The columns that the model reads, of any names and arithmetic types, in the order of its inputs' elements; or a
        dict from the inputs' names to their columns. Where a column is a list (RVec), the model runs once for each of
        its entries, the columns that are no lists being the same for all, and the new column is an RVec.
    input_shapes, **options
        As in `pysofie.compile`, where the source is no Session.
    batched
        Whether all entries of the lists of one event are one batch, for a model whose first dim has a name. This is faster where there
        are many; last digits may differ from those of entries that run one by one.

    Returns
    -------
    RNode
        The graph with the new column: a number where the model gives one value, else an RVec. With EnableImplicitMT each
        slot has a C++ Session of its own. Nothing needs to be kept alive for it.

    Raises
    ------
    SofieError
        If the columns do not fit the model.
    """
    session = source_or_session
    if not isinstance(session, Session):
        session = compile_model(source_or_session, input_shapes, **options)
    inputs, outputs = _layout(session)
    reads = [_read(df, name) for name in _names_of_columns(session, inputs, columns)]
    names = [column] if isinstance(column, str) else list(column)
    _check_names(df, names)
    _check_types(inputs, reads)
    if batched:
        _check_batch(session, reads)

    parts = _parts(session, names, outputs)
    library = _declare("pysofie_rdf", _LIBRARY)
    definition = _declare(
        "pysofie_define", _definition(session, inputs, outputs, reads, parts, batched=batched), library
    )
    root = provider.root()
    strings = root.std.vector["std::string"]
    try:
        return getattr(root, definition).Define(
            root.RDF.AsRNode(df),
            strings(names),
            f"rdfpysofie{next(_serial)}_",  # so spelt, RDataFrame takes it for one of its own and shows it to nobody
            strings([read.name for read in reads]),
            session.name,
            session.program.address,
            session.handle.address,
            "" if session.weights is None else str(session.weights),
        )
    except Exception as error:
        raise SofieError(f"the column {', '.join(names)} cannot be defined: {cpp_message(error)}") from error


def _layout(session: Session) -> tuple[list[_Tensor], list[_Tensor]]:
    """Place all tensors of one inference behind each other; named dims, of batches alone, are 1."""
    for spec in session.inputs:
        if any(isinstance(dim, str) for dim in spec.shape[1:]):
            raise ShapeError(
                f"{session.name} cannot be run for one event at a time: input {spec.label!r} has the shape "
                f"{format_shape(spec.shape)}, and only the first dim may have a name"
            )
    if session.signature.sizes:
        raise ShapeError(
            f"{session.name} cannot be a column: sizes of its outputs depend on data ({', '.join(session.signature.sizes)})"
        )
    for spec in (*session.inputs, *session.outputs):
        if spec.type in HALVES:
            raise DataTypeError(
                f"{session.name} cannot be a column: {spec.label!r} is of type {spec.type}, which no column has"
            )
    one = dict.fromkeys(session.signature.dims, 1)
    tensors, offset = [], 0
    for spec in (*session.inputs, *session.outputs):
        tensor = _Tensor(spec, offset, math.prod(spec.sizes(one)))
        tensors.append(tensor)
        offset += -(-tensor.bytes // ALIGNMENT) * ALIGNMENT
    return tensors[: len(session.inputs)], tensors[len(session.inputs) :]


def _names_of_columns(
    session: Session, inputs: Sequence[_Tensor], columns: Sequence[str] | Mapping[str, Sequence[str]]
) -> list[str]:
    expected = ", ".join(f"{tensor.spec.label}: {tensor.count}" for tensor in inputs)
    if isinstance(columns, str):
        columns = [columns]
    if isinstance(columns, Mapping):
        by_name = {name: [names] if isinstance(names, str) else list(names) for name, names in columns.items()}
        counts = {tensor.spec.label: tensor.count for tensor in inputs}
        if {name: len(names) for name, names in by_name.items()} != counts:
            given = ", ".join(f"{name}: {len(names)}" for name, names in by_name.items())
            raise ShapeError(f"{session.name} takes the columns {expected}; got {given}")
        return [name for tensor in inputs for name in by_name[tensor.spec.label]]
    if len(columns) != (total := sum(tensor.count for tensor in inputs)):
        raise ShapeError(f"{session.name} takes {total} columns ({expected}), got {len(columns)}")
    return list(columns)


def _read(df: Any, name: str) -> _Column:
    if not df.HasColumn(name):
        raise SofieError(f"the RDataFrame has no column {name!r}")
    type_ = str(df.GetColumnType(name))
    is_list = _LIST.fullmatch(type_)
    dtype = _SPELLINGS.get(is_list[1] if is_list else type_)
    if dtype is None:
        raise DataTypeError(f"column {name!r} has the type {type_}: a model reads numbers, and RVecs of numbers")
    return _Column(name, type_, dtype, is_list is not None)


def _check_names(df: Any, names: Sequence[str]) -> None:
    for name in names:
        if not _IDENTIFIER.fullmatch(name):
            raise SofieError(f"RDataFrame takes only C++ identifiers for new columns, not {name!r}")
        if df.HasColumn(name) or names.count(name) > 1:
            raise SofieError(f"the RDataFrame has a column {name!r} already")


def _check_types(inputs: Sequence[_Tensor], reads: Sequence[_Column]) -> None:
    """Refuse what would lose more than digits."""
    targets = [tensor.spec for tensor in inputs for _ in range(tensor.count)]
    for read, spec in zip(reads, targets, strict=True):
        if spec.dtype.kind != "f" and not np.can_cast(read.dtype, spec.dtype):
            raise DataTypeError(
                f"column {read.name!r} has the type {read.type}, which does not fit into input {spec.label!r} of type "
                f"{spec.type}: convert it with Define"
            )


def _check_batch(session: Session, reads: Sequence[_Column]) -> None:
    if not any(read.is_list for read in reads):
        raise ShapeError(f"{session.name} cannot run a batch for an event: none of the columns is a list")
    first = {spec.shape[:1] for spec in (*session.inputs, *session.outputs)}
    named = [dim for spec in session.outputs for dim in spec.shape[1:] if isinstance(dim, str)]
    if first != {session.signature.dims} or named:
        shapes = ", ".join(map(str, (*session.inputs, *session.outputs)))
        raise ShapeError(
            f"{session.name} cannot run a batch for an event: all its tensors would have to begin with one named dim ({shapes})"
        )


def _parts(session: Session, names: Sequence[str], outputs: Sequence[_Tensor]) -> list[str]:
    """Return the functors that take the new columns out of all that the model gives; one where there is nothing to take."""
    if len(names) == len(outputs):
        return [f"Whole<Event, {i}>" for i in range(len(outputs))]
    if len(outputs) == 1 and len(names) == outputs[0].count:
        return [f"Part<Event, kLists, 0, {i}>" for i in range(outputs[0].count)]
    expected = ", ".join(f"{tensor.spec.label}: {tensor.count}" for tensor in outputs)
    raise ShapeError(f"{session.name} gives {len(outputs)} outputs ({expected}): {len(names)} names do not fit")


def _definition(
    session: Session,
    inputs: Sequence[_Tensor],
    outputs: Sequence[_Tensor],
    reads: Sequence[_Column],
    parts: Sequence[str],
    *,
    batched: bool,
) -> str:
    """Write the C++ that is particular to a model and the types of its columns."""
    places = [
        (k, tensor, i * tensor.spec.dtype.itemsize) for k, tensor in enumerate(inputs) for i in range(tensor.count)
    ]
    columns = ", ".join(
        f"{'List' if read.is_list else 'Scalar'}<{read.type}, "
        f"Place<{tensor.spec.type}, {tensor.offset + place}, {k}, {place}, {tensor.bytes}>>"
        for read, (k, tensor, place) in zip(reads, places, strict=True)
    )
    kind = "true" if batched else "false"
    rows = ["{" + ", ".join(str(tensor.bytes) for tensor in tensors) + "}" for tensors in (inputs, outputs)]
    results = ", ".join(f"Output<{tensor.spec.type}, {tensor.count}, {tensor.offset}>" for tensor in outputs)
    offsets = ["{" + ", ".join(str(tensor.offset) for tensor in tensors) + "}" for tensors in (inputs, outputs)]
    size = outputs[-1].offset + outputs[-1].bytes
    if len(parts) == 1:
        body = f"return node.DefineSlot(names[0], EvaluateOne<All, {kind}, {columns}>(slots), columns);"
    else:
        steps = "".join(f".Define(names[{i}], {part}{{}}, {{between}})" for i, part in enumerate(parts))
        body = f"return node.DefineSlot(between, Evaluate<All, {kind}, {columns}>(slots), columns){steps};"
    # Cling's default level leaves templates in pieces, RDataFrame's as well as ours. The pragma counts for this input: what is used
    # here is compiled here, and not where Define is called first.
    return f"""
#pragma cling optimize(2)
namespace PYSOFIE_SPACE {{

using namespace PYSOFIE_LIBRARY;
using All = Results<{results}>;
using Event = Evaluate<All, {kind}, {columns}>::Result;
constexpr bool kLists = Evaluate<All, {kind}, {columns}>::kLists;

__attribute__((used)) inline RNode Define(RNode node, std::vector<std::string> const &names, std::string const &between,
                    std::vector<std::string> const &columns, std::string const &model, std::uintptr_t table,
                    std::uintptr_t session, std::string const &weights)
{{
   auto const slots = std::make_shared<Slots>(
      Model{{reinterpret_cast<Table const *>(table), model, weights, {len(session.signature.dims)}, {offsets[0]},
            {offsets[1]}, {size}, {rows[0]}, {rows[1]}, columns}}, reinterpret_cast<void const *>(session), node.GetNSlots());
   {body}
}}

}} // namespace PYSOFIE_SPACE
"""


@functools.cache
def _declare(prefix: str, text: str, library: str = "") -> str:
    """Declare C++ to cling, once, in a namespace whose name is returned."""
    space = f"{prefix}_{glue.content_hash(text, library)}"
    macros = {
        "PYSOFIE_SPACE": space,
        "PYSOFIE_LIBRARY": library,
        "PYSOFIE_ERROR_BYTES": str(glue.ERROR_BYTES),
        "PYSOFIE_ALIGNMENT": str(ALIGNMENT),
    }
    if not provider.root().gInterpreter.Declare(glue.with_macros(macros, text)):
        raise SofieError("cling could not compile the new column; what it says stands above")
    return space
