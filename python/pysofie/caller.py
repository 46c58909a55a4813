"""How a call from Python reaches a plan: `Caller`, the base class of `pysofie.Session`."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pysofie.errors import SofieError
    from pysofie.plan import Plan, Result


class Caller:
    """Something to call with arrays, in one thread at a time, which remembers the plan for those of the latest shapes.

    This is what `src/python/Caller.cxx` does in C++. That takes this one's place where it was built, and then runs a plan
    that has a `layout` itself.
    """

    __slots__ = ("_lock", "_prepared")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._prepared: Plan | None = None

    def __call__(self, *arrays: Any) -> Result:
        """Run the model, as the class says."""
        if not self._acquire():
            raise self._refusal()
        try:
            if self._prepared is not None and (result := self._prepared(arrays)) is not None:
                return result
            return self._call(arrays)
        finally:
            self._lock.release()

    def _acquire(self) -> bool:
        """Keep others from calling; without having to wait, or else it is in vain. Nothing but a call's end undoes it."""
        return self._lock.acquire(blocking=False)

    def _prepare(self, plan: Plan | None) -> None:
        """Try this plan first from now on."""
        self._prepared = plan

    def _call(self, arrays: tuple[Any, ...]) -> Result:
        """Run the model on what no plan was prepared for."""
        raise NotImplementedError

    def _refusal(self) -> SofieError:
        """Return what to raise where somebody else has acquired it."""
        raise NotImplementedError


if not TYPE_CHECKING:
    with contextlib.suppress(ModuleNotFoundError):
        from pysofie._caller import Caller  # noqa: F401 - takes the place of the class above
