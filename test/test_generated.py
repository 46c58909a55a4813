"""The generated header as a product: it stands alone, repeats to the byte, and keeps to itself in a program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from small_model import expected, write_dense
from toolchain import WARNINGS

FLAGS = [("-O0",), ("-O2",), ("-O3", "-march=native")]
COMPILERS = {"g++": ["g++"], "clang": [sys.executable, "-m", "ziglang", "c++"]}

MAIN = """
#include <cstdio>
#include <cstdlib>
int main(int, char **argv)
{{
   TMVA_SOFIE_{name}::Session session(argv[1]);
   float const x[] = {{0.5f, -1.25f, 2.0f}};
   std::printf("%.9g\\n", session.infer(1, x)[0]);
}}
"""
X = np.array([[0.5, -1.25, 2.0]])


def build(command: list[str], sources: list[Path], output: Path, *flags: str) -> None:
    """Compile and link, every warning an error, with no include path."""
    arguments = [*command, "-std=c++17", *WARNINGS, *flags, *map(str, sources), "-o", str(output)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:4000]


def output_of(*command: object) -> list[float]:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [float(word) for word in done.stdout.split()]


@pytest.mark.parametrize("flags", FLAGS, ids=" ".join)
@pytest.mark.parametrize("compiler", COMPILERS)
def test_compiles_without_a_warning(tmp_path: Path, compiler: str, flags: tuple[str, ...]) -> None:
    if compiler == "clang" and "-march=native" in flags:
        flags = ("-O3",)
    header = write_dense(tmp_path, "Alone")
    main = tmp_path / "main.cxx"
    main.write_text(f'#include "{header}"\n' + MAIN.format(name="Alone"))
    build(COMPILERS[compiler], [main], tmp_path / "main", *flags)
    y = output_of(tmp_path / "main", header.with_name("Alone.dat"))
    assert abs(y[0] - expected(X, 1)[0]) < 1e-6


def test_same_model_same_bytes(tmp_path: Path) -> None:
    texts = []
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        header = write_dense(tmp_path / folder, "Same")
        texts.append((header.read_bytes(), header.with_name("Same.dat").read_bytes()))
    assert texts[0] == texts[1]


def test_two_models_and_two_names_of_one_live_in_one_program(tmp_path: Path) -> None:
    """In each order of inclusion; two of the three are one model."""
    headers = {
        "One": write_dense(tmp_path, "One", seed=1),
        "Two": write_dense(tmp_path, "Two", seed=1),
        "one": write_dense(tmp_path, "one", seed=2),
    }
    for number, names in enumerate((["One", "Two", "one"], ["one", "Two", "One"])):
        calls = "".join(
            f'std::printf("%.9g\\n", TMVA_SOFIE_{name}::Session("{headers[name].with_suffix(".dat")}").infer(1, x)[0]);\n'
            for name in names
        )
        main = tmp_path / f"main{number}.cxx"
        main.write_text(
            "".join(f'#include "{headers[name]}"\n' for name in names)
            + "#include <cstdio>\nint main() { float const x[] = {0.5f, -1.25f, 2.0f};\n"
            + calls
            + "}\n"
        )
        build(["g++"], [main], tmp_path / "main", "-O1")
        values = dict(zip(names, output_of(tmp_path / "main"), strict=True))
        for name, seed in (("One", 1), ("Two", 1), ("one", 2)):
            assert abs(values[name] - expected(X, seed)[0]) < 1e-6


@pytest.mark.parametrize("first", ["narrow", "wide"])
def test_objects_for_unlike_machines_share_no_code(tmp_path: Path, first: str) -> None:
    """One header in an object for any machine and in one for AVX2: whichever the linker sees first, each has its own symbols."""
    header = write_dense(tmp_path, "Shared")
    sources = {}
    for name in ("narrow", "wide"):
        sources[name] = tmp_path / f"{name}.cxx"
        sources[name].write_text(
            f'#include "{header}"\nfloat {name}(char const *file, float const *x)\n'
            "{\n   return TMVA_SOFIE_Shared::Session(file).infer(1, x)[0];\n}\n"
        )
    objects = {}
    for name, flags in (("narrow", ["-mno-avx"]), ("wide", ["-mavx2", "-mfma"])):
        objects[name] = tmp_path / f"{name}.o"
        build(["g++"], [sources[name]], objects[name], "-c", "-O1", *flags)
    symbols = {
        name: set(
            subprocess.run(
                ["nm", "-C", "--defined-only", path], capture_output=True, text=True, check=True
            ).stdout.split("\n")
        )
        for name, path in objects.items()
    }
    own = {name: {line[19:] for line in lines if "TMVA_SOFIE_Shared" in line} for name, lines in symbols.items()}
    assert own["narrow"]
    assert not own["narrow"] & own["wide"]
    main = tmp_path / "main.cxx"
    main.write_text(
        "#include <cstdio>\nfloat narrow(char const *, float const *);\nfloat wide(char const *, float const *);\n"
        "int main(int, char **argv) { float const x[] = {0.5f, -1.25f, 2.0f};\n"
        'std::printf("%.9g %.9g\\n", narrow(argv[1], x), wide(argv[1], x)); }\n'
    )
    order = [first, "wide" if first == "narrow" else "narrow"]
    build(["g++"], [main, *(objects[name] for name in order)], tmp_path / "main")
    for value in output_of(tmp_path / "main", header.with_suffix(".dat")):
        assert abs(value - expected(X, 1)[0]) < 1e-6


LIFE = """
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <thread>
#include <type_traits>

