"""A timing program as the benchmark sees it: a child process that prepares itself once and then times calls."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from networks import Floats

ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class ProgramError(RuntimeError):
    """A program did not compile, did not start or stopped answering; the text ends with what it said."""


class Program:
    """A running timing program: call it with a number of calls, and it returns the seconds that they took.

    The seconds are the process's CPU time, which a busy machine does not lengthen. It reads one line at a time: ``output``
    is answered by the network's output, a number by nanoseconds.
    """

    def __init__(self, command: Sequence[str | Path]) -> None:
        self._errors = tempfile.TemporaryFile(mode="w+")  # noqa: SIM115 - closed with the program
        self._process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=os.environ | ONE_THREAD,
        )

    def __call__(self, calls: int) -> float:
        """Make that many calls and return the seconds that they took."""
        return int(self._ask(str(calls))) * 1e-9

    def output(self) -> Floats:
        """Return what the network's output is, flat."""
        return np.array(self._ask("output").split(), dtype=np.float32)

    def rss_mb(self) -> float:
        """Return the megabytes that the process has in memory."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def close(self) -> None:
        """End the program: it clears up once nothing more is to be read, and has some seconds for it."""
        try:
            self._process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        self._errors.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, question: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(question + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            answer = ""
        else:
            answer = self._process.stdout.readline()
        if not answer:
            self._process.wait()
            self._errors.seek(0)
            raise ProgramError(_ending(self._errors.read()) or f"ended with status {self._process.returncode}")
        return answer


def run(command: Sequence[str | Path], environment: dict[str, str] | None = None) -> None:
    """Run a command to its end; its failure is a ProgramError."""
    output_of(command, environment)


def output_of(command: Sequence[str | Path], environment: dict[str, str] | None = None) -> str:
    """Run a command to its end and return what it prints; its failure is a ProgramError."""
    words = [str(word) for word in command]
    done = subprocess.run(words, check=False, capture_output=True, text=True, env=os.environ | (environment or {}))
    if done.returncode:
        raise ProgramError(_ending(done.stderr or done.stdout) or f"{words[0]} ended with status {done.returncode}")
    return done.stdout


def _ending(text: str, lines: int = 12) -> str:
    return "\n".join(text.strip().splitlines()[-lines:])
