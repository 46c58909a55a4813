"""The Makefile on machines that lack something, the CMake build, and what is installed: `pysofie.config`, find_package, macros."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import pysofie
from pysofie import config
from pysofie.errors import SofieError

SOURCES = Path(__file__).parents[1]
# The program itself: what the wheel puts on PATH is a Python script, and some tests take Python's packages away.
CMAKE = shutil.which("cmake", path=Path(sysconfig.get_path("purelib"), "cmake/data/bin")) or "cmake"
ROOT_WHEEL = Path(sysconfig.get_path("platlib"), "ROOT")

needs_core = pytest.mark.skipif(config.library_dir() is None, reason="pysofie is installed without a core of its own")
needs_wheel = pytest.mark.skipif(not (ROOT_WHEEL / "cmake").is_dir(), reason="ROOT is not from its PyPI wheel")


def run(*command: str | Path, **keywords: object) -> subprocess.CompletedProcess[str]:
    keywords = {"cwd": SOURCES, "capture_output": True, "text": True, "timeout": 600} | keywords
    return subprocess.run([str(word) for word in command], check=False, **keywords)


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


# ---The Makefile------------------------------------------------------------------------------------------------------


def test_plain_make_lists_the_targets() -> None:
    answer = run("make")
    described = {line.split()[1]: line.split(maxsplit=2)[2] for line in answer.stdout.splitlines()}
    phony = set(re.findall(r"^\.PHONY: (\w+)$", (SOURCES / "Makefile").read_text(), re.MULTILINE))
    assert {"demo", "test", "bench", "lint", "clean"} <= set(described)
    assert phony - {"compiler"} == set(described)


TOOLS = ("cat", "expand", "find", "grep", "make", "mkdir", "mv", "rm", "sed", "sh", "test", "touch")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder to be the PATH of a machine with make and the usual small tools, and nothing else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        if path := shutil.which(tool):
            (folder / tool).symlink_to(path)
    return folder


def make_on(machine: Path, *arguments: str | Path, **environment: str) -> tuple[int, list[str]]:
    """Call make on a machine; return its status and what it and its tools complain of, one entry a line."""
    environment = {"PATH": str(machine), "HOME": str(machine), "PIP_CONFIG_FILE": os.devnull} | environment
    answer = run(machine / "make", f"VENV={machine.parent / 'venv'}", "PYTHON=", *arguments, env=environment)
    return answer.returncode, [line for line in answer.stderr.splitlines() if not line.startswith("make: ***")]


@pytest.mark.parametrize(
    ("tools", "target", "message"),
    [
        pytest.param({}, "demo", r"no C\+\+ compiler: .* package g\+\+ \(apt install g\+\+\)", id="compiler"),
        pytest.param({"g++": ""}, "demo", r"no Python: .* python3 and python3-venv", id="python"),
        pytest.param({}, "lint", r"no Python: .* python3 and python3-venv", id="python, no compiler needed"),
        pytest.param(
            {"python3": "echo 3.9 yes"}, "lint", r"Python 3.11 to 3.13 is needed and python3 is 3.9: ", id="too old"
        ),
        pytest.param(
            {"python3": "echo 3.14 yes"}, "lint", r"3.11 to 3.13 is needed and python3 is 3.14: ", id="too new"
        ),
        pytest.param({"python3": "exit 127"}, "lint", r"no Python: .* python3 and python3-venv", id="does not run"),
        pytest.param({"python3": "echo 3.12 no"}, "lint", r"no venv module: .*apt install python3.12-venv", id="venv"),
        pytest.param(
            {"python3": "echo 3.9 yes", "python3.12": "echo 3.12 no"}, "lint", r"apt install python3.12-venv", id="both"
        ),
    ],
)
def test_what_a_machine_lacks_is_said_in_one_line(
    machine: Path, tools: dict[str, str], target: str, message: str
) -> None:
    for name, text in tools.items():
        script(machine / name, text)
    status, complaint = make_on(machine, target)
    assert status != 0
    assert len(complaint) == 1
    assert complaint[0].startswith("pysofie: ")
    assert re.search(message, complaint[0])
    assert not (machine.parent / "venv").exists()


def test_no_network_is_said_in_one_line(machine: Path) -> None:
    (machine / "python3").symlink_to(sys.executable)
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1", "PIP_NO_CACHE_DIR": "1"}
    status, complaint = make_on(machine, machine.parent / "venv/stamps/root", **nowhere)
    assert status != 0
    assert complaint == [
        "pysofie: no network: pip reaches no package index. Connect, or name a mirror in PIP_INDEX_URL, and call make again"
    ]


def test_a_foreign_environment_is_left_alone(machine: Path) -> None:
    theirs = machine.parent / "venv/pyvenv.cfg"
    theirs.parent.mkdir()
    theirs.write_text("mine")
    status, complaint = make_on(machine, "lint")
    assert status != 0
    assert "not of make's making" in complaint[0]
    assert theirs.read_text() == "mine"


def test_an_environment_left_half_made_is_made_again(machine: Path) -> None:
    script(
        machine / "python3", 'if [ "$2" = venv ]; then mkdir "$3/bin" && touch "$3/bin/python"; else echo 3.12 yes; fi'
    )
    stamps = machine.parent / "venv/stamps"
    stamps.mkdir(parents=True)
    (stamps / "torch").touch()
    assert make_on(machine, stamps / "venv") == (0, [])
    assert [stamp.name for stamp in stamps.iterdir()] == ["venv"]


@pytest.fixture
def pip(machine: Path) -> Path:
    """An environment whose pip writes its arguments to `calls` and succeeds where they match the regular expression in `good`."""
    folder = machine.parent / "venv"
    script(
        folder / "bin/python",
        f"""if [ "$1" != -m ]; then exec '{sys.executable}' "$@"; fi
