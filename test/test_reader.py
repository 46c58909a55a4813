"""RSofieReader: a model by its file's name, from Python and from a C++ macro, in a folder that stays clean."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pysofie import SofieError, config, provider, reader_hook
from small_model import expected, write_dense

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -3.0]], np.float32)


@pytest.fixture(scope="module")
def Reader() -> Any:
    provider.load_core()
    return provider.root().TMVA.Experimental.RSofieReader


@pytest.fixture(autouse=True)
def _clean_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("cwd")
    monkeypatch.chdir(folder)
    yield
    assert list(folder.iterdir()) == []


def _check(reader: Any, x: np.ndarray, seed: int) -> None:
    np.testing.assert_allclose(list(reader.Compute(x.ravel())), expected(x, seed), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("options", ["kDefault", "kBinaryWeightFile", "kNoWeightFile"])
def test_header(Reader: Any, tmp_path: Path, options: str) -> None:
    header = write_dense(tmp_path, f"Reader_{options}", batch=1, options=options)
    reader = Reader(str(header))
    for row in X:
        _check(reader, row[None], seed=1)


def test_named_batch_follows_from_the_length(Reader: Any, tmp_path: Path) -> None:
    reader = Reader(str(write_dense(tmp_path, "Reader_named")), [[1, 3]])
    for n in [1, 2, 0]:
        _check(reader, X[:n], seed=1)
    with pytest.raises(Exception, match=r"has 4 values, which do not fill the shape \{ batch , 3 \}"):
        reader.Compute([1.0, 2.0, 3.0, 4.0])


def test_retrained_model_of_the_same_name(Reader: Any, tmp_path: Path) -> None:
    first = Reader(str(write_dense(tmp_path, "Reader_again", seed=1)))
    second = Reader(str(write_dense(tmp_path, "Reader_again", seed=2)))
    again = Reader(str(tmp_path / "Reader_again.hxx"))
    for reader, seed in [(first, 1), (second, 2), (again, 2)]:
        _check(reader, X, seed)


def test_beside_the_same_header_included(Reader: Any, tmp_path: Path) -> None:
    header = write_dense(tmp_path, "Reader_included")
    root = provider.root()
    assert root.gInterpreter.Declare(f'#include "{header}"')
    _check(Reader(str(header)), X, seed=1)
    session = root.TMVA_SOFIE_Reader_included.Session(str(header.with_suffix(".dat")))
    np.testing.assert_allclose(list(session.infer(2, X)), expected(X, 1), rtol=1e-5, atol=1e-6)


def test_renamed_header(Reader: Any, tmp_path: Path) -> None:
    header = write_dense(tmp_path, "Reader_old")
    for path in [header, header.with_suffix(".dat")]:
        path.rename(path.with_stem("new"))
    _check(Reader(str(tmp_path / "new.hxx")), X, seed=1)


REFUSED = [
    ("missing.hxx", None, r"model file .*missing\.hxx not found"),
    ("missing.pt", None, r"model file .*missing\.pt not found"),
    ("folder.hxx", None, r"model file .*folder\.hxx not found"),
    ("model.root", None, r"model\.root: models in ROOT files are not supported"),
    ("prose.hxx", "no model", r"prose\.hxx is not a header that pysofie's core has generated"),
    ("empty.hxx", "", r"empty\.hxx is not a header"),
]


@pytest.mark.parametrize(("name", "content", "reason"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refused(Reader: Any, tmp_path: Path, name: str, content: str | None, reason: str) -> None:
    (tmp_path / "folder.hxx").mkdir()
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(Exception, match=reason):
        Reader(str(tmp_path / name))


def test_a_failure_leaves_the_model(Reader: Any, tmp_path: Path) -> None:
    reader = Reader()
    with pytest.raises(Exception, match="no model was loaded"):
        reader.Compute([1.0])
    reader.Load(str(write_dense(tmp_path, "Reader_kept")))
    broken = write_dense(tmp_path, "Reader_broken", seed=3)
    broken.with_suffix(".dat").unlink()
    with pytest.raises(Exception, match=r"Reader_broken\.dat for input weights"):
        reader.Load(str(broken))
    _check(reader, X, seed=1)


@pytest.mark.parametrize(
    ("shapes", "reason"),
    [
        ([[1, 4]], r"input 1 of .* has the shape \{ batch , 3 \}, not \{ 1 , 4 \}"),
        ([[3]], r"not \{ 3 \}"),
        ([[1, 3], [1]], "has 1 inputs, not the 2 whose shapes were given"),
    ],
)
def test_shapes_of_another_model(Reader: Any, tmp_path: Path, shapes: list[list[int]], reason: str) -> None:
    header = write_dense(tmp_path, "Reader_shapes")
    with pytest.raises(Exception, match=reason):
        Reader(str(header), shapes)


def test_wrong_number_of_inputs(Reader: Any, tmp_path: Path) -> None:
    reader = Reader(str(write_dense(tmp_path, "Reader_inputs")))
    vector = provider.root().std.vector["float"]([1.0, 2.0, 3.0])
    for second in (vector, [1.0, 2.0, 3.0], np.ones(3)):
        with pytest.raises(SofieError, match="has 1 inputs, not 2"):
            reader.Compute(vector, second)


def test_parser_of_this_process(Reader: Any, tmp_path: Path) -> None:
    """Where `import pysofie` was done, it is asked for a header, which it writes into a folder that goes again."""
    asked: list[tuple[str, str, str]] = []

    def parse(path: Any, shapes: Any, folder: Any) -> str:
        asked.append((str(path), str(shapes), str(folder)))
        return str(write_dense(Path(str(folder)), "Reader_parsed"))

    model = tmp_path / "some.model"
    model.touch()
    Reader.SetParser(parse)
    try:
        reader = Reader(str(model), [[1, 3]])
    finally:
        reader_hook.attach(config.library_dir() / "libpysofie.so")
    _check(reader, X, seed=1)
    assert asked == [(str(model), "[[1,3]]", asked[0][2])]
    assert not Path(asked[0][2]).exists()


COMMAND = """#!{python}
import sys
sys.stdout.write(" ".join(sys.argv[1:]))
sys.exit(3)
"""


def test_parser_by_command(Reader: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is run, and what is said where it fails or is not there; no shell sees the model's name."""
    model = tmp_path / "a $(touch owned) model.pt"
    model.touch()
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    Reader.SetParser()
    try:
        with pytest.raises(SofieError, match=r'do "import pysofie" in this process, or have the command pysofie'):
            Reader(str(model))
        command = folder / "pysofie"
        command.write_text(COMMAND.format(python=sys.executable))
        command.chmod(0o755)
        with pytest.raises(SofieError, match="pysofie cannot parse") as error:
            Reader(str(model), [[1, 3], [4]])
    finally:
        reader_hook.attach(config.library_dir() / "libpysofie.so")
    said = str(error.value)
    assert f"parse {model} --output " in said
    assert said.strip().endswith("--no-verify --shape 1,3 --shape 4")


