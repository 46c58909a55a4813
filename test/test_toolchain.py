"""The compiler, the cache of what it compiled, and the vector width."""

from __future__ import annotations

import ctypes
import logging
import os
import stat
from typing import TYPE_CHECKING

import pytest

from pysofie import toolchain
from pysofie.errors import SofieError

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = 'extern "C" __attribute__((visibility("default"))) int answer() { return 42; }'


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYSOFIE_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def compiler() -> toolchain.Compiler:
    found = toolchain.find_compiler()
    assert found is not None
    return found


def answer(shared: Path) -> int:
    return int(ctypes.CDLL(str(shared)).answer())


def counting(compiler: toolchain.Compiler, folder: Path) -> tuple[toolchain.Compiler, Path]:
    """A compiler that writes a line for each time that it runs."""
    script, record = folder / "counting c++", folder / "record"
    script.write_text(f'#!/bin/sh\necho run >> "{record}"\nexec {compiler.command[0]} "$@"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    record.touch()
    return toolchain.Compiler((str(script),), compiler.version), record


def test_compiles_once(compiler: toolchain.Compiler, cache: Path, tmp_path: Path) -> None:
    counted, record = counting(compiler, tmp_path)
    shared = toolchain.build_shared(SOURCE, counted)
    assert shared.parent == cache
    assert answer(shared) == 42
    assert toolchain.build_shared(SOURCE, counted) == shared
    assert record.read_text().split() == ["run"]
    assert [path.name for path in cache.iterdir()] == [shared.name], "nothing but the result is left"


@pytest.mark.parametrize("damage", [b"", b"\x7fELF", None], ids=["empty", "short", "flipped"])
def test_damaged_file_is_compiled_again(compiler: toolchain.Compiler, damage: bytes | None) -> None:
    shared = toolchain.build_shared(SOURCE, compiler)
    content = shared.read_bytes()
    middle = len(content) // 2
    shared.write_bytes(
        content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :] if damage is None else damage
    )
    assert toolchain.build_shared(SOURCE, compiler).read_bytes() == content


def test_key_has_all_that_matters(compiler: toolchain.Compiler, monkeypatch: pytest.MonkeyPatch) -> None:
    def key(source: str = SOURCE, compiler: toolchain.Compiler = compiler, flags: tuple[str, ...] = ()) -> str:
        return toolchain._key(source, compiler, flags)

    base = key()
    keys = {
        base,
        key(SOURCE + "\n"),
        key(flags=("-O3",)),
        key(compiler=toolchain.Compiler(compiler.command, "another version")),
        key(compiler=toolchain.Compiler((*compiler.command, "-m64"), compiler.version)),
    }
    with monkeypatch.context() as patch:
        patch.setattr(toolchain, "cpu_features", lambda: frozenset({"sse2"}))
        keys.add(key())
    with monkeypatch.context() as patch:
        patch.setattr(toolchain, "_own_version", lambda: "0.0")
        keys.add(key())
    assert len(keys) == 7
    assert key() == base


def test_unwritable_cache_falls_back(
    compiler: toolchain.Compiler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("PYSOFIE_CACHE_DIR", str(tmp_path / "file" / "cache"))
    with caplog.at_level(logging.WARNING):
        shared = toolchain.build_shared(SOURCE, compiler)
    assert answer(shared) == 42
    assert tmp_path not in shared.parents
    assert "a temporary folder is used" in caplog.text


def test_unused_files_are_forgotten(compiler: toolchain.Compiler, cache: Path) -> None:
    cache.mkdir()
    old, new = cache / "old.so", cache / "new.so"
    for path in (old, new):
        path.touch()
    os.utime(old, (0, 0))
    toolchain.build_shared(SOURCE, compiler)
    assert new.exists()
    assert not old.exists()


def test_error_of_the_compiler(compiler: toolchain.Compiler, cache: Path) -> None:
    with pytest.raises(toolchain.CompilerError, match=r"could not compile.*\n.*error: .*nonsense"):
        toolchain.build_shared("nonsense f();", compiler)
    assert list(cache.iterdir()) == []


def test_flags_of_the_environment(monkeypatch: pytest.MonkeyPatch, compiler: toolchain.Compiler) -> None:
    monkeypatch.setenv("CXXFLAGS", "-DONE -nonsense='a b'")
    with pytest.raises(toolchain.CompilerError, match="-nonsense=a b"):
        toolchain.build_shared(SOURCE, compiler)
    monkeypatch.setenv("CXXFLAGS", "'-DONE")
    with pytest.raises(SofieError, match="CXXFLAGS='-DONE are no flags of a compiler: No closing quotation"):
        toolchain.build_shared(SOURCE, compiler)


def test_cxx_decides(monkeypatch: pytest.MonkeyPatch, compiler: toolchain.Compiler, tmp_path: Path) -> None:
    counted, _ = counting(compiler, tmp_path)
    monkeypatch.setenv("CXX", f"'{counted.command[0]}' -m64")
    found = toolchain.find_compiler()
    assert found is not None
    assert found.command == (*counted.command, "-m64")


@pytest.mark.parametrize("wish", ["/nowhere/c++", "false", "$(touch owned)"])
def test_cxx_that_does_not_run_is_refused(wish: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CXX", wish)
    with pytest.raises(SofieError, match="is not a C\\+\\+ compiler that runs here"):
        toolchain.find_compiler()
    assert list(tmp_path.iterdir()) == []


def test_no_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert toolchain.find_compiler() is None


AVX2 = {"sse2", "avx", "avx2", "fma"}
AVX512 = AVX2 | {"avx512f", "avx512bw", "avx512dq", "avx512vl"}


@pytest.mark.parametrize(
    ("features", "pinned", "width"),
    [
        ({"sse2"}, None, 16),
        ({"sse2", "avx", "avx2"}, None, 16),
        (AVX2, None, 32),
        (AVX512 - {"avx512dq"}, None, 32),
        (AVX512, None, 64),
        (AVX512, "32", 32),
        ({"asimd"}, None, 16),
        (set(), None, None),
    ],
)
def test_vector_width(
    features: set[str], pinned: str | None, width: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toolchain, "cpu_features", lambda: frozenset(features))
    monkeypatch.delenv("SOFIE_VECTOR_BYTES", raising=False)
    if pinned:
        monkeypatch.setenv("SOFIE_VECTOR_BYTES", pinned)
    assert toolchain.vector_bytes() == width


def test_vector_width_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOFIE_VECTOR_BYTES", "128")
    with pytest.raises(SofieError, match="the widths are 16, 32 and 64"):
        toolchain.vector_bytes()
