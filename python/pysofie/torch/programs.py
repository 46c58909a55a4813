"""Files of torch.export, before PyTorch loads them: its loader unpickles objects, and evaluates expressions, that a file holds.

What is let through: tensors and containers in pickles, sizes as sympy writes them out, comparisons of sizes for guards.
"""

from __future__ import annotations

import ast
import io
import json
import warnings
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from pysofie import files
from pysofie.errors import ModelFileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ARITHMETIC = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Constant, ast.Name, ast.Load)
_SIGNS = (ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
_ATTRIBUTES = {"size", "shape", "dtype", "ndim", "dim"}
_OLD_PICKLES = ("serialized_state_dict.json", "serialized_constants.json")
"""What PyTorch unpickles for the sake of its oldest files, whatever they are called."""
_FUNCTIONS = {"len", "max", "min", "abs", "int", "float"}


def check(path: Path) -> None:
    """Refuse a file that could run code when PyTorch loads it.

    Raises
    ------
    ModelFileError
        Which names what is in the file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            # PyTorch finds files by name whatever the case of its letters.
            members = {PurePosixPath(name.lower()): archive.read(name) for name in archive.namelist()}
            ambiguous = len(members) < len(archive.namelist())
            found = "two files of one name" if ambiguous else next(filter(None, _dangers(members)), "")
    except ModelFileError:
        raise
    except Exception as error:  # what a damaged archive raises is of all sorts
        raise ModelFileError(f"{path} is truncated or damaged: {files.first_line(error)}") from error
    if found:
        raise ModelFileError(
            f"{path} holds {found}. It is not loaded, because that can run whatever code the file names. Where you trust it, load "
            "it yourself, torch.export.load(path), and give that to pysofie.parse"
        )


def _dangers(members: dict[PurePosixPath, bytes]) -> Iterator[str]:
    pickled = {path for path in members if path.suffix == ".pt" or path.name in _OLD_PICKLES}
    for path, content in members.items():
        if "aotinductor" in path.parts:
            yield f"compiled code ({path.name})"
        if path.suffix == ".json":
            record = json.loads(content)
            pickled.update(path.parent / name for name in _pickled(record))
            yield from (f"the size {one!r}" for one in _texts(record, "expr_str") if not _is_size(one))
            yield from (f"the guard {one!r}" for one in _texts(record, "guards_code") if not _is_guard(one))
        elif path.parent.name == "constants" and not path.name.startswith("tensor_") and path.suffix != ".pt":
            yield f"an object that is no tensor ({path.name})"
    for path in sorted(pickled & set(members)):
        name = files.foreign_class(members[path])
        if name:
            yield f"an object of {name}"
        elif not _is_of_weights(members[path]):
            yield f"something that is no tensor ({path.name})"


def _is_of_weights(content: bytes) -> bool:
    """Whether PyTorch itself reads it where it must not run code: names alone can deceive, as functions that load others do."""
    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception:  # noqa: BLE001 - whatever a damaged or hostile pickle makes its reader raise
        return False
    return True


def _pickled(record: Any) -> Iterator[str]:
    """Files that a list of weights or constants says are pickles."""
    config = record.get("config") if isinstance(record, dict) else None
    for one in config.values() if isinstance(config, dict) else ():
        if one.get("use_pickle"):
            yield str(one.get("path_name")).lower()


def _texts(record: Any, key: str) -> Iterator[str]:
    """All texts under a key, at any depth."""
    if isinstance(record, dict):
        found = record.get(key)
        yield from (str(one) for one in (found if isinstance(found, list) else [found]) if one is not None)
    for inner in record.values() if isinstance(record, dict) else record if isinstance(record, list) else ():
        yield from _texts(inner, key)


def _is_size(text: str) -> bool:
    """Whether it is a size as sympy writes it: numbers, and classes called with sizes; text for the name of a symbol alone."""
    return _consists_of(text, _is_part_of_size)


def _is_part_of_size(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="Symbol"), args=[ast.Constant(value=str(name))]):
            return name.isidentifier()
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return name[:1].isupper() and not any(_is_text(one) for one in arguments)
        case ast.keyword(value=ast.Constant(value=value)):
            return isinstance(value, bool)
    return isinstance(node, (*_ARITHMETIC, *_SIGNS))


def _is_guard(text: str) -> bool:
    """Whether it compares sizes of arguments, ``L['x'].size()[0] >= 2``."""
    return _consists_of(text, _is_part_of_guard)


def _is_part_of_guard(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(), keywords=[]):
            return True
        case ast.Call(func=ast.Name(id=name), keywords=[]):
            return name in _FUNCTIONS
        case ast.Attribute(attr=name):
            return name in _ATTRIBUTES
        case ast.Name(id=name):
            return not name.startswith("_")
    return isinstance(node, (*_ARITHMETIC, *_SIGNS, ast.Subscript))


def _consists_of(text: str, allowed: Any) -> bool:
    try:
        return all(allowed(node) for node in ast.walk(ast.parse(text, mode="eval")))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