echo "$@" >> {folder}/calls
if echo "$@" | grep -qE "$(cat {folder}/good)"; then exit 0; fi
echo "ERROR: No matching distribution found" >&2; exit 1""",
    )
    (folder / "stamps").mkdir()
    (folder / "stamps/venv").touch()
    (folder / "good").write_text(".")
    return folder


@pytest.mark.parametrize(
    ("good", "calls"),
    [
        pytest.param(r"[+]cpu", ["configured"], id="as configured"),
        pytest.param(r"[-]-extra-index-url", ["configured", "cpu index"], id="PyTorch's index"),
        pytest.param(r"torch==[0-9.]+ ", ["configured", "cpu index", "plain"], id="the plain package"),
    ],
)
def test_torch_comes_from_somewhere(pip: Path, good: str, calls: list[str]) -> None:
    (pip / "good").write_text(good)
    stamp = pip / "stamps/torch"
    answer = run("make", f"VENV={pip}", stamp)
    assert answer.returncode == 0, answer.stderr
    assert stamp.exists()
    kinds = {
        "configured": r"^(?!.*index).* torch==[\d.]+[+]cpu ",
        "cpu index": r"index-url https://download[.]pytorch[.]org/whl/cpu ",
    }
    made = (pip / "calls").read_text().splitlines()
    assert len(made) == len(calls)
    for call, kind in zip(made, calls, strict=True):
        assert re.search(kinds.get(kind, r"^(?!.*[+]cpu)(?!.*index)"), call)
    assert ("GB" in answer.stdout) == ("plain" in calls)


def test_an_interrupted_step_is_taken_again_from_its_beginning(pip: Path) -> None:
    stamp = pip / "stamps/root"
    assert run("make", f"VENV={pip}", stamp).returncode == 0
    stamp.rename(f"{stamp}.unfinished")
    assert run("make", f"VENV={pip}", stamp).returncode == 0
    assert run("make", f"VENV={pip}", stamp).returncode == 0
    made = (pip / "calls").read_text().splitlines()
    assert ["--force-reinstall" in call for call in made] == [False, True]
    assert [path.name for path in stamp.parent.iterdir() if path.name.startswith("root")] == ["root"]


def test_another_setup_of_the_shell_stays_out(machine: Path, pip: Path) -> None:
    script(pip / "bin/python", f'echo "$PYTHONPATH$ROOTSYS$PIP_USER" >> {pip}/seen')
    status, complaint = make_on(machine, pip / "stamps/root", PYTHONPATH="/root/lib", ROOTSYS="/root", PIP_USER="1")
    assert (status, complaint) == (0, [])
    assert set((pip / "seen").read_text().split()) == {"0"}


# ---CMake-------------------------------------------------------------------------------------------------------------


def configure(folder: Path, lists: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    folder.mkdir(exist_ok=True)
    (folder / "CMakeLists.txt").write_text(f"cmake_minimum_required(VERSION 3.21)\nproject(some CXX)\n{lists}")
    return run(CMAKE, "-S", folder, "-B", folder / "build", *arguments, env=os.environ | environment)


FIND_ROOT = (
    f'include("{SOURCES}/cmake/FindROOTForPython.cmake")\npysofie_find_root("")\nmessage("found ${{ROOT_VERSION}}.")'
)


@needs_wheel
@pytest.mark.parametrize("how", ["interpreter", "isolated by pip", "environment of the build", "ROOT_DIR"])
def test_root_is_found_by_path(tmp_path: Path, how: str) -> None:
    python, environment = (
        sys.executable,
        {"PATH": "/usr/bin:/bin", "VIRTUAL_ENV": "", "CONDA_PREFIX": "", "ROOTSYS": ""},
    )
    arguments = [f"-DPython_EXECUTABLE={python}"]
    if how == "isolated by pip":
        # What pip does: a sitecustomize that takes the environment's packages away.
        (tmp_path / "sitecustomize.py").write_text(
            "import sys; sys.path = [p for p in sys.path if 'site-packages' not in p]"
        )
        environment["PYTHONPATH"] = str(tmp_path)
    elif how == "environment of the build":
        # What uv and `python -m build` do: an environment with the builder and without ROOT, in front on PATH.
        run(python, "-m", "venv", "--without-pip", tmp_path / "env")
        builder = sysconfig.get_path("platlib", vars={"base": str(tmp_path / "env"), "platbase": str(tmp_path / "env")})
        Path(builder, "scikit_build_core.py").touch()
        arguments = [f"-DPython_EXECUTABLE={tmp_path}/env/bin/python"]
        environment["PATH"] = f"{tmp_path}/env/bin:{Path(python).parent}:/usr/bin:/bin"
    elif how == "ROOT_DIR":
        arguments = [f"-DROOT_DIR={ROOT_WHEEL}/cmake"]
    before = sorted(ROOT_WHEEL.parents[1].iterdir())
    answer = configure(tmp_path / "project", FIND_ROOT, *arguments, **environment)
    assert answer.returncode == 0, answer.stderr
    version = re.search(r'PACKAGE_VERSION "(.*)"', (ROOT_WHEEL / "cmake/ROOTConfig-version.cmake").read_text())
    assert version
    assert f"found {version[1]}." in answer.stderr
    assert sorted(ROOT_WHEEL.parents[1].iterdir()) == before


def test_no_root_is_said_in_one_line(tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", "--without-pip", tmp_path / "env")
    empty = {"PATH": f"{tmp_path}/env/bin:/usr/bin:/bin", "VIRTUAL_ENV": "", "CONDA_PREFIX": "", "ROOTSYS": ""}
    # Another environment with ROOT is there: it is not the one that pysofie is installed for.
    elsewhere = empty | {"PATH": f"{Path(sys.executable).parent}:{empty['PATH']}"}
    answer = run(
        CMAKE, "-S", SOURCES, "-B", tmp_path / "build", f"-DPython_EXECUTABLE={tmp_path}/env/bin/python",
        env=os.environ | elsewhere,
    )  # fmt: skip
    assert answer.returncode != 0
    assert [line.strip() for line in answer.stderr.splitlines() if "ROOT" in line] == [
        "pysofie needs ROOT and found none: pip install ROOT==0.1a12, or set ROOT_DIR to the folder of ROOTConfig.cmake"
    ]


@needs_wheel
@pytest.mark.parametrize(
    ("value", "message"),
    [("off", r"builtin_sofie=off needs a ROOT built with tmva-sofie"), ("maybe", r"builtin_sofie=maybe is none of")],
)
def test_builtin_sofie_is_checked(tmp_path: Path, value: str, message: str) -> None:
    answer = run(
        CMAKE, "-S", SOURCES, "-B", tmp_path, f"-DPython_EXECUTABLE={sys.executable}", f"-Dbuiltin_sofie={value}"
    )
    assert answer.returncode != 0
    assert re.search(message, answer.stderr)


@pytest.mark.parametrize("value", ["auto", "off", "OFF"])
def test_a_root_with_sofie_is_given_no_core(tmp_path: Path, value: str) -> None:
    (tmp_path / "include/TMVA").mkdir(parents=True)
    (tmp_path / "include/TMVA/RModel.hxx").touch()
    (tmp_path / "ROOTConfig.cmake").write_text(f"""set(ROOT_VERSION 6.40.02)
