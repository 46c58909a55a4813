"""Lets `RSofieReader`, which is C++, have models parsed by this process, whoever uses it: Python, or code that cling runs.

The library takes a plain C function. A `std::function` of Python's would need cling, a third of a second of it, whenever the core
is loaded.
"""

from __future__ import annotations

import atexit
import ctypes
import json
import os
from pathlib import Path
from typing import Any

_FUNCTION = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_char), ctypes.c_size_t
)


def attach(library: Path) -> None:
    """Tell the library, which is loaded, to ask this process."""
    set_parser = ctypes.CDLL(str(library)).TMVA_SOFIE_SetParser
    set_parser.argtypes, set_parser.restype = [_FUNCTION], None
    set_parser(_PARSER)
    atexit.register(set_parser, _FUNCTION())  # C++ may outlive Python


def _write_answer(model: bytes, shapes: bytes, folder: bytes, answer: Any, length: int) -> int:
    """Write the header's path, or why there is none, into the buffer; 0 is success."""
    status, text = 0, b""
    try:
        text = os.fsencode(write_header(os.fsdecode(model), json.loads(shapes), Path(os.fsdecode(folder))))
    except Exception as error:  # noqa: BLE001 - nothing passes through C
        status, text = 1, (str(error) or type(error).__name__).encode()
    text = text[: length - 1] + b"\0"
    ctypes.memmove(answer, text, len(text))
    return status


_PARSER = _FUNCTION(_write_answer)  # C++ keeps its address


def write_header(model: str, shapes: list[list[int]], folder: Path) -> Path:
    """Translate a model; its header and weights go into the folder."""
    from . import parsing, session  # noqa: PLC0415 - `provider`, which they need, imports this

    rmodel = parsing.parse(model, shapes or None)
    header = folder / f"{rmodel.GetName()}.hxx"
    session.generate(rmodel, header)
    return header
