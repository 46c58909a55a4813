"""Our code in its modes; it is generated and compiled anew in each run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from program import Program, run
from tools import COMPILER, LOOPS, Contestant, compiler_version, digest, input_file, made, python_loop, traced

from pysofie.config import cling_arguments

if TYPE_CHECKING:
    from pathlib import Path

    from networks import Case

OURS = "pysofie"


@cache
def parsed(case: Case, folder: Path) -> Any:
    """Return the case's RModel with its code generated, the public way: a TorchScript or Keras file, parsed."""
    import pysofie

    if case.is_keras:
        saved = folder / f"{case.identifier}.keras"
        case.module.save(saved)
        model = pysofie.parse(saved, batch_size=case.batch, name=case.identifier)
    else:
        saved = folder / f"{case.identifier}.pt"
        traced(case).save(saved)
        model = pysofie.parse(saved, [case.shape], name=case.identifier)
    model.Generate()
    return model


@cache
def generated_header(case: Case, folder: Path) -> Path:
    """Write the case's header with its weights beside it."""
    header = folder / f"{case.identifier}.hxx"
    parsed(case, folder).OutputGenerated(str(header))
    return header


def weight_file(header: Path) -> Path | str:
    """Return the file of weights beside a header, or nothing if they are inline."""
    return next((path for suffix in (".dat", ".sofie") if (path := header.with_suffix(suffix)).exists()), "")


@dataclass(frozen=True, kw_only=True)
class CompiledHeader(Contestant):
    """Our header in a C++ loop by the system's compiler: doInfer on the caller's buffers, or infer."""

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


@dataclass(frozen=True, kw_only=True)
class ClingHeader(Contestant):
    """The same loop compiled by cling."""

    arguments: str
    family: str = OURS

    def prepare(self, case: Case, folder: Path) -> Program:
        """See Contestant."""
        header = generated_header(case, folder)
        return python_loop("cling", case, header, weight_file(header), input_file(case, folder), self.arguments)


@dataclass(frozen=True, kw_only=True)
class PythonSession(Contestant):
    """A session called from Python on numpy arrays."""

    setting: str = "python"
    family: str = OURS

    def prepare(self, case: Case, folder: Path) -> Program:
        """See Contestant."""
        return python_loop("pysofie", case, generated_header(case, folder))


NATIVE = CompiledHeader(setting="-O3 -march=native", flags=("-O3", "-march=native"))
PORTABLE = CompiledHeader(setting="-O2 -march=x86-64-v2", flags=("-O2", "-march=x86-64-v2"))
CLING = ClingHeader(setting="cling", arguments=cling_arguments(), brief=False)
PLAIN_CLING = ClingHeader(setting="cling, without pysofie", arguments="", brief=False)
PYTHON = PythonSession(brief=False)
INFER = CompiledHeader(setting="-O2, infer", flags=("-O2",), call="infer", brief=False)
