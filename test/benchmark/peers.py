"""Our peers, each in several settings, one thread. What they compile is kept in the case's folder."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from networks import channels_last, in_torch
from program import Program, run
from tools import (
    COMPILER,
    LOOPS,
    Contestant,
    compiler_version,
    digest,
    export,
    input_file,
    made,
    package_folder,
    python_loop,
    traced,
)

if TYPE_CHECKING:
    from networks import Case


@dataclass(frozen=True, kw_only=True)
class OnnxRuntime(Contestant):
    """onnxruntime called from Python (its wheel has no headers for C++)."""

    how: str
    family: str = "onnxruntime"
    packages: tuple[str, ...] = ("onnxruntime",)

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
    family: str = "TorchScript"

    def prepare(self, case: Case, folder: Path) -> Program:
        """See Contestant."""
        module = made(folder / "frozen.pt", lambda path: torch.jit.freeze(traced(in_torch(case))).save(path))
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
    own = in_torch(case)
    return Program([program, how, model, input_file(case, folder, own.input), *map(str, own.shape)])


@dataclass(frozen=True, kw_only=True)
class OpenVino(Contestant):
    """OpenVINO, made for low latency, in a C++ loop."""

    setting: str = "latency"
    family: str = "OpenVINO"
    packages: tuple[str, ...] = ("openvino",)

    def prepare(self, case: Case, folder: Path) -> Program:
        """See Contestant."""
        root = _folder("openvino")
        library = next((root / "libs").glob("libopenvino.so.*"))
        sources = [LOOPS / "openvino_loop.cxx", LOOPS / "loop.hxx"]
        command = [
            COMPILER,
            "-std=c++17",
            "-O2",
            "-w",
            f"-I{root / 'include'}",
            sources[0],
            library,
            *_found_by(root / "libs"),
        ]
        path = folder.parent / f"openvino_loop-{digest(*sources, library.name, str(root), compiler_version())}"
        program = made(path, lambda unfinished: run([*command, "-o", unfinished]))
        return Program([program, onnx_file(case, folder), input_file(case, folder, in_torch(case).input)])


@dataclass(frozen=True, kw_only=True)
class LiteRT(Contestant):
    """LiteRT (TensorFlow Lite as it was) with XNNPACK, called from Python: its wheel has no headers."""

    setting: str = "XNNPACK"
    family: str = "LiteRT"
    packages: tuple[str, ...] = ("ai_edge_litert", "tensorflow")

    def prepare(self, case: Case, folder: Path) -> Program:
        """See Contestant."""
        name = "empty.tflite" if self.empty else "network.tflite"
        model = made(folder / name, lambda path: export("tflite", case, path, empty=self.empty))
        return python_loop("litert", case, model)


@dataclass(frozen=True, kw_only=True)
class Xla(Contestant):
    """What XLA's ahead-of-time compiler makes of the network's twin, with vectors that wide, in a C++ loop."""

    width: int
    family: str = "XLA"
    packages: tuple[str, ...] = ("tensorflow",)

    def prepare(self, case: Case, folder: Path) -> Program:
        """See Contestant."""
        model = made(folder / "saved_model", lambda path: export("saved_model", case, path))
        program = made(folder / f"xla-{self.width}" / "loop", lambda path: self._build(case, model, path))
        return Program([program, input_file(case, folder, channels_last(case))])

    def _build(self, case: Case, model: Path, program: Path) -> None:
        root, folder = _folder("tensorflow"), program.parent
        folder.mkdir(exist_ok=True)
        cli: list[str | Path] = [sys.executable, "-m", "tensorflow.python.tools.saved_model_cli", "aot_compile_cpu"]
        cli += ["--dir", model, "--tag_set", "serve", "--signature_def_key", "serving_default"]
        cli += [
            "--cpp_class",
            "benchmark::Network",
            "--output_prefix",
            folder / "network",
            "--target_cpu",
            target_cpu(),
        ]
        run(cli, {"XLA_FLAGS": f"--xla_cpu_prefer_vector_width={self.width}"})
        parts = ("tensorflow_cc", "tensorflow_framework")
        libraries = [next(root.glob(f"lib{part}.so.*")) for part in parts]
        runtime = root / "xla_aot_runtime_src/tensorflow/compiler/tf2xla/xla_compiled_cpu_function.cc"
        command: list[str | Path] = [COMPILER, "-std=c++17", "-O2", "-w", f"-I{root / 'include'}", f"-I{LOOPS}"]
        command += [f'-DXLA_HEADER="{folder / "network.h"}"', LOOPS / "xla_loop.cxx", runtime, *folder.glob("*.o")]
        run([*command, *libraries, *_found_by(root), "-o", program])


def target_cpu() -> str:
    """Return the name by which LLVM knows a processor that has this one's vector instructions."""
    cpu = Path("/proc/cpuinfo")
    flags = cpu.read_text().split() if cpu.exists() else []
    names = {"avx512vl": "skylake-avx512", "avx2": "haswell"}
    return next((name for flag, name in names.items() if flag in flags), "x86-64")


def _folder(package: str) -> Path:
    folder = package_folder(package)
    assert folder, package
    return folder


def _found_by(folder: Path) -> tuple[str, ...]:
    """Return what a linker is told of shared libraries in a folder, which bring others of their own."""
    return (f"-Wl,-rpath,{folder}", "-Wl,--allow-shlib-undefined")


MAX_AUTOTUNE = (("freezing", True), ("max_autotune", True))
O3_WRAPPER = (("aot_inductor.compile_wrapper_opt_level", "O3"), ("cpp_cache_precompile_headers", False))

PEERS: tuple[Contestant, ...] = (
    OnnxRuntime(setting="run", how="onnxruntime_run", brief=False),
    OnnxRuntime(setting="IOBinding", how="onnxruntime_binding"),
    OnnxRuntime(setting="run", how="onnxruntime_run", empty=True, brief=False),
    OnnxRuntime(setting="IOBinding", how="onnxruntime_binding", empty=True),
    OpenVino(),
    LiteRT(),
    LiteRT(empty=True),
    Xla(setting="vectors of 256 bits", width=256),
    Xla(setting="vectors of 512 bits", width=512),
    Eager(),
    Eager(empty=True),
    TorchScript(setting="frozen", brief=False),
    TorchScript(setting="frozen, static runtime", how="static_runtime", brief=False),
    TorchScript(setting="frozen, optimized", how="optimized"),
    AOTInductor(setting="plain", brief=False),
    AOTInductor(setting="freezing", options=(("freezing", True),)),
    AOTInductor(setting="max-autotune", options=MAX_AUTOTUNE, brief=False),
    AOTInductor(setting="max-autotune, wrapper at -O3", options=(*MAX_AUTOTUNE, *O3_WRAPPER), brief=False),
)
