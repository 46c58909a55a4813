"""Who is measured: our code in its modes, and its peers in their settings.

A contestant is a small class: `prepare` turns a case into a running timing program. Contestants of one family compete
for being its best setting; the family's figure is that of the best. What peers compile is kept in the case's folder,
ours is made anew in each run.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import torch
from program import ONE_THREAD, Program, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from networks import Case

HERE = Path(__file__).parent
LOOPS = HERE / "loops"
COMPILER = os.environ.get("CXX", "g++")
OURS = "pysofie"
EMPTY_CALL = "empty call"


class Contestant(Protocol):
    """What is measured: a family and one of its settings."""

    @property
    def family(self) -> str:
        """The library."""

    @property
    def setting(self) -> str:
        """How it is used."""

    def prepare(self, case: Case, folder: Path) -> Program:
        """Compile what the case needs into the folder, and start the program that times it."""


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
    return Program([sys.executable, HERE / "python_loop.py", how, case.network.name, str(case.batch), *arguments])


def input_file(case: Case, folder: Path) -> Path:
    """Write the case's input for the programs in C++."""
    path = folder / "input.bin"
    case.input.tofile(path)
    return path


def traced(case: Case) -> torch.jit.ScriptModule:
    """Return the case's network as TorchScript."""
    module: torch.jit.ScriptModule = torch.jit.trace(case.module, torch.from_numpy(case.input))
    return module


def export(what: str, case: Case, path: Path, **options: bool | str) -> None:
    """Write what a peer needs, by exports.py in a process of its own."""
    arguments: list[str | Path] = [what, case.network.name, str(case.batch), path, repr(options)]
    inductor = {"TORCHINDUCTOR_CACHE_DIR": str(path.parent / "inductor"), "TORCHINDUCTOR_COMPILE_THREADS": "1"}
    run([sys.executable, HERE / "exports.py", *arguments], inductor | ONE_THREAD)


# ---- ours ------------------------------------------------------------------------------------------------------------


@cache
def generated_header(case: Case, folder: Path) -> Path:
    """Write the case's header with its weights beside it, the public way: a TorchScript file, parsed."""
    import pysofie

    saved, header = folder / f"{case.identifier}.pt", folder / f"{case.identifier}.hxx"
    traced(case).save(saved)
    model = pysofie.parse(saved, [case.shape], name=case.identifier)
    model.Generate()
    model.OutputGenerated(str(header))
    return header


def weight_file(header: Path) -> Path | str:
    """Return the file of weights beside a header, or nothing if they are inline."""
    return next((path for suffix in (".dat", ".sofie") if (path := header.with_suffix(suffix)).exists()), "")


@dataclass(frozen=True)
class CompiledHeader:
    """Our header in a C++ loop by the system's compiler: doInfer on the caller's buffers, or infer."""

    setting: str
    flags: tuple[str, ...]
    call: str = "doInfer"
    family: str = OURS

    def prepare(self, case: Case, folder: Path) -> Program:
        """See Contestant."""
        header = generated_header(case, folder)
        sources = [LOOPS / name for name in ("session_loop.cxx", "session_loop.hxx", "loop.hxx")]
        names = [f'-DMODEL_HEADER="{header}"', f"-DMODEL=TMVA_SOFIE_{case.identifier}"]
        command: list[str | Path] = [COMPILER, "-std=c++17", *self.flags, *names, sources[0], "-o"]
        path = folder / f"session_loop-{digest(header, *sources, self.flags, compiler_version())}"
        program = made(path, lambda unfinished: run([*command, unfinished]))
        return Program([program, self.call, weight_file(header), input_file(case, folder), str(case.reference.size)])


@dataclass(frozen=True)
class ClingHeader:
    """The same loop compiled by cling, as a user of PyROOT gets it."""

    setting: str = "cling"
    family: str = OURS

    def prepare(self, case: Case, folder: Path) -> Program:
        """See Contestant."""
        header = generated_header(case, folder)
        return python_loop("cling", case, header, weight_file(header), input_file(case, folder))


@dataclass(frozen=True)
class PythonSession:
    """A session called from Python on numpy arrays."""

    setting: str = "python"
    family: str = OURS

    def prepare(self, case: Case, folder: Path) -> Program:
        """See Contestant."""
        return python_loop("pysofie", case, generated_header(case, folder).with_suffix(".pt"))


