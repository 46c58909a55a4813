"""What a model file is, found out without running anything that it holds."""

from __future__ import annotations

import io
import pickletools
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from .errors import ModelFileError, ModelFileNotFoundError

_TENSOR_MAKERS = (
    "torch._utils",
    "torch ",
    "collections OrderedDict",
    "torch.storage",
    "torch.nn.parameter",
    "torch.serialization",
)


@dataclass(frozen=True, slots=True)
class TorchFile:
    """A file of PyTorch's: its kind (torchscript, program, state_dict, module) and a class that it names."""

    kind: str
    detail: str = ""


def check_readable(path: Path) -> None:
    """Refuse what is missing, a folder or empty."""
    if not path.exists():
        raise ModelFileNotFoundError(f"Model file {path} not found!")
    if not path.is_file():
        raise ModelFileError(f"{path} is a folder, not a model file")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise ModelFileError(f"{path} cannot be read: {error.strerror}") from error
    if empty:
        raise ModelFileError(f"{path} is empty")


def describe(path: Path) -> str:
    """What a file seems to be, for an error message."""
    with path.open("rb") as file:
        start = file.read(512)
    if start.startswith(b"PK\x03\x04"):
        return "it is a zip archive"
    if start.startswith(b"\x89HDF\r\n\x1a\n"):
        return "it is an HDF5 file (Keras writes .h5 files)"
    if start.startswith(b"\x80"):
        return "it is a Python pickle"
    if start.isascii() and b"\0" not in start:
        line = start.decode("ascii").strip().splitlines()
        return f"it is text that begins with '{line[0][:40]}'" if line else "it is white space"
    return f"it begins with the bytes {start[:4].hex(' ')}"


def inspect_torch(path: Path) -> TorchFile:
    """The kind of a file that PyTorch is said to have written; ModelFileError where it has not."""
    check_readable(path)
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(b"PK\x03\x04"):
        return _inspect_archive(path)
    if start.startswith(b"\x80"):
        return _inspect_pickle(path.read_bytes())
    raise ModelFileError(f"{path} is no TorchScript file: {describe(path)}")


def write_whole(path: Path, text: str) -> None:
    """Write a file that is there as a whole or not at all."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        file.write(text)
    Path(file.name).replace(path)


def first_line(error: BaseException) -> str:
    """The first line of an error's text that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _inspect_archive(path: Path) -> TorchFile:
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
            names = archive.namelist()
            # A file that ends too early can end inside an archive that it holds, which is found then.
            is_whole = min((one.header_offset for one in archive.infolist()), default=0) == 0
            pickles = [name for name in names if name.endswith("/data.pkl") and name.count("/") == 1]
            content = archive.read(pickles[0]) if pickles and damaged is None else b""
    except Exception as error:  # damage can surface anywhere below zipfile: zlib.error, struct.error, OSError
        raise ModelFileError(f"{path} is truncated or damaged: {first_line(error)}") from error
    if damaged is not None:
        raise ModelFileError(f"{path} is damaged: the part {damaged} has a wrong checksum")
    if not is_whole:
        raise ModelFileError(f"{path} is truncated or damaged: it ends too early")
    inner = {name.split("/", 1)[-1] for name in names}
    if "constants.pkl" in inner and any(name.startswith("code/") for name in inner):
        return TorchFile("torchscript")
    if any(name.startswith("models/") for name in inner) or "serialized_exported_program.json" in inner:
        return TorchFile("program")
    if pickles:
        return _inspect_pickle(content)
    raise ModelFileError(f"{path} is a zip archive, but none of PyTorch's")


def _inspect_pickle(content: bytes) -> TorchFile:
    """Tell a state_dict from a module by the classes that a pickle names; nothing is unpickled."""
    named: list[str] = []
    strings: list[str] = []
    position = 0
    while position < len(content):
        try:
            for opcode, argument, at in pickletools.genops(content[position:]):
                if opcode.name in ("GLOBAL", "INST"):
                    named.append(str(argument))
                elif opcode.name == "STACK_GLOBAL":
                    named.append(" ".join(strings[-2:]))
                elif isinstance(argument, str):
                    strings.append(argument)
                end = at or 0
            position += end + 1
        except (ValueError, EOFError, UnicodeDecodeError, IndexError):
            break
    foreign = [name for name in named if not name.startswith(_TENSOR_MAKERS)]
    if foreign:
        return TorchFile("module", foreign[0].replace(" ", "."))
    return TorchFile("state_dict") if named else TorchFile("pickle")


def foreign_class(content: bytes) -> str:
    """A class that an archive or a pickle of PyTorch's names besides tensors and containers; "" where there is none.

    What is neither counts as a pickle, whose oldest protocol is text: it names what it begins with.
    """
    if not content.startswith(b"PK\x03\x04"):
        found = _inspect_pickle(content)
        return found.detail if content.startswith(b"\x80") else found.detail or "something that is no tensor"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        pickles = [archive.read(name) for name in archive.namelist() if not name.split("/", 1)[-1].startswith("data/")]
    return next(filter(None, (_inspect_pickle(one).detail for one in pickles if one.startswith(b"\x80"))), "")