set(ROOT_CXX_STANDARD 20)
set(ROOT_INCLUDE_DIRS "{tmp_path}/include")
add_library(ROOT::Core INTERFACE IMPORTED)
add_library(ROOT::ROOTTMVASofie INTERFACE IMPORTED)
""")
    options = (f"-DPython_EXECUTABLE={sys.executable}", f"-DROOT_DIR={tmp_path}", f"-Dbuiltin_sofie={value}")
    answer = run(CMAKE, "-S", SOURCES, "-B", tmp_path / "build", *options)
    assert "pysofie: ROOT 6.40.02 in , with its own SOFIE" in answer.stdout, answer.stderr
    for step in (("--build", tmp_path / "build"), ("--install", tmp_path / "build", "--prefix", tmp_path / "place")):
        answer = run(CMAKE, *step)
        assert answer.returncode == 0, answer.stderr
    record = json.loads((tmp_path / "place/lib/build.json").read_text())
    assert (record["root"], record["builtin_sofie"]) == ("6.40.02", False)
    assert not list((tmp_path / "place").rglob("*.so"))
    assert not (tmp_path / "place/include").exists()


def test_kernels_are_embedded_byte_by_byte(tmp_path: Path) -> None:
    texts = {
        "Odd": 'list; of [brackets] "quotes" \\n \\ ${VARIABLE} @VARIABLE@ )" %s \u00e9\n\n',
        "Empty": "",
        "Long": "".join(f"// line {i}; of [many], some of them \u2264 the limit\n" for i in range(2000)),
    }
    kernels = tmp_path / "kernels"
    kernels.mkdir()
    for name, text in texts.items():
        (kernels / f"{name}.hxx").write_text(text)
    (tmp_path / "main.cxx").write_text("""#include "KernelText.cxx"
