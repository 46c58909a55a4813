"""The system's C++ compiler, and the cache of what it compiled.

A shared object is a pure function of its key: source text, compiler and its version, flags, what the CPU can do and
pysofie's version (home directories are shared by unlike nodes). Each file ends with a checksum of itself, is written
under another name and renamed, and is compiled again where it does not hold what it says.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import logging
import os
import platform
import shlex
import shutil
import subprocess
import tempfile
import time
import weakref
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from pysofie.errors import SofieError

log = logging.getLogger(__name__)

FLAGS = ("-std=c++17", "-O3", "-fPIC", "-shared", "-fvisibility=hidden")
CACHE_ENV = "PYSOFIE_CACHE_DIR"
FLAGS_ENV = "CXXFLAGS"
WIDTH_ENV = "SOFIE_VECTOR_BYTES"
UNUSED_DAYS = 30
DIGEST_BYTES = hashlib.sha256().digest_size

# Vector width in bytes -> what the CPU must have for it, widest first; the same rule as in the generated headers.
_WIDTHS = {64: {"avx512f", "avx512bw", "avx512dq", "avx512vl"}, 32: {"avx2", "fma"}}


class CompilerError(SofieError):
    """The system's compiler did not accept the code that it was given."""


@dataclass(frozen=True)
class Compiler:
    """A C++ compiler that was found and answers."""

    command: tuple[str, ...]
    version: str

    @property
    def name(self) -> str:
        """The command as the user would type it."""
        return shlex.join(self.command)


def find_compiler() -> Compiler | None:
    """Find $CXX or the first of c++, g++, clang++ that answers; None where there is none.

    Raises
    ------
    SofieError
        If $CXX is set and does not run: a wish that cannot be granted is not passed over.
    """
    if wanted := os.environ.get("CXX"):
        if compiler := _probe(tuple(shlex.split(wanted)), os.environ.get("PATH", "")):
            return compiler
        raise SofieError(f"CXX={wanted} is not a C++ compiler that runs here: correct it, or unset it")
    found = (_probe((name,), os.environ.get("PATH", "")) for name in ("c++", "g++", "clang++"))
    return next((compiler for compiler in found if compiler), None)


@functools.cache
def _probe(command: tuple[str, ...], path: str) -> Compiler | None:
    """Ask `command`, looked up in `path`, for its version (once in a process)."""
    if not command or not (program := shutil.which(command[0], path=path)):
        return None
    resolved = (program, *command[1:])
    try:
        answer = subprocess.run([*resolved, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return Compiler(resolved, f"{Path(program).resolve()}\n{answer.stdout}") if answer.returncode == 0 else None


@functools.cache
def cpu_features() -> frozenset[str]:
    """Return what this CPU offers, by the kernel's names; nothing where the kernel does not say."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    names = (line.partition(":") for line in lines if line.startswith(("flags", "Features")))
    return next((frozenset(value.split()) for _, _, value in names), frozenset())


def vector_bytes(wanted: int | None = None) -> int | None:
    """Return the vector width to compile for, the one wanted or the widest; None leaves the choice to the header at run time.

    SOFIE_VECTOR_BYTES, which pins the width of any generated header at run time, is obeyed here too.
    """
    asked, value = ("vector_bytes", str(wanted)) if wanted is not None else (WIDTH_ENV, os.environ.get(WIDTH_ENV))
    if value:
        if value not in {"16", "32", "64"}:
            raise SofieError(f"{asked}={value}: the widths are 16, 32 and 64")
        return int(value)
    if not (features := cpu_features()):
        return None
    return next((width for width, needed in _WIDTHS.items() if needed <= features), 16)


def cache_dir() -> Path:
    """Where compiled models are kept: $PYSOFIE_CACHE_DIR, the user's cache, or a folder of this process."""
    wanted = os.environ.get(CACHE_ENV)
    folder = Path(wanted).expanduser() if wanted else Path(platformdirs.user_cache_dir("pysofie"))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        log.warning("compiled models cannot be kept in %s (%s): a temporary folder is used", folder, error.strerror)
        return _temporary_cache().path


class PrivateFolder:
    """A new folder that only this user can read; it goes with the object, or at the end of the process."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="pysofie-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


@functools.cache
def _temporary_cache() -> PrivateFolder:
    return PrivateFolder()


def build_shared(source: str, compiler: Compiler, flags: tuple[str, ...] = ()) -> Path:
    """Compile C++ text into a shared object, or find it in the cache.

    Parameters
    ----------
    source
        The whole translation unit. It is written to a file of a fixed name and never becomes part of a command.
    compiler
        From `find_compiler`.
    flags
        Added to `FLAGS` and to those of $CXXFLAGS.
    """
    flags = (*_environment_flags(), *flags)
    folder = cache_dir()
    target = folder / f"{_key(source, compiler, flags)}.so"
    if _is_sound(target):
        log.debug("found %s", target)
        return target
    with tempfile.TemporaryDirectory(prefix=".build-", dir=folder, ignore_cleanup_errors=True) as build:
        text, shared = Path(build, "model.cxx"), Path(build, "model.so")
        text.write_text(source, encoding="utf-8")
        _run([*compiler.command, *FLAGS, *flags, "-o", shared.name, text.name], folder=build)
        shared.write_bytes((code := shared.read_bytes()) + hashlib.sha256(code).digest())
        shared.replace(target)
    _forget_unused(folder)
    return target


def _environment_flags() -> list[str]:
    wanted = os.environ.get(FLAGS_ENV, "")
    try:
        return shlex.split(wanted)
    except ValueError as error:
        raise SofieError(f"{FLAGS_ENV}={wanted} are no flags of a compiler: {error}") from error


def _key(source: str, compiler: Compiler, flags: tuple[str, ...]) -> str:
    parts = (
        source,
        compiler.name,
        compiler.version,
        *FLAGS,
        *flags,
        platform.machine(),
        " ".join(sorted(cpu_features())),
        str(vector_bytes()),
        _own_version(),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:40]


@functools.cache
def _own_version() -> str:
    try:
        return importlib.metadata.version("pysofie")
    except importlib.metadata.PackageNotFoundError:
        return "source tree"


def _is_sound(shared: Path) -> bool:
    """Whether the file is there and whole; says that it was used."""
    try:
        content = shared.read_bytes()
        if hashlib.sha256(content[:-DIGEST_BYTES]).digest() != content[-DIGEST_BYTES:]:
            log.warning("%s is damaged and is compiled again", shared)
            return False
        os.utime(shared)
    except OSError:
        return False
    return True


def _run(command: list[str], folder: str) -> None:
    log.info("compiling: %s", shlex.join(command))
    start = time.perf_counter()
    english = os.environ | {"LC_ALL": "C"}
    try:
        result = subprocess.run(
            command, cwd=folder, env=english, capture_output=True, text=True, errors="replace", check=False
        )
    except OSError as error:
        raise CompilerError(f"{command[0]} does not run: {error.strerror}") from error
    if result.returncode:
        lines = result.stderr.strip().splitlines()
        reasons = [line for line in lines if "error" in line] or lines[-5:] or [f"exit code {result.returncode}"]
        raise CompilerError("\n".join([f"{command[0]} could not compile the model:", *reasons[:5]]))
    log.info("compiled in %.2f s", time.perf_counter() - start)


def _forget_unused(folder: Path) -> None:
    """Delete what no process has asked for in a month."""
    limit = time.time() - UNUSED_DAYS * 24 * 3600
    for shared in folder.glob("*.so"):
        try:
            if shared.stat().st_mtime < limit:
                shared.unlink()
        except OSError:
            log.debug("%s stays", shared)
