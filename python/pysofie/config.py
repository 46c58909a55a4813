"""Where the library, its headers and the record of its build are, what a shell needs to find them, and how cling is to start.

The core is installed inside the package: `lib` with the library, its dictionary and the CMake package, `include` with ROOT's header
names. In an editable install these are in site-packages while the sources are elsewhere, hence the look at the package's whole path.
"""

from __future__ import annotations

import functools
import json
import os
import shlex
import sys
from pathlib import Path
from typing import Any

from pysofie.errors import SofieError

RECORD = "lib/build.json"
CLING_ENV = "EXTRA_CLING_ARGS"
CLING_ALLOCATOR = "-optimize-regalloc"


@functools.cache
def _installation() -> Path | None:
    """Return the folder in which `lib` and `include` were installed, or None in a tree of sources."""
    places = (Path(place) for place in sys.modules[__package__].__path__)
    return next((place for place in places if (place / RECORD).is_file()), None)


@functools.cache
def build_record() -> dict[str, Any]:
    """Return what CMake wrote down: `version`, `root`, `builtin_sofie` and the compiler; empty in a tree of sources."""
    place = _installation()
    return dict(json.loads((place / RECORD).read_text())) if place else {}


def library_dir() -> Path | None:
    """Return the folder of libpysofie.so, or None where no core was built: ROOT has SOFIE, or pysofie is not installed."""
    place = _installation()
    return place / "lib" if place and build_record()["builtin_sofie"] else None


def include_dir() -> Path:
    """Return the folder that holds `TMVA/RModel.hxx`; without a core of ours there is none, ROOT has its own."""
    place = _installation()
    if place is None or library_dir() is None:
        raise SofieError(
            "pysofie has no headers of its own here: it was installed without its core, for a ROOT that has SOFIE"
            if place
            else "pysofie is not installed: pip install pysofie (or, in its sources, pip install -e .)"
        )
    return place / "include"


def check_root(version: str) -> None:
    """Refuse a ROOT other than the one that the core was built against; `version` is what `gROOT.GetVersion()` says."""
    built, running = build_record().get("root"), version.replace("/", ".")
    if built is not None and built != running:
        raise SofieError(
            f"pysofie was built against ROOT {built} and this is ROOT {running}: "
            "pip install --force-reinstall --no-deps --no-cache-dir pysofie"
        )


def shell_environment() -> dict[str, str]:
    """Return what to put in front of these variables so that ROOT macros and CMake find pysofie."""
    library, place = library_dir(), _installation()
    if place is None:
        return {}
    cmake = {"CMAKE_PREFIX_PATH": str(place)}
    if library is None:
        return cmake
    search = "DYLD_LIBRARY_PATH" if sys.platform == "darwin" else "LD_LIBRARY_PATH"
    return {"ROOT_INCLUDE_PATH": str(include_dir()), search: str(library)} | cmake


def shell_setup() -> str:
    """Return the lines for `eval "$(pysofie env)"`, in the language of POSIX shells; what the variables held stays behind."""
    lines = [
        f'export {name}={shlex.quote(value)}"${{{name}:+:${name}}}"\n' for name, value in shell_environment().items()
    ]
    if lines:
        lines.append(f"export {CLING_ENV}={shlex.quote(cling_arguments())}\n")
    return "".join(lines)


def cling_arguments() -> str:
    """Return what ROOT is to start cling with: what the environment has, and the register allocator that is LLVM's default.

    ROOT takes LLVM's fast one, whose code is slower (docs/header.md has figures). Who has named an allocator keeps it.
    """
    given = os.environ.get(CLING_ENV, "")
    return given if CLING_ALLOCATOR in given else f"{given} -mllvm {CLING_ALLOCATOR}".lstrip()