#include <fstream>
int main() { for (auto [name, text] : TMVA::Experimental::SOFIE::Internal::KernelText()) std::ofstream(std::string(name)) << text; }
""")
    program = tmp_path / "program"
    embed = run(
        CMAKE, f"-DKERNELS={kernels}", f"-DOUTPUT={tmp_path}/KernelText.cxx", "-P", SOURCES / "cmake/EmbedKernels.cmake"
    )
    assert embed.returncode == 0, embed.stderr
    built = run("c++", "-std=c++17", "-Wall", "-Wextra", "-Werror", tmp_path / "main.cxx", "-o", program)
    assert built.returncode == 0, built.stderr
    assert run(program, cwd=tmp_path).returncode == 0
    assert {name: (tmp_path / name).read_text() for name in texts} == texts
    longest = max(
        len(piece.encode())
        for piece in re.findall(r'R"KERNEL\((.*?)\)KERNEL"', (tmp_path / "KernelText.cxx").read_text(), re.DOTALL)
    )
    assert longest < 16384


# ---What is installed-------------------------------------------------------------------------------------------------


def forget() -> None:
    config._installation.cache_clear()
    config.build_record.cache_clear()


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation with a core, beside a tree of sources as an editable one has it, in a folder with an awkward name."""
    place = tmp_path / "it's a $PLACE"
    (place / "lib").mkdir(parents=True)
    (place / "lib/build.json").write_text('{"version": "0.1.0", "root": "6.40.00", "builtin_sofie": true}')
    monkeypatch.setattr(pysofie, "__path__", [str(SOURCES / "python/pysofie"), str(place)])
    forget()
    yield place
    monkeypatch.undo()
    forget()


def test_config_finds_the_installation(installed: Path) -> None:
    assert config.library_dir() == installed / "lib"
    assert config.include_dir() == installed / "include"
    assert config.build_record()["root"] == "6.40.00"


