"""Our peers, each in several settings, one thread. What they compile is kept in the case's folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from program import Program, run
from tools import COMPILER, LOOPS, Contestant, compiler_version, digest, export, input_file, made, python_loop, traced

if TYPE_CHECKING:
    from networks import Case


@dataclass(frozen=True, kw_only=True)
class OnnxRuntime(Contestant):
    """onnxruntime called from Python (its wheel has no headers for C++)."""

    how: str
    family: str = "onnxruntime"
    package: str = "onnxruntime"

    def prepare(self, case: Case, folder: Path) -> Program:
        """See Contestant."""
        return python_loop(self.how, case, onnx_file(case, folder, empty=self.empty))


def onnx_file(case: Case, folder: Path, *, empty: bool = False) -> Path:
    """Return the network, or an identity with the same input, as ONNX."""
    what = "onnx_identity" if empty else "onnx"
    return made(folder / f"{what}.onnx", lambda path: export(what, case, path))


@dataclass(frozen=True, kw_only=True)
class Eager(Contestant):
    """PyTorch as it is, from Python, in inference mode."""

    setting: str = "inference mode"
    family: str = "PyTorch eager"

    def prepare(self, case: Case, folder: Path) -> Program:
        """See Contestant."""
        return python_loop("identity" if self.empty else "eager", case)


@dataclass(frozen=True, kw_only=True)
class TorchScript(Contestant):
    """A traced and frozen module in a C++ loop."""

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


@dataclass(frozen=True, kw_only=True)
class AOTInductor(Contestant):
    """A package by PyTorch's ahead-of-time compiler in a C++ loop."""

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

PEERS: tuple[Contestant, ...] = (
    OnnxRuntime(setting="run", how="onnxruntime_run", brief=False),
    OnnxRuntime(setting="IOBinding", how="onnxruntime_binding"),
    OnnxRuntime(setting="run", how="onnxruntime_run", empty=True, brief=False),
    OnnxRuntime(setting="IOBinding", how="onnxruntime_binding", empty=True),
    Eager(),
    Eager(empty=True),
    TorchScript(setting="frozen", brief=False),
    TorchScript(setting="frozen, static runtime", how="static_runtime", brief=False),
    TorchScript(setting="frozen, optimized", optimize=True),
    AOTInductor(setting="plain", brief=False),
    AOTInductor(setting="freezing", options=(("freezing", True),)),
    AOTInductor(setting="max-autotune", options=MAX_AUTOTUNE, brief=False),
    AOTInductor(setting="max-autotune, wrapper at -O3", options=(*MAX_AUTOTUNE, *O3_WRAPPER), brief=False),
)
