"""Work in child processes: what crashes or hangs costs one item, not the run."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

CRASHED, HUNG = "crashed", "hung"
_CONTEXT = multiprocessing.get_context("spawn")


class Child(Generic[Item, Answer]):
    """A process that applies one function to items; it is replaced where it ends or takes too long."""

    def __init__(self, function: Callable[[Item], Answer], seconds: float) -> None:
        self._function, self._seconds = function, seconds
        self._process: Any = None
        self._link: Any = None

    def ask(self, item: Item) -> Answer | str:
        """The function's answer, or how the child has died of it."""
        if self._process is None:
            self._link, other = _CONTEXT.Pipe()
            self._process = _CONTEXT.Process(target=_serve, args=(self._function, other), daemon=True)
            self._process.start()
            other.close()
        try:
            self._link.send(item)
            if self._link.poll(self._seconds):
                answer: Answer = self._link.recv()
                return answer
            verdict = HUNG
        except (EOFError, OSError):
            verdict = CRASHED
        self.end()
        return verdict

    def end(self) -> None:
        """Stop the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._link.close()
            self._process = None


def _serve(function: Callable[[Any], Any], link: Connection) -> None:
    while True:
        try:
            item = link.recv()
        except EOFError:
            return
        link.send(function(item))


def each(
    function: Callable[[Item], Answer], items: Iterable[Item], *, seconds: float, children: int = 2
) -> Iterator[Answer | str]:
    """The answers in the items' order, by several children side by side."""
    free = [Child(function, seconds) for _ in range(children)]

    def ask(item: Item) -> Answer | str:
        child = free.pop()
        try:
            return child.ask(item)
        finally:
            free.append(child)

    try:
        with ThreadPoolExecutor(children) as pool:
            yield from pool.map(ask, items)
    finally:
        for child in free:
            child.end()
