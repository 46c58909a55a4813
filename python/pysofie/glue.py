"""Load a generated header into this process, compiled by the system's compiler or by cling.

Around the header's text goes a little C++ that gives both the same C interface: a table with functions to make, run
and delete Sessions. The model's namespace gets the hash of the whole text added to its name, hence
a retrained model of the same name is another model, whatever this process has loaded before.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import re
import threading
import weakref
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pysofie import provider, toolchain
from pysofie.errors import SofieError
from pysofie.signature import Signature

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Backend = Literal["compiler", "cling"]

ERROR_BYTES = 2048

_NAMESPACE = re.compile(r"^\s*namespace\s+(TMVA_SOFIE_(\w+))\s*\{", re.MULTILINE | re.ASCII)
_INCLUDE = re.compile(r'^#include "([^"/]+)"$', re.MULTILINE)
_GUARD = re.compile(r"^\s*#\s*ifndef\s+(\w+)\s*\n\s*#\s*define\s+\1\s*$", re.MULTILINE | re.ASCII)


class Frame(ctypes.Structure):
    """All that one inference reads and writes; `Frame` in the C++ below."""

    _fields_ = (
        ("session", ctypes.c_void_p),
        ("dims", ctypes.POINTER(ctypes.c_size_t)),
        ("inputs", ctypes.POINTER(ctypes.c_void_p)),
        ("outputs", ctypes.POINTER(ctypes.c_void_p)),
        ("sizes", ctypes.POINTER(ctypes.c_size_t)),
        ("results", ctypes.POINTER(ctypes.c_void_p)),
        ("error", ctypes.c_char * ERROR_BYTES),
    )


class _Table(ctypes.Structure):
    _fields_ = (
        ("description", ctypes.c_char_p),
        ("create", ctypes.c_void_p),
        ("destroy", ctypes.c_void_p),
        ("run", ctypes.c_void_p),
    )


_GLUE = resources.files(__package__).joinpath("glue.hxx").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Source:
    """A header's text with the glue around it, ready to compile."""

    text: str
    space: str


def wrap(header: str, name: str | None = None, width: int | None = None, *, path: Path | str = "this") -> Source:
    """Put the glue around a generated header.

    Parameters
    ----------
    header
        The text of the header.
    name
        The model to use where the header holds several.
    width
        The vector width in bytes to compile for; None for all of them.
    path
        Where the header is: headers of the user's own operators stand beside it, and become part of the text.
    """
    models = {model: space for space, model in _NAMESPACE.findall(header)}
    if not models or "modelDescription" not in header:
        raise SofieError(f"{path} is not a header that pysofie's core has generated")
    if name is None and len(models) > 1:
        raise SofieError(f"{path} holds the models {', '.join(models)}: say which one with name=")
    if name is not None and name not in models:
        raise SofieError(f"{path} holds no model {name!r}, but {', '.join(models)}")
    space = models[name] if name else next(iter(models.values()))

    texts = {one: file.read_text() for one in included(header) if (file := Path(path).with_name(one)).is_file()}
    digest = content_hash(header, _GLUE, space, str(width), *texts.values())
    # Macros, and not a replacement in the text: what is quoted in it stays as it is. Guards change as well: one may
    # be defined already, and the one of a model with a name in upper case is spelt as its namespace.
    macros = {namespace: f"{namespace}_{digest}" for namespace in models.values()}
    macros |= {
        "PYSOFIE_MODEL": space,
        "PYSOFIE_SPACE": f"pysofie_{digest}",
        "PYSOFIE_TABLE": f"pysofie_{digest}_table",
        "PYSOFIE_ERROR_BYTES": str(ERROR_BYTES),
    }
    if width is not None:
        macros["TMVA_SOFIE_VECTOR_BYTES"] = str(width)
    guarded = _GUARD.sub(lambda match: match.group().replace(match[1], f"{match[1]}_GUARD_{digest}"), header)
    guarded = _INCLUDE.sub(lambda match: texts.get(match[1], match.group()), guarded)
    return Source(with_macros(macros, f"{guarded}\n{_GLUE}"), macros["PYSOFIE_SPACE"])


def with_macros(macros: Mapping[str, str], text: str) -> str:
    """Define macros for a piece of C++, and leave those of the same names as they were."""
    before = (
        f'#pragma push_macro("{name}")\n#undef {name}\n#define {name} {value}\n' for name, value in macros.items()
    )
    after = (f'#pragma pop_macro("{name}")\n' for name in macros)
    return "".join((*before, text, *after))


def content_hash(*parts: str) -> str:
    """Return what tells one text from another, as a part of a C++ name."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def included(header: str) -> list[str]:
    """The names of headers of the user's own operators that a generated header includes."""
    return _INCLUDE.findall(header)


class Program:
    """The code of one model, loaded. It stays loaded as long as the process lives."""

    def __init__(self, address: int, backend: Backend) -> None:
        table = _Table.from_address(address)
        self.address = address
        self.backend = backend
        self.signature = Signature.from_json(table.description.decode())
        # Without argtypes a call is a third faster; what is passed has its type already.
        self.run: Callable[..., int] = ctypes.CFUNCTYPE(ctypes.c_int)(table.run)
        self._create = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p)(
            table.create
        )
        self._destroy = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(table.destroy)

    def create(self, weights: Path | None, other: Handle | None = None) -> Handle:
        """Make a C++ Session, which shares the weights of another where it can; it is deleted with the handle."""
        error = ctypes.create_string_buffer(ERROR_BYTES)
        session = self._create(other and other.address, b"" if weights is None else bytes(weights), error)
        if not session:
            raise SofieError(error.value.decode(errors="replace"))
        return Handle(session, self._destroy)


class Handle:
    """The owner of one C++ Session."""

    def __init__(self, address: int, destroy: Callable[[int], None]) -> None:
        self.address = address
        self.close = weakref.finalize(self, destroy, address)
        self.close.atexit = False


_programs: dict[tuple[str, Backend], Program] = {}
_loading = threading.Lock()


def load(source: Source, backend: Backend, compiler: toolchain.Compiler | None = None) -> Program:
    """Compile and load, once in a process."""
    with _loading:
        key = (source.space, backend)
        if key not in _programs:
            address = _cling(source) if backend == "cling" else _compiler(source, compiler)
            _programs[key] = Program(address, backend)
        return _programs[key]


def _compiler(source: Source, compiler: toolchain.Compiler | None) -> int:
    compiler = compiler or toolchain.find_compiler()
    if compiler is None:
        raise toolchain.CompilerError('no C++ compiler was found: install g++, set CXX, or use backend="cling"')
    shared = toolchain.build_shared(source.text, compiler)
    try:
        function = getattr(_library(shared), f"{source.space}_table")
    except (OSError, AttributeError) as error:
        raise toolchain.CompilerError(f"{shared} cannot be loaded: {error}") from error
    function.restype = ctypes.c_size_t
    return int(function())


@functools.cache
def _library(shared: Path) -> ctypes.CDLL:
    return ctypes.CDLL(str(shared))


def _cling(source: Source) -> int:
    root: Any = provider.root()
    if not root.gInterpreter.Declare(source.text):
        raise SofieError("cling could not compile the model; what it says stands above")
    return int(getattr(root, source.space).TableAddress())