def test_config_without_a_core(installed: Path) -> None:
    (installed / "lib/build.json").write_text('{"version": "0.1.0", "root": "6.42.00", "builtin_sofie": false}')
    forget()
    assert config.library_dir() is None
    assert config.shell_environment() == {"CMAKE_PREFIX_PATH": str(installed)}
    with pytest.raises(SofieError, match="for a ROOT that has SOFIE"):
        config.include_dir()


def test_config_in_a_tree_of_sources(installed: Path) -> None:
    (installed / "lib/build.json").unlink()
    forget()
    assert config.library_dir() is None
    assert config.build_record() == {}
    assert config.shell_setup() == ""
    config.check_root("6.42.00")
    with pytest.raises(SofieError, match="pysofie is not installed"):
        config.include_dir()


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("version", "good"), [("6.40.00", True), ("6.40/00", True), ("6.40.02", False), ("6.42.00", False)]
)
def test_another_root_is_refused(version: str, good: bool) -> None:
    if good:
        config.check_root(version)
        return
    with pytest.raises(
        SofieError, match=r"^pysofie was built against ROOT 6\.40\.00 and this is ROOT .*: pip install .*$"
    ):
        config.check_root(version)


@pytest.mark.parametrize("before", ["", "/what/was there"])
def test_the_shell_line_puts_pysofie_in_front(installed: Path, before: str) -> None:
    environment = os.environ | dict.fromkeys(config.shell_environment(), before)
    print_all = "; ".join(f'echo "${name}"' for name in config.shell_environment())
    answer = run("sh", "-c", f'eval "$1"; {print_all}', "sh", config.shell_setup(), env=environment)
    behind = f":{before}" if before else ""
    assert answer.stdout.splitlines() == [value + behind for value in config.shell_environment().values()]
    assert all(value.startswith(str(installed)) for value in config.shell_environment().values())


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "-mllvm -optimize-regalloc"),
        ("-O2", "-O2 -mllvm -optimize-regalloc"),
        ("-O2 -mllvm -optimize-regalloc", "-O2 -mllvm -optimize-regalloc"),
        ("-mllvm -optimize-regalloc=0", "-mllvm -optimize-regalloc=0"),
    ],
)
def test_cling_starts_with_the_optimising_allocator(before: str, after: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(config.CLING_ENV, before)
    assert config.cling_arguments() == after
    shell = run("sh", "-c", f'eval "$1"; printf "%s" "${config.CLING_ENV}"', "sh", config.shell_setup())
    assert shell.stdout == after
    program = (
        f"import pysofie, ROOT, os; print(os.environ['{config.CLING_ENV}'], ROOT.gInterpreter.ProcessLine('6*7;'))"
    )
    assert run(sys.executable, "-c", program).stdout == f"{after} 42\n"


def test_cling_reads_what_it_is_to_start_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(config.CLING_ENV, "-mllvm -optimize-regalloc=maybe")
    answer = run(sys.executable, "-c", "import pysofie, ROOT; ROOT.gInterpreter")
    assert answer.returncode != 0
    assert "'maybe' is invalid value" in answer.stderr


@pytest.mark.parametrize(
    ("program", "said"), [("import ROOT; ROOT.TH1; import pysofie", True), ("import ROOT; import pysofie", False)]
)
def test_a_cling_that_runs_already_is_mentioned(program: str, said: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(config.CLING_ENV, "")
    answer = run(sys.executable, "-c", f"import logging; logging.basicConfig(level=logging.INFO); {program}")
    assert ("ROOT was used before pysofie was imported" in answer.stderr) == said


@needs_core
def test_the_build_is_recorded() -> None:
    import ROOT

    record = config.build_record()
    config.check_root(str(ROOT.gROOT.GetVersion()))
    assert (
        record["version"] == re.search(r'^version = "(.*)"$', (SOURCES / "pyproject.toml").read_text(), re.MULTILINE)[1]
    )
    assert record["cxx_standard"] >= 17


MODEL = 'TMVA::Experimental::SOFIE::RModel model("Some", ""); std::cout << "made " << model.GetName() << std::endl;'


@needs_core
@pytest.mark.parametrize(
    "includes",
    [
        pytest.param((), id="no header"),
        ('"TMVA/RModel.hxx"',),
        ("<TMVA/OperatorList.hxx>",),
        ('"TMVA/ROperator.hxx"', '"TMVA/RModel.hxx"'),
        ('"TMVA/SOFIE_common.hxx"',),
        pytest.param(('"mine.hxx"',), id="by a header of the user's"),
    ],
    ids=" ".join,
)
def test_a_macro_needs_the_shell_line_alone(tmp_path: Path, includes: tuple[str, ...]) -> None:
    """The rootmap on the library path knows classes and headers: the first that is met loads the library."""
    (tmp_path / "mine.hxx").write_text('#include "TMVA/ROperator_Relu.hxx"\n')
    lines = "".join(f"#include {header}\n" for header in ("<iostream>", *includes))
    (tmp_path / "macro.C").write_text(f"{lines}void macro() {{ {MODEL} }}\n")
    root = Path(sysconfig.get_path("scripts"), "root")
    line = f'eval "$1"; exec "{root if root.exists() else "root"}" -l -b -q macro.C'
    answer = run("sh", "-c", line, "sh", config.shell_setup(), cwd=tmp_path)
    assert "made Some" in answer.stdout, answer.stderr
    assert "rror" not in answer.stderr


@needs_core
def test_find_package_serves_a_program(tmp_path: Path) -> None:
    (tmp_path / "main.cxx").write_text(f'#include "TMVA/RModel.hxx"\n#include <iostream>\nint main() {{ {MODEL} }}\n')
    lists = "find_package(pysofie 0.1 REQUIRED)\nadd_executable(main main.cxx)\ntarget_link_libraries(main pysofie::pysofie)\n"
    prefix = config.shell_environment()["CMAKE_PREFIX_PATH"]
    answer = configure(tmp_path, lists, CMAKE_PREFIX_PATH=prefix)
    assert answer.returncode == 0, answer.stderr
    answer = run(CMAKE, "--build", tmp_path / "build")
    assert answer.returncode == 0, answer.stdout
    assert run(tmp_path / "build/main").stdout == "made Some\n"


@needs_core
def test_find_package_refuses_another_root(tmp_path: Path) -> None:
    package = tmp_path / "lib/cmake/pysofie"
    shutil.copytree(Path(config.shell_environment()["CMAKE_PREFIX_PATH"], "lib/cmake/pysofie"), package)
    file = package / "pysofieConfig.cmake"
    file.write_text(file.read_text().replace(config.build_record()["root"], "6.36.00"))
    arguments = (f"-DPython_EXECUTABLE={sys.executable}", f"-DCMAKE_PREFIX_PATH={tmp_path}")
    answer = configure(tmp_path / "project", "find_package(pysofie REQUIRED)", *arguments)
    assert answer.returncode != 0
    assert "built against ROOT 6.36.00" in answer.stderr


@needs_core
@pytest.mark.slow
def test_the_wheel_has_all_and_works_by_itself(tmp_path: Path) -> None:
    """Made from the build tree of `make`, where there is one; else the core is compiled."""
    options = ["build-dir=build/core", "cmake.define.dev=ON"]
    answer = run(
        sys.executable, "-m", "pip", "wheel", ".", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path,
        *(f"--config-settings={option}" for option in options),
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    (wheel,) = tmp_path.glob("*.whl")
    assert "-cp311-abi3-" in wheel.name
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
        names = set(archive.namelist())
    package = {
        f"pysofie/{file.relative_to(SOURCES / 'python/pysofie')}" for file in (SOURCES / "python/pysofie").rglob("*.py")
    }
    headers = {f"pysofie/include/{file.relative_to(SOURCES / 'inc')}" for file in (SOURCES / "inc").rglob("*.hxx")}
    library = {f"pysofie/lib/libpysofie{end}" for end in (".so", ".rootmap", "_rdict.pcm")} | {"pysofie/lib/build.json"}
    assert package | headers | library | {"pysofie/lib/cmake/pysofie/pysofieConfig.cmake", "pysofie/py.typed"} <= names
    # Without site there is no editable install in the way.
    code = """import json, sys; sys.path[:0] = sys.argv[1:]
from pysofie import config; print(json.dumps([str(config.library_dir()), str(config.include_dir())]))"""
    site = tmp_path / "site"
    answer = run(sys.executable, "-I", "-S", "-c", code, site, sysconfig.get_path("purelib"), cwd=tmp_path)
    assert json.loads(answer.stdout) == [str(site / "pysofie/lib"), str(site / "pysofie/include")], answer.stderr
