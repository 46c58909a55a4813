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
import string
import threading
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pysofie import provider, toolchain
from pysofie.errors import SofieError
from pysofie.signature import Signature

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Backend = Literal["compiler", "cling"]

ERROR_BYTES = 2048

_NAMESPACE = re.compile(r"^\s*namespace\s+(TMVA_SOFIE_(\w+))\s*\{", re.MULTILINE | re.ASCII)
_GUARD = re.compile(r"^\s*#\s*ifndef\s+(\w+)\s*\n\s*#\s*define\s+\1\s*$", re.MULTILINE | re.ASCII)


class Frame(ctypes.Structure):
    """All that one inference reads and writes; `Frame` in the C++ below."""

    _fields_ = (
        ("session", ctypes.c_void_p),
        ("dims", ctypes.POINTER(ctypes.c_size_t)),
        ("inputs", ctypes.POINTER(ctypes.c_void_p)),
        ("outputs", ctypes.POINTER(ctypes.c_void_p)),
        ("error", ctypes.c_char * ERROR_BYTES),
    )


class _Table(ctypes.Structure):
    _fields_ = (
        ("description", ctypes.c_char_p),
        ("create", ctypes.c_void_p),
        ("destroy", ctypes.c_void_p),
        ("run", ctypes.c_void_p),
    )


_GLUE = string.Template(
    r"""
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <type_traits>
#include <utility>

namespace $space {

using Session = $model::Session;

struct Frame {
   Session const *session;
   std::size_t const *dims;
   void const *const *inputs;
   void *const *outputs;
   char error[$error_bytes];
};

struct Table {
   char const *description;
   Session *(*create)(char const *weights, char *error);
   void (*destroy)(Session *);
   int (*run)(Frame *);
};

template <typename Body>
bool Succeeds(Body body, char *error) noexcept
{
   try {
      body();
      return true;
   } catch (std::exception const &reason) {
      std::snprintf(error, $error_bytes, "%s", reason.what());
   } catch (...) {
      std::snprintf(error, $error_bytes, "an exception that is not a std::exception");
   }
   return false;
}

// An argument of doInfer is a size, an input or an output by its type alone.
enum class Role { kDim, kInput, kOutput };

template <typename T>
constexpr Role RoleOf()
{
   return !std::is_pointer_v<T> ? Role::kDim : std::is_const_v<std::remove_pointer_t<T>> ? Role::kInput : Role::kOutput;
}

// How many of the arguments before number `index` have the same role.
template <typename... Arguments>
constexpr std::size_t Rank(std::size_t index)
{
   Role const roles[] = {RoleOf<Arguments>()...};
   std::size_t rank = 0;
   for (std::size_t i = 0; i < index; ++i)
      rank += roles[i] == roles[index];
   return rank;
}

template <typename T>
T Fetch(Frame const &frame, std::size_t rank)
{
   if constexpr (RoleOf<T>() == Role::kDim)
      return frame.dims[rank];
   else if constexpr (RoleOf<T>() == Role::kInput)
      return static_cast<T>(frame.inputs[rank]);
   else
      return static_cast<T>(frame.outputs[rank]);
}

template <typename... Arguments, std::size_t... Index>
void Infer(Frame const &frame, void (*)(Session const &, Arguments...), std::index_sequence<Index...>)
{
   $model::doInfer(*frame.session, Fetch<Arguments>(frame, Rank<Arguments...>(Index))...);
}

template <typename... Arguments>
void Infer(Frame const &frame, void (*function)(Session const &, Arguments...))
{
   Infer(frame, function, std::index_sequence_for<Arguments...>{});
}

inline Session *Create(char const *weights, char *error)
{
   Session *session = nullptr;
   Succeeds([&] { session = new Session(std::string(weights)); }, error);
   return session;
}

inline void Destroy(Session *session)
{
   delete session;
}

inline int Run(Frame *frame)
{
   return Succeeds([frame] { Infer(*frame, &$model::doInfer); }, frame->error) ? 0 : 1;
}

inline std::uintptr_t TableAddress()
{
   static Table const table{$model::modelDescription, &Create, &Destroy, &Run};
   return reinterpret_cast<std::uintptr_t>(&table);
}

} // namespace $space

extern "C" __attribute__((visibility("default"))) std::uintptr_t ${space}_table()
{
   return $space::TableAddress();
}
"""
)


@dataclass(frozen=True)
class Source:
    """A header's text with the glue around it, ready to compile."""

    text: str
    space: str


def wrap(header: str, name: str | None = None, width: int | None = None) -> Source:
    """Put the glue around a generated header.

    Parameters
    ----------
    header
        The text of the header.
    name
        The model to use where the header holds several.
    width
        The vector width in bytes to compile for; None for all of them.
    """
    models = {model: space for space, model in _NAMESPACE.findall(header)}
    if not models or "modelDescription" not in header:
        raise SofieError("this is not a header that pysofie's core has generated")
    if name is None and len(models) > 1:
        raise SofieError(f"the header holds the models {', '.join(models)}: say which one with name=")
    if name is not None and name not in models:
        raise SofieError(f"the header holds no model {name!r}, but {', '.join(models)}")
    space = models[name] if name else next(iter(models.values()))

    digest = hashlib.sha256("\0".join([header, _GLUE.template, space, str(width)]).encode()).hexdigest()[:24]
    # Macros, and not a replacement in the text: what is quoted in it stays as it is. Guards change as well: one may
    # be defined already, and the one of a model with a name in upper case is spelt as its namespace.
    macros = {space: f"{space}_{digest}" for space in models.values()}
    if width is not None:
        macros["TMVA_SOFIE_VECTOR_BYTES"] = str(width)
    lines = [
        *(f'#pragma push_macro("{macro}")\n#undef {macro}\n#define {macro} {value}' for macro, value in macros.items()),
        _GUARD.sub(lambda match: match.group().replace(match[1], f"{match[1]}_GUARD_{digest}"), header),
        _GLUE.substitute(space=f"pysofie_{digest}", model=space, error_bytes=ERROR_BYTES),
        *(f'#pragma pop_macro("{macro}")' for macro in macros),
    ]
    return Source("\n".join(lines) + "\n", f"pysofie_{digest}")


class Program:
    """The code of one model, loaded. It stays loaded as long as the process lives."""

    def __init__(self, address: int, backend: Backend) -> None:
        table = _Table.from_address(address)
        self.address = address
        self.backend = backend
        self.signature = Signature.from_json(table.description.decode())
        # Without argtypes a call is a third faster; what is passed has its type already.
        self.run: Callable[..., int] = ctypes.CFUNCTYPE(ctypes.c_int)(table.run)
        self._create = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p)(table.create)
        self._destroy = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(table.destroy)

    def create(self, weights: Path | None) -> Handle:
        """Make a C++ Session; it is deleted with the handle."""
        error = ctypes.create_string_buffer(ERROR_BYTES)
        session = self._create(b"" if weights is None else bytes(weights), error)
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