# ---- peers -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OnnxRuntime:
    """onnxruntime called from Python (its wheel has no headers for C++), one thread.

    With `empty` the network is an identity on the same input: what a call costs before anything is computed.
    """

    setting: str
    how: str
    empty: bool = False

    @property
    def family(self) -> str:
        """See Contestant."""
        return f"onnxruntime {EMPTY_CALL}" if self.empty else "onnxruntime"

    def prepare(self, case: Case, folder: Path) -> Program:
        """See Contestant."""
        what = "onnx_identity" if self.empty else "onnx"
        return python_loop(self.how, case, made(folder / f"{what}.onnx", lambda path: export(what, case, path)))


@dataclass(frozen=True)
class Eager:
    """PyTorch as it is, from Python, in inference mode."""

    setting: str = "inference mode"
    family: str = "PyTorch eager"

    def prepare(self, case: Case, folder: Path) -> Program:
        """See Contestant."""
        return python_loop("eager", case)


@dataclass(frozen=True)
class TorchScript:
    """A traced and frozen module in a C++ loop."""

    setting: str
    how: str = "torchscript"
    optimize: bool = False
    family: str = "TorchScript"

    def prepare(self, case: Case, folder: Path) -> Program:
        """See Contestant."""

        def save(path: Path) -> None:
            module = torch.jit.freeze(traced(case))
            (torch.jit.optimize_for_inference(module) if self.optimize else module).save(path)

        module = made(folder / f"torchscript-{'optimized' if self.optimize else 'frozen'}.pt", save)
        return torch_loop(self.how, module, case, folder)


@dataclass(frozen=True)
class AOTInductor:
    """A package by PyTorch's ahead-of-time compiler in a C++ loop."""

    setting: str
    options: tuple[tuple[str, bool | str], ...] = ()
    family: str = "AOTInductor"

    def prepare(self, case: Case, folder: Path) -> Program:
        """See Contestant."""

        def compile_package(path: Path) -> None:
            export("aotinductor", case, path, **dict(self.options))

        package = made(folder / f"aotinductor-{digest(self.options, compiler_version())}.pt2", compile_package)
        return torch_loop("aotinductor", package, case, folder)


def torch_loop(how: str, model: Path, case: Case, folder: Path) -> Program:
    """Start the C++ loop around PyTorch's library, compiled once for all cases."""
    sources = [LOOPS / "torch_loop.cxx", LOOPS / "loop.hxx"]
    root = Path(torch.__file__).parent
    headers = [f"-I{root / 'include'}", f"-I{root / 'include/torch/csrc/api/include'}"]
    libraries = [f"-L{root / 'lib'}", f"-Wl,-rpath,{root / 'lib'}", "-Wl,--no-as-needed", "-ltorch_cpu", "-lc10"]
    libraries += ["-Wl,--allow-shlib-undefined"]  # of the CUDA build, whose libraries are elsewhere
    abi = f"-D_GLIBCXX_USE_CXX11_ABI={int(torch.compiled_with_cxx11_abi())}"
    command: list[str | Path] = [COMPILER, "-std=c++20", "-O2", "-w", abi, *headers, sources[0], *libraries]
    path = folder.parent / f"torch_loop-{digest(*sources, torch.__version__, str(root), compiler_version())}"
    program = made(path, lambda unfinished: run([*command, "-o", unfinished]))
    return Program([program, how, model, input_file(case, folder), *map(str, case.shape)])


MAX_AUTOTUNE = (("freezing", True), ("max_autotune", True))
O3_WRAPPER = (("aot_inductor.compile_wrapper_opt_level", "O3"), ("cpp_cache_precompile_headers", False))

CONTESTANTS: tuple[Contestant, ...] = (
    CompiledHeader("-O2", ("-O2",)),
    CompiledHeader("-O3 -march=native", ("-O3", "-march=native")),
    ClingHeader(),
    PythonSession(),
    CompiledHeader("-O2, infer", ("-O2",), call="infer"),
    OnnxRuntime("run", "onnxruntime_run"),
    OnnxRuntime("IOBinding", "onnxruntime_binding"),
    OnnxRuntime("run", "onnxruntime_run", empty=True),
    OnnxRuntime("IOBinding", "onnxruntime_binding", empty=True),
    Eager(),
    TorchScript("frozen"),
    TorchScript("frozen, static runtime", how="static_runtime"),
    TorchScript("frozen, optimized", optimize=True),
    AOTInductor("plain"),
    AOTInductor("freezing", (("freezing", True),)),
    AOTInductor("max-autotune", MAX_AUTOTUNE),
    AOTInductor("max-autotune, wrapper at -O3", (*MAX_AUTOTUNE, *O3_WRAPPER)),
)