def _module() -> Any:
    torch = pytest.importorskip("torch")
    torch.manual_seed(5)
    return torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.Linear(5, 1))


@pytest.mark.torch
def test_torchscript_from_python(Reader: Any, save_torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is parsed in this process, from Python and from code that cling runs: there is no command on the path."""
    torch = pytest.importorskip("torch")
    monkeypatch.setenv("PATH", "")
    module = _module()
    path = save_torch(module)
    wanted = module(torch.tensor(X)).detach().numpy().ravel()
    reader = Reader(path, [[2, 3]])
    again = Reader()
    again.Load(path=path, inputShapes=[(2, 3)])
    for one in (reader, again, Reader(reader)):
        for x in (X, X.ravel().tolist(), X.astype(np.float64), provider.root().std.vector["float"](X.ravel())):
            np.testing.assert_allclose(list(one.Compute(x)), wanted, rtol=1e-5, atol=1e-6)
    function = "reader_of_torchscript"
    assert provider.root().gInterpreter.Declare(f"""#include "TMVA/RSofieReader.hxx"
    std::vector<float> {function}(const char *path)
    {{
       return TMVA::Experimental::RSofieReader(path, {{{{1, 3}}}}).Compute({{0.5, -1, 2}});
    }}""")
    np.testing.assert_allclose(list(getattr(provider.root(), function)(str(path))), wanted[:1], rtol=1e-5, atol=1e-6)


@pytest.mark.torch
def test_two_inputs_from_python(Reader: Any, save_torch: Any) -> None:
    torch = pytest.importorskip("torch")

    class Product(torch.nn.Module):
        def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return x * y

    reader = Reader(save_torch(Product()), [[2, 3], [1]])
    assert list(reader.Compute(range(6), [2])) == [0, 2, 4, 6, 8, 10]


@pytest.mark.torch
def test_a_model_that_cannot_be_parsed(Reader: Any, save_torch: Any, tmp_path: Path) -> None:
    path = save_torch(_module())
    for shapes, reason in [
        ((), r"pysofie cannot parse the model: model\.pt: TorchScript does not say the shapes"),
        ([[1, 4]], r"model\.pt cannot be run on the inputs .*: mat1 and mat2"),
        ([["batch", 3]], "takes shapes of integers"),
        ([[1, -3]], "a dimension of size -3"),
    ]:
        with pytest.raises(SofieError, match=reason):
            Reader(path, shapes)
    (tmp_path / "text.pt").write_text("no model")
    with pytest.raises(SofieError, match=r"text\.pt is no TorchScript file: it is text"):
        Reader(tmp_path / "text.pt", [[1, 3]])


MACRO = """
#include "TMVA/RSofieReader.hxx"
int macro(const char *model, float expected)
{{
   TMVA::Experimental::RSofieReader reader(model, {{{{1, 3}}}});
   std::vector<float> const x = {{0.5, -1, 2}};
   float const y = reader.Compute(x)[0];
   std::vector<float> z = reader.Compute({{1.5, 0.25, -3}});
   return z.size() == 1 && std::abs(y - expected) < 1e-5 ? 0 : 1;
}}
"""


def _path() -> str:
    """Where an environment's commands are, activated or not."""
    return f"{Path(sys.executable).parent}:{os.environ['PATH']}"


def _run_macro(tmp_path: Path, model: Path, wanted: float) -> None:
    """As a user of plain ROOT: no Python, the library is loaded by its rootmap."""
    (tmp_path / "macro.C").write_text(MACRO.format())
    env = {**os.environ, **config.shell_environment()}
    env["PYTHONWARNINGS"] = "ignore"
    env["PATH"] = _path()
    command = ["root", "-l", "-b", "-q", f'{tmp_path / "macro.C"}("{model}", {wanted})']
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert done.stdout.strip().endswith("(int) 0"), done.stdout + done.stderr
    assert done.stderr == ""


def test_from_a_macro(tmp_path: Path) -> None:
    header = write_dense(tmp_path, "Reader_macro")
    _run_macro(tmp_path, header, float(expected(X[:1], 1)[0]))


@pytest.mark.torch
@pytest.mark.slow
def test_torchscript_from_a_macro(tmp_path: Path, save_torch: Any) -> None:
    torch = pytest.importorskip("torch")
    if shutil.which("pysofie", path=_path()) is None:
        pytest.skip("needs the command pysofie")
    module = _module()
    wanted = float(module(torch.tensor(X[:1]))[0, 0].detach())
    _run_macro(tmp_path, save_torch(module), wanted)
