"""Custom functions of autograd, and whether they say themselves what they are in ONNX."""

from __future__ import annotations

import contextlib
import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def one_says_symbolic(run: Callable[[], object]) -> bool:
    """Whether a custom function that is called says itself what it is in ONNX: of the exporters, one alone listens."""
    import torch

    called: list[bool] = []

    def noting(forward: Any) -> Any:
        def noted(*args: Any, **keywords: Any) -> Any:
            called.append(True)
            return forward(*args, **keywords)

        return staticmethod(noted)

    with contextlib.ExitStack() as stack:
        for one in _with_symbolic(torch.autograd.Function):
            forward = inspect.getattr_static(one, "forward")
            stack.callback(setattr, one, "forward", forward)
            one.forward = noting(one.forward)
        run()
    return bool(called)


def _with_symbolic(function: Any) -> Iterator[Any]:
    """The user's own functions that define `symbolic` and `forward`."""
    for one in function.__subclasses__():
        if not one.__module__.startswith("torch.") and "symbolic" in vars(one) and "forward" in vars(one):
            yield one
        yield from _with_symbolic(one)
