"""Rules of the house that no linter checks."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import pysofie

PACKAGE = Path(pysofie.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
NAMES = [str(path.relative_to(PACKAGE)) for path in FILES]


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_file_is_of_a_readable_size(path):
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_only_the_border_imports_root(path):
    imported = {
        name
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    roots = {name for name in imported if name.split(".")[0] in {"ROOT", "cppyy"}}
    assert not roots or path.name in {"provider.py", "pythonize.py"}


def test_importing_pysofie_is_cheap():
    """Neither cling nor a framework is started by an import."""
    heavy = ("torch", "keras", "tensorflow", "onnx", "cppyy", "matplotlib", "onnxruntime")
    code = f"import sys, pysofie; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