// The operators below are a pair; gcc sees only one of them inlined.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
static std::atomic<long> allocations(0);
void *operator new(std::size_t n) {{ ++allocations; return std::malloc(n); }}
void *operator new(std::size_t n, std::align_val_t a)
{{
   ++allocations;
   return std::aligned_alloc(std::size_t(a), (n + std::size_t(a) - 1) / std::size_t(a) * std::size_t(a));
}}
void operator delete(void *p) noexcept {{ std::free(p); }}
void operator delete(void *p, std::size_t) noexcept {{ std::free(p); }}
void operator delete(void *p, std::align_val_t) noexcept {{ std::free(p); }}
void operator delete(void *p, std::size_t, std::align_val_t) noexcept {{ std::free(p); }}

using namespace TMVA_SOFIE_{name};

int main(int, char **argv)
{{
   static_assert(std::is_move_constructible<Session>::value && std::is_move_assignable<Session>::value, "movable");
   static_assert(!std::is_copy_constructible<Session>::value, "a copy would share the arena");
   static float x[200 * 3], y[200];
   for (int i = 0; i < 600; ++i)
      x[i] = 0.01f * float(i % 37) - 0.1f;
   Session first(argv[1]);
   Session session(std::move(first));
   Session shared(session.fWeights);
   doInfer(session, 200, x, y);
   long const before = allocations;
   for (size_t n : {{1, 48, 49, 200, 0}})
      doInfer(session, n, x, y);
   long const during = allocations - before;
   auto const z = session.infer(200, x);
   long const returned = allocations - before - during;
   // One Session a thread, on the same weights.
   float sums[2] = {{0, 0}};
   std::thread one([&] {{ for (int i = 0; i < 500; ++i) sums[0] = session.infer(200, x)[199]; }});
   std::thread two([&] {{ for (int i = 0; i < 500; ++i) sums[1] = shared.infer(200, x)[199]; }});
   one.join();
   two.join();
   std::printf("%ld %ld %d\\n", during, returned, sums[0] == z[199] && sums[1] == z[199]);
}}
"""


@pytest.mark.parametrize("sanitizer", ["address,undefined", "thread"])
def test_a_session_owns_what_it_uses(tmp_path: Path, sanitizer: str) -> None:
    header = write_dense(tmp_path, "Life")
    main = tmp_path / "main.cxx"
    main.write_text(f'#include "{header}"\n' + LIFE.format(name="Life"))
    build(["g++"], [main], tmp_path / "main", "-O1", "-g", f"-fsanitize={sanitizer}", "-pthread")
    during, returned, same = output_of(tmp_path / "main", header.with_suffix(".dat"))
    assert during == 0, "doInfer allocates nothing"
    assert returned == 1, "infer allocates what it returns"
    assert same == 1


@pytest.mark.parametrize("width", [16, 32, 64])
def test_every_width_of_the_machine(tmp_path: Path, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    header = write_dense(tmp_path, "Width")
    main = tmp_path / "main.cxx"
    main.write_text(f'#include "{header}"\n' + MAIN.format(name="Width"))
    build(["g++"], [main], tmp_path / "main", "-O1")
    monkeypatch.setenv("SOFIE_VECTOR_BYTES", str(width))
    done = subprocess.run([tmp_path / "main", header.with_suffix(".dat")], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        assert f"vectors of {width} bytes were asked for, this machine has 16 to" in done.stderr
        assert width > 16
    else:
        assert abs(float(done.stdout) - expected(X, 1)[0]) < 1e-6


@pytest.mark.parametrize("options", ["kDefault", "kBinaryWeightFile", "kNoWeightFile"])
def test_weights_by_file_and_inline(tmp_path: Path, options: str) -> None:
    header = write_dense(tmp_path, "Where", options=options)
    suffix = {"kDefault": ".dat", "kBinaryWeightFile": ".sofie", "kNoWeightFile": ""}[options]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted({"Where.hxx", "Where" + (suffix or ".hxx")})
    main = tmp_path / "main.cxx"
    main.write_text(f'#include "{header}"\n' + MAIN.format(name="Where"))
    build(["g++"], [main], tmp_path / "main", "-O1")
    weights = header.with_suffix(suffix) if suffix else ""
    assert abs(output_of(tmp_path / "main", weights)[0] - expected(X, 1)[0]) < 1e-6
