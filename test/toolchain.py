"""The compiler as the C++ tests use it."""

from __future__ import annotations

import subprocess
from pathlib import Path

INCLUDE = Path(__file__).resolve().parent.parent / "inc"
WARNINGS = ("-Wall", "-Wextra", "-Werror")
SANITIZERS = ("-O0", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def compile_program(source: Path, output: Path, *flags: str, sanitize: bool = False) -> Path:
    """Compile one source file to a program, every warning an error."""
    options = (*(SANITIZERS if sanitize else ()), *flags)
    command = ["g++", "-std=c++17", *WARNINGS, *options, f"-I{INCLUDE}", str(source), "-o", str(output)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:4000]
    return output
