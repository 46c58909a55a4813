"""What contestants are made with: a compiler, files that are kept, processes of their own."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from program import ONE_THREAD, Program, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from networks import Case, Floats

HERE = Path(__file__).parent
LOOPS = HERE / "loops"
COMPILER = os.environ.get("CXX", "g++")


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """One setting of one library.

    Settings of one family compete for being its best; its figure is that of the best. An `empty` contestant runs a network
    that computes nothing: what a call costs before anything is computed, which the same setting's figure is credited with.
    One that is not `brief` is left out of a quick look.
    """

    family: str
    setting: str
    packages: tuple[str, ...] = ()
    empty: bool = False
    brief: bool = True

    @property
    def title(self) -> str:
        """Library and setting, as the reports name them."""
        return f"{self.family}, {self.setting}{', empty call' if self.empty else ''}"

    def prepare(self, case: Case, folder: Path) -> Program:
        """Compile what the case needs into the folder, and start the program that times it."""
        raise NotImplementedError


@cache
def package_folder(name: str) -> Path | None:
    """Return where a package is installed, if it is; it is not imported."""
    found = importlib.util.find_spec(name)
    return Path(found.submodule_search_locations[0]) if found and found.submodule_search_locations else None


def made(path: Path, make: Callable[[Path], object]) -> Path:
    """Return the file, made first where it is missing; an interrupted attempt leaves none of that name."""
    if not path.exists():
        unfinished = path.with_stem(f"unfinished-{path.stem}")
        make(unfinished)
        unfinished.rename(path)
    return path


def digest(*parts: object) -> str:
    """Return a short hash of files' contents and of other values' texts."""
    contents = [part.read_bytes() if isinstance(part, Path) else repr(part).encode() for part in parts]
    return hashlib.sha256(b"\0".join(contents)).hexdigest()[:12]


@cache
def compiler_version() -> str:
    """Return the first line of what the compiler says about itself."""
    try:
        said = subprocess.run([COMPILER, "--version"], check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return f"{COMPILER} is missing"
    return said.splitlines()[0]


def python_loop(how: str, case: Case, *arguments: str | Path) -> Program:
    """Start the Python program that times calls from Python."""
    return Program([sys.executable, HERE / "python_loop.py", how, case.name, *arguments])


def input_file(case: Case, folder: Path, ordered: Floats | None = None) -> Path:
    """Write the case's input, or its values in another order, for the programs in C++."""
    values = case.input if ordered is None else ordered
    path = folder / f"input-{'x'.join(map(str, values.shape))}.bin"
    values.tofile(path)
    return path


def traced(case: Case) -> torch.jit.ScriptModule:
    """Return the case's network as TorchScript."""
    module: torch.jit.ScriptModule = torch.jit.trace(case.module, torch.from_numpy(case.input))
    return module


def export(what: str, case: Case, path: Path, **options: bool | str) -> None:
    """Write what a peer needs, by exports.py in a process of its own."""
    inductor = {"TORCHINDUCTOR_CACHE_DIR": str(path.parent / "inductor"), "TORCHINDUCTOR_COMPILE_THREADS": "1"}
    run([sys.executable, HERE / "exports.py", what, case.name, path, repr(options)], inductor | ONE_THREAD)
