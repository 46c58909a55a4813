"""The documents are true: their code runs, their excerpts and lists are those of the sources, their links lead somewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import pysofie
from pysofie import config

SOURCES = Path(__file__).parents[1]
DOCUMENTS = [SOURCES / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(
    (SOURCES / "docs").glob("*.md")
)
UPDATE = os.environ.get("PYSOFIE_UPDATE_DOCS")
NAMED = re.compile(r"(?://|#) ([\w./]+\.\w+)\n")

needs_core = pytest.mark.skipif(config.library_dir() is None, reason="pysofie is installed without a core of its own")


@dataclass(frozen=True)
class Block:
    """A block of code in a document."""

    language: str
    text: str
    place: str

    @property
    def file(self) -> str:
        """The file's name in the first line."""
        named = NAMED.match(self.text)
        return named[1] if named else ""

    @property
    def quotes(self) -> bool:
        """Whether it is an excerpt of a file of the sources."""
        return "/" in self.file

    @property
    def runs(self) -> bool:
        """Whether it is a whole program."""
        return self.language != "text" and not self.quotes and "\n...\n" not in self.text


def blocks(document: Path) -> list[Block]:
    text = document.read_text()
    found = re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [Block(one[1], one[2], f"{document.name}:{text.count(chr(10), 0, one.start()) + 1}") for one in found]


ALL = [block for document in DOCUMENTS for block in blocks(document)]


@pytest.mark.parametrize("block", ALL, ids=lambda block: block.place)
def test_the_documents_have_code_of_known_kinds(block: Block) -> None:
    assert block.language in {"python", "cpp", "cmake", "sh", "text"}
    assert max(map(len, block.text.splitlines())) <= 130


# ---Code that runs----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands that the documents call. Those that set up an environment check their arguments, and do nothing."""
    folder = tmp_path_factory.mktemp("bin")
    for name, text in {
        "pysofie": f'exec "{sys.executable}" -m pysofie "$@"',
        "make": f'exec "{shutil.which("make")}" --no-print-directory -n -C "{SOURCES}" "$@" > /dev/null',
        "pip": f'echo "$@" >> "{folder}/pip.log"',
    }.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def environment(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    path = [str(programs), str(Path(sys.executable).parent), os.environ["PATH"]]
    return os.environ | {
        "PATH": os.pathsep.join(path),
        "PYSOFIE_CACHE_DIR": str(tmp_path_factory.mktemp("cache")),
        "PYTHONWARNINGS": "ignore",
        "TF_ENABLE_ONEDNN_OPTS": "0",  # with it, TensorFlow says at its import that there may be errors
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reader")


def run(block: Block, folder: Path, environment: dict[str, str]) -> str:
    """Do with a block what its reader does; return what it prints."""
    if block.file:
        (folder / block.file).write_text(block.text)
    match block.language:
        case "python":
            command = [sys.executable, "-c", block.text]
        case "sh":
            command = ["sh", "-e", "-c", block.text]
        case "cpp" if block.file.endswith(".C"):
            command = ["sh", "-e", "-c", f'eval "$(pysofie env)"; root -l -b -q {block.file}']
        case "cmake":
            cmake = shutil.which("cmake", path=Path(sysconfig.get_path("purelib"), "cmake/data/bin")) or "cmake"
            steps = f'"{cmake}" -B build "-DPython_EXECUTABLE={sys.executable}" && "{cmake}" --build build && build/analysis'
            command = ["sh", "-e", "-c", f'eval "$(pysofie env)"; {steps}']
        case _:
            return ""  # C++ that another block compiles
    answer = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, f"{block.place}\n{answer.stdout}{answer.stderr}"
    assert "rror" not in answer.stderr, f"{block.place}\n{answer.stderr}"
    return answer.stdout


@needs_core
@pytest.mark.slow
@pytest.mark.torch
def test_the_documents_run(folder: Path, environment: dict[str, str], programs: Path) -> None:
    """One after the other, as they go on where the one before has ended: README makes the header that the others use."""
    printed = {block.place: run(block, folder, environment) for block in ALL if block.runs}
    compiled = "".join(block.text for block in ALL if block.language in ("sh", "cmake", "python"))
    assert all(
        block.file in compiled or block.file.endswith(".C") for block in ALL if block.runs and block.language == "cpp"
    )
    assert sum(bool(text.strip()) for text in printed.values()) >= 6
    (sessions,) = (block for block in ALL if block.language == "cpp" and block.file == "Higgs.hxx")
    assert_excerpt(sessions, folder / "Higgs.hxx")
    extras = tomllib.loads((SOURCES / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = re.findall(r"\[(.*)\]", (programs / "pip.log").read_text())
    assert {extra for names in named for extra in names.split(",")} <= set(extras)


# ---Excerpts and lists------------------------------------------------------------------------------------------------


def assert_excerpt(block: Block, file: Path) -> None:
    """The lines of a block are lines of a file, in that order, whatever their indentation; `...` stands for others."""
    lines: Iterator[str] = (" ".join(line.split()) for line in file.read_text().splitlines())
    for line in block.text.splitlines()[1:]:
        if line.strip() not in ("", "..."):
            assert any(" ".join(line.split()) == other for other in lines), (
                f"{block.place}: {file.name} has no line {line}"
            )


@pytest.mark.parametrize("block", [block for block in ALL if block.quotes], ids=lambda block: block.place)
def test_the_documents_quote_the_sources(block: Block) -> None:
    assert_excerpt(block, SOURCES / block.file)


def section(document: str, start: str) -> tuple[Path, re.Match[str]]:
    path = SOURCES / document
    found = re.search(rf"(<!-- {start}.*?-->\n)(.*?)(<!-- end -->)", path.read_text(), re.DOTALL)
    assert found, f"{document} has no section {start}"
    return path, found


def keep_list(document: str, start: str, names: list[str]) -> None:
    """The section is these names; it is written where that is asked for."""
    path, found = section(document, start)
    lines, line = [], ""
    for word in (*(f"{name}," for name in names[:-1]), f"{names[-1]}."):
        if len(line) + len(word) > 118:
            lines.append(line)
            line = ""
        line += f"{' ' if line else ''}{word}"
    wanted = "\n".join([*lines, line]) + "\n"
    if UPDATE:
        path.write_text(path.read_text().replace(found[0], found[1] + wanted + found[3]))
    else:
        assert found[2] == wanted, 'PYSOFIE_UPDATE_DOCS=1 make test PYTEST_FLAGS="-k documents" writes the list again'


def test_the_documents_list_the_operators() -> None:
    keep_list("README.md", "operators", sorted({row.operator for row in pysofie.supported()}))


def test_the_documents_list_what_is_absent() -> None:
    """Classes that ROOT has and we have not: the list can only become shorter."""
    listed = re.findall(r"\w+", section("docs/api.md", "absent operators")[1][2])
    present = {path.stem.removeprefix("ROperator_") for path in (SOURCES / "inc/TMVA").glob("ROperator_*.hxx")}
    keep_list("docs/api.md", "absent operators", [name for name in listed if name not in present] or ["none"])


# ---Links and lines---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_documents_link_to_what_is_there(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text()):
        assert target.startswith("https://") or (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_documents_name_targets_and_options_that_exist(document: Path) -> None:
    text = document.read_text()
    targets = set(re.findall(r"^([a-z]+):.*##", (SOURCES / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)`", text)) <= targets
    for name in re.findall(r"`pysofie\.(\w+)", text):
        assert hasattr(pysofie, name), name
