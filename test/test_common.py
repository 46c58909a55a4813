"""Dimensions, shapes, types and values as C++ text (SOFIE_common), against Python's own arithmetic."""

from __future__ import annotations

import math
import random
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

ROOT_DIR = Path(__file__).resolve().parent.parent
Ask = Callable[..., str]

pytestmark = pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")


def _compile(program: Path, *sources: Path) -> None:
    flags = ["-std=c++17", "-O1", "-g1", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined"]
    flags += ["-fno-sanitize-recover=all", f"-I{ROOT_DIR / 'inc'}"]
    subprocess.run(["g++", *flags, *map(str, sources), "-o", str(program)], check=True)


@pytest.fixture(scope="session")
def ask_all(tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[tuple[str, ...]]], list[str]]:
    program = tmp_path_factory.mktemp("common") / "common"
    sources = [ROOT_DIR / "src" / "SOFIE_common.cxx", ROOT_DIR / "src" / "SOFIE_dims.cxx"]
    _compile(program, ROOT_DIR / "test" / "common" / "common.cxx", *sources)

    def run(questions: list[tuple[str, ...]]) -> list[str]:
        text = "".join("\t".join(question) + "\n" for question in questions)
        done = subprocess.run([str(program)], input=text, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    return run


@pytest.fixture(scope="session")
def ask(ask_all: Callable[[list[tuple[str, ...]]], list[str]]) -> Ask:
    return lambda *question: ask_all([question])[0]


TABLE = [
    # numbers fold, neutral elements go
    (("add", "2", "3"), "5"),
    (("add", "n", "0"), "n"),
    (("add", "0", "n"), "n"),
    (("add", "n", "n"), "2*n"),
    (("add", "2*n", "3"), "2*n+3"),
    (("add", "2*n+3", "4"), "2*n+7"),
    (("add", "m", "n"), "m+n"),
    (("add", "n", "m"), "m+n"),
    (("add", "n", "-3"), "n-3"),
    (("sub", "n", "n"), "0"),
    (("sub", "3", "n"), "3-n"),
    (("sub", "2", "5"), "-3"),
    (("mul", "n", "1"), "n"),
    (("mul", "1", "n"), "n"),
    (("mul", "n", "0"), "0"),
    (("mul", "n", "2"), "2*n"),
    (("mul", "n+1", "2"), "2*n+2"),
    (("mul", "n", "m"), "m*n"),
    (("mul", "n", "n"), "n*n"),
    (("mul", "n + 1", "n - 1"), "n*n-1"),
    # quotients: exact where the divisor divides, rounded down otherwise
    (("div", "7", "2"), "3"),
    (("div", "6*n", "2"), "3*n"),
    (("div", "6*n", "n"), "6"),
    (("div", "6*m*n", "2*n"), "3*m"),
    (("div", "n*n-1", "n+1"), "n-1"),
    (("div", "2*n+3", "2"), "n+1"),
    (("div", "n+3", "2"), "(n+1)/2+1"),
    (("div", "n-3", "2"), "(n+1)/2-2"),
    (("div", "3*n", "2"), "n+n/2"),
    (("div", "n", "m"), "n/m"),
    (("div", "n", "2*m"), "n/(2*m)"),
    (("div", "n+1", "m+1"), "(n+1)/(m+1)"),
    (("mul", "n/2", "2"), "2*(n/2)"),
    (("mul", "(n+1)/2", "m"), "((n+1)/2)*m"),
    (("add", "(n+1)/2", "(n+1)/2"), "2*((n+1)/2)"),
    (("div", "n/2", "2"), "(n/2)/2"),
    (("div", "n", "0"), "error: TMVA-SOFIE: division of the dimension n by zero"),
    (("mul", "4611686018427387904", "4"), "error: TMVA-SOFIE: a dimension does not fit into 64 bits"),
    (("product", "2 n 3 m"), "6*m*n"),
    (("product", ""), "1"),
    (("substitute", "2*n+3", "n", "4"), "11"),
    (("substitute", "(n+1)/2+m", "n", "6"), "m+3"),
    (("names", "2*b+a*(b+1)/c"), "b a c"),
    (("names", "7"), ""),
    (("is_expression", "n"), "0"),
    (("is_expression", "n+1"), "1"),
    # shapes
    (("length", "2 3 5"), "30"),
    (("length", ""), "1"),
    (("length", "4294967296 4294967296 0"), "0"),
    (("shape", "2 3"), "{ 2 , 3 }"),
    (("shape", ""), "{ }"),
    (("dim_shape", "n 3"), "{ n , 3 }"),
    (("to_int", "n 3"), "0"),
    (("strides", "2 n 5"), "{ 5*n , 5 , 1 }"),
    (("broadcast", "2 3", "2 3"), "0 { 2 , 3 }"),
    (("broadcast", "2 3", "3"), "1 { 2 , 3 }"),
    (("broadcast", "3", "2 3"), "2 { 2 , 3 }"),
    (("broadcast", "n 1", "1 3"), "3 { n , 3 }"),
    (("broadcast", "n 3", "n 1"), "1 { n , 3 }"),
    (
        ("broadcast", "n 3", "m 3"),
        "error: TMVA-SOFIE: cannot broadcast the shapes { n , 3 } and { m , 3 } to a common one",
    ),
    (("unidirectional", "3 1", "2 3 4"), "{ 2 , 3 , 4 }"),
    (("unidirectional", "2 3", "1 3"), "error: TMVA-SOFIE: cannot broadcast the shape { 2 , 3 } to { 1 , 3 }"),
    # names, types, values
    (("clean", "dense/kernel:0"), "densekernel0"),
    (("clean", "my-model.a_b é"), "my_modela_b"),
    *((("type", name), cpp) for name, cpp in [("float32", "float"), ("float64", "double"), ("int", "int32_t")]),
    *((("type", name), name) for name in ["float", "double", "bool", "int8_t", "uint16_t", "int64_t", "uint64_t"]),
    (("type", "complex"), "other_0"),
    (("type_size", "uint16_t"), "2"),
    (("type_size", "complex"), "0"),
    (("float", "3f800000"), "1.0"),
    (("float", "80000000"), "-0.0"),
    (("float", "7f800000"), "std::numeric_limits<float>::infinity()"),
    (("float", "ff800000"), "-std::numeric_limits<float>::infinity()"),
    (("float", "7fc00000"), "std::numeric_limits<float>::quiet_NaN()"),
    (("double", "fff0000000000000"), "-std::numeric_limits<double>::infinity()"),
    (("int64", "-9223372036854775808"), "(-9223372036854775807-1)"),
    (("uint64", "18446744073709551615"), "18446744073709551615u"),
    (("values",), "{ 1, 0, 1}{ 1.0, -0.0, ...}"),
    (("split", "40"), "60 40 100"),
    (("split", "101"), "error: TMVA-SOFIE: cannot cut 101 bytes for b off the 100 bytes of a"),
]


@pytest.mark.parametrize(("question", "answer"), TABLE, ids=lambda value: " ".join(value) if value else "empty")
def test_table(ask: Ask, question: tuple[str, ...], answer: str) -> None:
    assert ask(*question) == answer


def test_too_many_elements(ask: Ask) -> None:
    assert "has too many elements" in ask("length", "4294967296 4294967296 2")


def _random_expression(rng: random.Random, depth: int) -> str:
    if depth == 0:
        return rng.choice(["a", "b", "c", str(rng.randint(0, 9))])
    operator = rng.choice("++**/-")
    left = _random_expression(rng, depth - 1)
    if operator == "/":
        return f"(({left})/{rng.choice(['2', '3', '4', 'a', '(b+1)'])})"
    if operator == "-":  # never negative: a dimension is not either
        return f"(({left})+9-{rng.randint(0, 9)})"
    return f"({left}{operator}{_random_expression(rng, depth - 1)})"


def test_random_expressions_keep_their_value_and_their_text(
    ask_all: Callable[[list[tuple[str, ...]]], list[str]],
) -> None:
    rng = random.Random(1)
    expressions = [_random_expression(rng, rng.randint(1, 4)) for _ in range(2000)]
    simple = ask_all([("add", expression, "0") for expression in expressions])
    assert ask_all([("mul", text, "1") for text in simple]) == simple
    for expression, text in zip(expressions, simple, strict=True):
        for _ in range(5):
            values = {name: rng.randint(1, 40) for name in "abc"}
            exact = eval(expression.replace("/", "//"), {}, values)
            assert eval(text.replace("/", "//"), {}, values) == exact, (expression, text, values)


def test_broadcast_tensor_is_numpys(ask: Ask) -> None:
    for shape, target in [((3, 1), (2, 3, 4)), ((), (2, 2)), ((5,), (5,)), ((2, 1, 3), (2, 4, 3)), ((1, 1), (0, 3))]:
        data = np.arange(np.prod(shape, dtype=int)).reshape(shape)
        expected = np.broadcast_to(data, target).ravel()
        text = ask("broadcast_tensor", " ".join(map(str, shape)), " ".join(map(str, target)))
        assert text == "{ " + ", ".join(map(str, expected)) + "}"


def test_literals_give_back_the_same_bits(
    ask_all: Callable[[list[tuple[str, ...]]], list[str]], tmp_path: Path
) -> None:
    """The compiler is the reader: every literal, subnormals included, has the bits that it was made from."""
    rng = random.Random(2)
    lines = []
    for name, code, width, special in [
        ("float", "f", 32, [0, 1, 0x007FFFFF, 0x00800000, 0x7F7FFFFF, 0x7F800000, 0x4B800001, 0xBF800000]),
        ("double", "d", 64, [0, 1, 0x000FFFFFFFFFFFFF, 0x7FEFFFFFFFFFFFFF, 0x7FF0000000000000, 0x4341C37937E08001]),
    ]:
        finite = [bits for bits in (rng.getrandbits(width) for _ in range(1000)) if _is_number(code, bits)]
        bits = [b | sign for b in special for sign in (0, 1 << (width - 1))] + finite
        literals = ask_all([(name, f"{b:x}") for b in bits])
        lines.append(f"constexpr {name} k_{name}[] = {{{', '.join(literals)}}};")
        lines.append(f"constexpr std::uint{width}_t b_{name}[] = {{{', '.join(f'{b:#x}u' for b in bits)}}};")
    source = tmp_path / "literals.cxx"
    source.write_text(
        "#include <cstdint>\n#include <cstring>\n#include <limits>\n"
        + "\n".join(lines)
        + "\nint main() { return sizeof(k_float) != sizeof(b_float) || std::memcmp(k_float, b_float, sizeof(b_float))"
        + " || sizeof(k_double) != sizeof(b_double) || std::memcmp(k_double, b_double, sizeof(b_double)); }\n"
    )
    _compile(tmp_path / "literals", source)
    assert subprocess.run([str(tmp_path / "literals")], check=False).returncode == 0


def _is_number(code: str, bits: int) -> bool:
    size = struct.calcsize(code)
    value = struct.unpack(f"<{code}", bits.to_bytes(size, "little"))[0]
    return not math.isnan(value)
