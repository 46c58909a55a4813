"""Weight files: exact both ways, every damage refused with its reason, written whole or not at all.

The references are numpy, as a reader of the text, and a few lines of Python here for the binary format and the hash.
"""

from __future__ import annotations

import ctypes
import os
import re
import resource
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

ROOT_DIR = Path(__file__).resolve().parent.parent
Tensors = Mapping[str, npt.NDArray[np.floating]]

pytestmark = pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")

SANITIZERS = ["-O1", "-g1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
WARNINGS = ["-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def _model_header() -> str:
    """The kernel header as the generator puts it into a model."""
    lines = (ROOT_DIR / "inc/TMVA/SOFIE/kernels/WeightFile.hxx").read_text().splitlines()
    hoisted = [line for line in lines if line.startswith("#include <")]
    body = [line for line in lines if not line.startswith(("#include", "#pragma once"))]
    return "\n".join([*hoisted, "namespace TMVA_SOFIE_Model {", *body, "}", ""])


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("weights")
    (folder / "model.hxx").write_text(_model_header())
    sources = ROOT_DIR / "test" / "weights"
    library = [f"-I{ROOT_DIR / 'inc'}", str(ROOT_DIR / "src" / "RWeightFile.cxx")]
    for program, arguments in {
        "writer": [*SANITIZERS, *library, str(sources / "writer.cxx")],
        "reader": [*SANITIZERS, f"-I{folder}", str(sources / "reader.cxx")],
        "fast_writer": ["-O2", *library, str(sources / "writer.cxx")],
        "fast_reader": ["-O2", f"-I{folder}", str(sources / "reader.cxx")],
    }.items():
        subprocess.run(["g++", *WARNINGS, *arguments, "-o", str(folder / program)], check=True)
    return {program: folder / program for program in ["writer", "reader", "fast_writer", "fast_reader"]}


class Files:
    """Writes and reads weight files through the C++ programs."""

    def __init__(self, programs: dict[str, Path], folder: Path, prefix: str = "") -> None:
        self.programs = programs
        self.folder = folder
        self.prefix = prefix
        self.seconds = 0.0

    def _run(self, program: str, *arguments: str, env: dict[str, str] | None = None) -> str:
        command = [str(self.programs[self.prefix + program]), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
        if done.returncode != 0:
            assert done.returncode == 1, done.stderr
            raise RuntimeError(done.stderr.strip())
        return done.stdout

    def _raw(self, tensors: Tensors) -> list[str]:
        for name, values in tensors.items():
            (self.folder / f"{name}.raw").write_bytes(values.tobytes())
        return [f"{name}:{_type(values)}:{self.folder / f'{name}.raw'}" for name, values in tensors.items()]

    def write(self, form: str, tensors: Tensors, filename: str = "") -> Path:
        path = self.folder / (filename or f"model.{form}")
        self._run("writer", form, str(path), *self._raw(tensors))
        return path

    def fingerprint(self, tensors: Tensors) -> int:
        return int(self._run("writer", "fingerprint", *self._raw(tensors)))

    def read(
        self, path: Path, like: Tensors, fingerprint: int = 0, env: dict[str, str] | None = None
    ) -> dict[str, npt.NDArray[np.floating]]:
        into = {name: self.folder / f"{name}.read" for name in like}
        words = [f"{name}:{_type(values)}:{values.size}:{into[name]}" for name, values in like.items()]
        self.seconds = float(self._run("reader", str(path), str(fingerprint), *words, env=env))
        return {name: np.fromfile(into[name], values.dtype) for name, values in like.items()}


def _type(values: npt.NDArray[np.floating]) -> str:
    return {"float32": "float", "float64": "double"}[str(values.dtype)]


@pytest.fixture
def files(programs: dict[str, Path], tmp_path: Path) -> Files:
    return Files(programs, tmp_path)


def _special(dtype: type[np.floating]) -> npt.NDArray[np.floating]:
    info = np.finfo(dtype)
    tiny, small, large = info.smallest_subnormal, info.smallest_normal, info.max
    near = [np.nextafter(small, dtype(0)), np.nextafter(large, dtype(0)), np.nextafter(dtype(1), dtype(2))]
    values = [0.0, 1.0, 0.1, 1 / 3, 1e-5, 16777217.0, 1e22, 1e-22, tiny, small, large, np.inf, *near]
    return np.array([*values, *(-np.array(values, dtype)), np.nan, 5], dtype)


def _random_bits(dtype: type[np.floating], n: int, seed: int) -> npt.NDArray[np.floating]:
    bits = np.random.default_rng(seed).integers(0, 256, n * np.dtype(dtype).itemsize, np.uint8)
    return bits.view(dtype)


CASES: dict[str, Tensors] = {
    "one": {"w": np.array([1.5], np.float32)},
    "empty": {"w": np.array([], np.float32), "b": np.array([1, 2], np.float32)},
    "special": {"w": _special(np.float32), "v": _special(np.float64)},
    "bits": {"w": _random_bits(np.float32, 4001, 1), "v": _random_bits(np.float64, 2003, 2)},
    "sizes": {f"w{n}": np.arange(n, dtype=np.float32) for n in [1, 2, 3, 15, 16, 17, 31, 33]},
    "doubles": {f"w{n}": np.arange(n) / 7 for n in [1, 2, 7, 8, 9, 17]},
    "layers": {f"l{n}_{part}": _random_bits(np.float32, n + 5, n) for n in range(40) for part in "wb"},
}


def _same(a: npt.NDArray[np.floating], b: npt.NDArray[np.floating]) -> bool:
    """Equal bits, save those of NaN."""
    numbers = ~np.isnan(a)
    return bool((np.isnan(b) == ~numbers).all()) and a[numbers].tobytes() == b[numbers].tobytes()


@pytest.mark.parametrize("form", ["text", "binary"])
@pytest.mark.parametrize("case", CASES)
def test_round_trip(files: Files, form: str, case: str) -> None:
    tensors = CASES[case]
    read = files.read(files.write(form, tensors), tensors, files.fingerprint(tensors))
    assert all(_same(values, read[name]) for name, values in tensors.items())


@pytest.mark.parametrize("form", ["text", "binary"])
def test_order_does_not_matter(files: Files, form: str) -> None:
    tensors = CASES["layers"]
    path = files.write(form, dict(reversed(tensors.items())))
    read = files.read(path, tensors, files.fingerprint(tensors))
    assert all(_same(values, read[name]) for name, values in tensors.items())


@pytest.mark.parametrize("case", CASES)
def test_numpy_reads_the_text(files: Files, case: str) -> None:
    tensors = CASES[case]
    lines = files.write("text", tensors).read_text().splitlines()
    assert len(lines) == 2 * len(tensors)
    for head, line, (name, values) in zip(lines[::2], lines[1::2], tensors.items(), strict=True):
        assert head == f"tensor_{name} {values.size}"
        assert "  " not in line
        assert line == line.strip()
        assert _same(values, np.array(line.split(), values.dtype))


MASK = 2**64 - 1


def _mix(value: int, word: int) -> int:
    value = (value ^ word) * 0x9E3779B97F4A7C15 & MASK
    return (value << 29 | value >> 35) & MASK


def _hash_text(text: bytes, value: int = 1) -> int:
    for byte in text:
        value = _mix(value, byte)
    return _mix(value ^ value >> 32, len(text))


def _hash_values(values: npt.NDArray[np.floating]) -> int:
    lanes = list(range(1, 9))
    raw = np.where(np.isnan(values), np.array(np.nan, values.dtype), values).tobytes()
    raw += bytes(-len(raw) % 64)
    for i, (word,) in enumerate(struct.iter_unpack("<Q", raw)):
        lanes[i % 8] = _mix(lanes[i % 8], word)
    value = values.size
    for lane in lanes:
        value = _mix(value ^ value >> 32, lane)
    return (value ^ value >> 32) | 1


def _fingerprint(tensors: Tensors) -> int:
    value = len(tensors)
    for name, values in tensors.items():
        value = _hash_text(name.encode(), value + (_type(values) == "double"))
        value = _mix(value, _hash_values(values))
    return (value ^ value >> 32) | 1


@pytest.mark.parametrize("case", CASES)
def test_fingerprint_is_pythons(files: Files, case: str) -> None:
    assert files.fingerprint(CASES[case]) == _fingerprint(CASES[case])


def test_fingerprint_tells_everything_apart(files: Files) -> None:
    w = np.arange(40, dtype=np.float32)
    nan = np.array([np.nan, -np.nan, 0], np.float32)
    other_nan = np.array([0x7FC00001, 0xFF800001, 0], np.uint32).view(np.float32)
    assert files.fingerprint({"w": nan}) == files.fingerprint({"w": other_nan})
    variants: list[Tensors] = [{"w": w}, {"v": w}, {"w": w[:39]}, {"w": w[:1], "v": w}, {"v": w, "w": w[:1]}]
    variants += [{"w": np.array([0, 0], np.float32)}, {"w": np.array([0], np.float64)}]
    for i in range(w.size):  # sign bits are the ones that multiplications forget
        for j in range(i):
            flipped = w + 1
            flipped[[i, j]] *= -1
            variants.append({"w": flipped})
    assert len({_fingerprint(v) for v in variants}) == len(variants)
    assert len({files.fingerprint(v) for v in variants[:60]}) == 60


@pytest.mark.parametrize("case", CASES)
def test_binary_layout(files: Files, case: str) -> None:
    tensors = CASES[case]
    content = files.write("binary", tensors).read_bytes()
    magic, version, mark, n_table, table_hash = struct.unpack_from("<8sIIQQ", content)
    assert (magic, version, mark) == (b"\x89SOFIE\r\n", 1, 0x01020304)
    table = content[32 : 32 + n_table]
    assert table_hash == _hash_text(table)
    position = 32 + n_table
    for line, (name, values) in zip(table.decode().split("\n"), tensors.items(), strict=False):
        assert line == f"tensor_{name} {values.size} {_type(values)} {_hash_values(values)}"
        assert position % 64 == 0
        assert content[position : position + values.nbytes] == values.tobytes()
        position += -(-values.nbytes // 64) * 64
    assert position == len(content)


GOOD: Tensors = {"w": np.array([1.5, -2.25, 0.1], np.float32), "b": np.array([0.125, 7.0], np.float64)}
TEXT = b"tensor_w 3\n1.5 -2.25 0.100000001\ntensor_b 2\n0.125 7\n"


def _replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new)

    return change


def _cut(size: int) -> Callable[[bytes], bytes]:
    return lambda content: content[:size]


BAD_TEXT = [
    ("empty", _cut(0), "empty, or no file"),
    ("blank", lambda _: b"\n\n", "it has no tensor_w"),
    ("prose", lambda _: b"these are not weights", "expected name is tensor_w , read these"),
    ("first tensor alone", _cut(TEXT.index(b"tensor_b")), "it has no tensor_b"),
    ("cut in a name", _cut(TEXT.index(b"r_b")), "expected name is tensor_b , read tenso"),
    ("cut before a length", _cut(TEXT.index(b"2\n0.125")), "tensor size for tensor_b; expected size is 2 , read$"),
    ("cut in the values", _cut(TEXT.index(b"-2.25")), "values for tensor tensor_w: truncated"),
    ("cut in the last value", _cut(len(TEXT) - 1), "values for tensor tensor_b: truncated"),
    ("other name", _replaced(b"tensor_b", b"tensor_c"), "expected name is tensor_b , read tensor_c"),
    ("no prefix", _replaced(b"tensor_b", b"b"), "expected name is tensor_b , read b"),
    ("twice", lambda c: c + c, "tensor_w is there twice"),
    ("one too many", lambda c: c + b"tensor_x 1\n3\n", "'?tensor_x'? is one too many"),
    ("garbage at the end", lambda c: c + b"\x00\x00 ??", r"\?\? is one too many"),
    ("a value too many", _replaced(b"7\n", b"7 8\n"), "8 is one too many"),
    ("a value too few", _replaced(b" 0.100000001", b""), "'tensor_b' is no float"),
    ("shorter", _replaced(b"w 3", b"w 2"), "tensor size for tensor_w; expected size is 3 , read 2"),
    ("negative length", _replaced(b"w 3", b"w -3"), "expected size is 3 , read -3"),
    ("huge length", _replaced(b"w 3", b"w 99999999999999999999"), "expected size is 3 , read 99999999999999999999"),
    ("word", _replaced(b"1.5", b"1.5f"), "values for tensor tensor_w: '1.5f' is no float"),
    ("comma", _replaced(b"1.5", b"1,5"), "'1,5' is no float"),
    ("hexadecimal", _replaced(b"1.5", b"0x1p3"), "'0x1p3' is no float"),
    ("two signs", _replaced(b"-2.25", b"--2.25"), "'--2.25' is no float"),
    ("two points", _replaced(b"1.5", b"1.5.5"), "'1.5.5' is no float"),
    ("no exponent", _replaced(b"1.5", b"1.5e"), "'1.5e' is no float"),
    ("sign of exponent", _replaced(b"1.5", b"1.5e+"), r"'1.5e\+' is no float"),
    ("minus alone", _replaced(b"-2.25", b"-"), "'-' is no float"),
    ("exponent alone", _replaced(b"1.5", b"e5"), "'e5' is no float"),
    ("nano", _replaced(b"1.5", b"nano"), "'nano' is no float"),
    ("too large", _replaced(b"1.5", b"1e39"), "'1e39' is no float"),
    ("too large double", _replaced(b"0.125", b"-1e309"), "'-1e309' is no double"),
    ("escape codes", _replaced(b"1.5", b"1\x1b[2J\xff"), r"'\[2J\?' is no float"),
    ("long word", _replaced(b"1.5", b"1" * 5000 + b"x"), r"'1{80}\.\.\.' is no float"),
    ("another training", _replaced(b"1.5", b"1.25"), "weights of another model or training"),
    ("order of values", _replaced(b"1.5 -2.25", b"-2.25 1.5"), "weights of another model or training"),
]


@pytest.mark.parametrize(("change", "reason"), [row[1:] for row in BAD_TEXT], ids=[row[0] for row in BAD_TEXT])
def test_bad_text(files: Files, change: Callable[[bytes], bytes], reason: str) -> None:
    path = files.write("text", GOOD, "model.dat")
    assert path.read_bytes() == TEXT
    path.write_bytes(change(TEXT))
    with pytest.raises(RuntimeError, match=reason) as error:
        files.read(path, GOOD, files.fingerprint(GOOD))
    assert f"weight file {path} of model Model: " in str(error.value)


def _with_table(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The file with another table, whose hash is right."""
    n_table = struct.unpack_from("<Q", content, 16)[0]
    table = change(content[32 : 32 + n_table])
    return content[:16] + struct.pack("<QQ", len(table), _hash_text(table)) + table + content[32 + n_table :]


BAD_BINARY = [
    ("magic alone", _cut(8), "truncated in its head"),
    ("head alone", _cut(32), "truncated in its table"),
    ("cut in the table", _cut(50), "truncated in its table"),
    ("cut in the values", _cut(-70), "truncated in w"),
    ("cut by one", _cut(-1), "truncated in b"),
    ("one byte more", lambda c: c + b"\0", "1 bytes too many at its end"),
    ("version", lambda c: c[:8] + b"\2" + c[9:], "its version or its order of bytes"),
    ("big-endian", lambda c: c[:12] + c[12:16][::-1] + c[16:], "its version or its order of bytes"),
    ("huge table", lambda c: c[:16] + b"\xff" * 8 + c[24:], "truncated in its table"),
    ("table", _replaced(b"tensor_w 3", b"tensor_w 9"), "checksum of its table"),
    ("values", lambda c: c[:-64] + b"\x01" + c[-63:], "corrupt: the checksum of tensor_b"),
    ("padding", lambda c: c[:-1] + b"\x01", "corrupt: the checksum of tensor_b"),
    ("huge", lambda c: _with_table(c, _replaced(b"w 3", b"w 4611686018427387904")), "expected size is 3"),
    ("name", lambda c: _with_table(c, _replaced(b"r_b", b"r_c")), "expected name is tensor_b , read tensor_c"),
    ("type", lambda c: _with_table(c, _replaced(b"2 double", b"2 float")), "tensor_b is float, expected double"),
    ("no hash", lambda c: _with_table(c, lambda t: t.split(b" float")[0] + b" float"), "checksum of tensor_w"),
    ("no table", lambda c: _with_table(c, lambda _: b""), "128 bytes too many"),
]


@pytest.mark.parametrize(("change", "reason"), [row[1:] for row in BAD_BINARY], ids=[row[0] for row in BAD_BINARY])
def test_bad_binary(files: Files, change: Callable[[bytes], bytes], reason: str) -> None:
    path = files.write("binary", GOOD, "model.sofie")
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(RuntimeError, match=reason) as error:
        files.read(path, GOOD, files.fingerprint(GOOD))
    assert f"weight file {path} of model Model: " in str(error.value)


@pytest.mark.parametrize("form", ["text", "binary"])
def test_a_damaged_byte_is_refused_or_does_not_matter(programs: dict[str, Path], tmp_path: Path, form: str) -> None:
    files = Files(programs, tmp_path, "fast_")
    content = files.write(form, GOOD).read_bytes()
    fingerprint = files.fingerprint(GOOD)
    for i in range(len(content)):
        damaged = bytearray(content)
        damaged[i] ^= 1 << (i * 5 % 8)
        path = tmp_path / "damaged"
        path.write_bytes(damaged)
        try:
            read = files.read(path, GOOD, fingerprint)
        except RuntimeError:
            continue
        assert form == "text", "every byte of the binary file is covered"
        assert all(_same(values, read[name]) for name, values in GOOD.items())


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing.dat", "tmva-sofie failed to open file .*missing.dat for input weights"), (".", "empty, or no file")],
)
def test_no_file(files: Files, name: str, reason: str) -> None:
    with pytest.raises(RuntimeError, match=reason):
        files.read(files.folder / name, GOOD)


def test_without_a_fingerprint_any_values_do(files: Files) -> None:
    path = files.folder / "model.dat"
    path.write_bytes(TEXT.replace(b"1.5", b"1.25"))
    assert files.read(path, GOOD)["w"][0] == np.float32(1.25)


def test_long_numbers_are_rounded_once(files: Files) -> None:
    """What others write: many digits, capital exponents, half-way cases; numpy parses a float through a double."""
    words = ["0.1000000000000000055511151231257827", "1E-3", "33554431.5", "16777217", "16777217.0000000001", "1e-400"]
    words += ["0.000000000000000000000000000000000000011754943508222875", "007.50", "1.", "1e0005"]
    exact = np.array([0.1, 1e-3, 33554432, 16777216, 16777218, 0, 1.17549435e-38, 7.5, 1, 1e5], np.float32)
    path = files.folder / "model.dat"
    path.write_text(f"tensor_w {len(words)}\r\n" + "\t ".join(words) + "\r\n")
    assert files.read(path, {"w": exact})["w"].tobytes() == exact.tobytes()


def test_in_a_locale_with_a_comma(files: Files) -> None:
    locale = files.folder / "de_DE.UTF-8"
    command = ["localedef", "-i", "de_DE", "-f", "UTF-8", str(locale)]
    if shutil.which(command[0]) is None or subprocess.run(command, capture_output=True, check=False).returncode > 1:
        pytest.skip("needs localedef and the sources of its locales")
    env = {**os.environ, "LOCPATH": str(files.folder), "LC_ALL": locale.name}
    point = [
        "python3",
        "-c",
        "import locale; locale.setlocale(locale.LC_ALL, ''); print(locale.localeconv()['decimal_point'])",
    ]
    assert subprocess.run(point, capture_output=True, text=True, check=True, env=env).stdout == ",\n"
    tensors = CASES["special"]
    read = files.read(files.write("text", tensors), tensors, env=env)
    assert all(_same(values, read[name]) for name, values in tensors.items())


# Files that are written whole or not at all


def _write(programs: dict[str, Path], path: Path | str, content: bytes, limit: int | None = None) -> str:
    def set_limit() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        drop_from_bounding_set, may_override_permissions = 24, 1
        libc.prctl(drop_from_bounding_set, may_override_permissions, 0, 0, 0)  # or root could write everywhere

    libc = ctypes.CDLL(None)
    command = [str(programs["writer"]), "content", str(path)]
    done = subprocess.run(command, input=content, capture_output=True, check=False, preexec_fn=set_limit)
    assert done.returncode in (0, 1), done.stderr
    return done.stderr.decode().strip()


def test_replaced_whole(programs: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "x.hxx"
    path.write_bytes(b"old")
    link = tmp_path / "link.hxx"
    link.symlink_to("x.hxx")
    umask = os.umask(0o022)
    os.umask(umask)
    assert _write(programs, link, b"new" * 1_000_000) == ""
    assert link.is_symlink()
    assert path.read_bytes() == b"new" * 1_000_000
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.hxx", "x.hxx"]


def test_a_full_disk_leaves_the_old_file(programs: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "x.hxx"
    path.write_bytes(b"old")
    message = _write(programs, path, b"new" * 1_000_000, limit=100_000)
    assert message == f"TMVA-SOFIE: cannot write the file {path}: File too large"
    assert [p.name for p in tmp_path.iterdir()] == ["x.hxx"]
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing/x.hxx", "No such file or directory"),
        ("folder", "it is a folder"),
        ("folder/", "it is a folder"),
        ("", "it has no name"),
        ("file/x.hxx", "Not a directory"),
        ("pipe", "it is no ordinary file"),
        ("n" * 300, "File name too long"),
    ],
)
def test_refused_place(
    programs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, reason: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    assert re.fullmatch(f"TMVA-SOFIE: cannot write the file {name}: {reason}", _write(programs, name, b"new"))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder", "pipe"]


def test_read_only_folder(programs: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "x.hxx").write_bytes(b"old")
    tmp_path.chmod(0o500)
    try:
        assert _write(programs, tmp_path / "x.hxx", b"new").endswith("x.hxx: Permission denied")
        assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"old"]
    finally:
        tmp_path.chmod(0o700)


def test_a_long_name_is_no_problem(programs: dict[str, Path], tmp_path: Path) -> None:
    assert _write(programs, tmp_path / ("n" * 255), b"new") == ""


def test_left_over_of_a_killed_process(programs: dict[str, Path], tmp_path: Path) -> None:
    script = f'for i in 0 1 2; do touch ".pysofie-$$-$i.tmp"; done; exec "{programs["writer"]}" content x'
    subprocess.run(["sh", "-c", script], input=b"new", cwd=tmp_path, check=True)
    assert (tmp_path / "x").read_bytes() == b"new"


def test_clang_agrees(programs: dict[str, Path], tmp_path: Path) -> None:
    if subprocess.run([sys.executable, "-c", "import ziglang"], capture_output=True, check=False).returncode != 0:
        pytest.skip("needs the ziglang wheel")
    clang = [sys.executable, "-m", "ziglang", "c++", *WARNINGS, "-O2", f"-I{programs['reader'].parent}"]
    reader = tmp_path / "clang_reader"
    subprocess.run([*clang, str(ROOT_DIR / "test/weights/reader.cxx"), "-o", str(reader)], check=True)
    files = Files({**programs, "reader": reader}, tmp_path)
    for form in ["text", "binary"]:
        for case in ["special", "bits"]:
            read = files.read(files.write(form, CASES[case]), CASES[case], files.fingerprint(CASES[case]))
            assert all(_same(values, read[name]) for name, values in CASES[case].items())


@pytest.mark.slow
@pytest.mark.parametrize("form", ["text", "binary"])
def test_speed(
    programs: dict[str, Path], tmp_path: Path, form: str, record_property: Callable[[str, object], None]
) -> None:
    files = Files(programs, tmp_path, "fast_")
    tensors: Tensors = {"w": np.random.default_rng(3).normal(size=25_000_000).astype(np.float32)}
    path = files.write(form, tensors)
    files.read(path, tensors, files.fingerprint(tensors))
    record_property("megabytes_per_second", path.stat().st_size / 1e6 / files.seconds)
