"""What is known of a tensor while a graph is read: its type, its shape in sizes, its contents where they are constant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from . import dims

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .dims import Shape
    from .graph import Array


class TensorType(NamedTuple):
    """Data type and shape; None where it is not known."""

    dtype: np.dtype[np.generic] | None
    shape: Shape | None


UNKNOWN = TensorType(None, None)


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor as rules and translators see it."""

    name: str
    type: TensorType
    contents: NDArray[Any] | None = None
    """The elements where they are known: an array of the tensor's own type, or for shape arithmetic one of sizes."""

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The data type, which must be known."""
        if self.type.dtype is None:
            raise LookupError(f"the type of '{self.name}' is not known")
        return self.type.dtype

    @property
    def shape(self) -> Shape:
        """The shape, which must be known."""
        if self.type.shape is None:
            raise LookupError(f"the shape of '{self.name}' is not known")
        return self.type.shape

    @property
    def rank(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    @property
    def constant(self) -> Array | None:
        """The elements where all of them are numbers."""
        return None if self.contents is None or self.contents.dtype == object else self.contents

    @property
    def is_sizes(self) -> bool:
        """Whether it is a scalar or vector of sizes that depend on named dims, all of which are given with the inputs."""
        if self.contents is None or self.contents.dtype != object or self.contents.ndim > 1:
            return False
        return all(dims.is_given(one) for one in self.contents.reshape(-1).tolist())

    @property
    def is_known(self) -> bool:
        """Whether type and shape are known."""
        return self.type.dtype is not None and self.type.shape is not None

    @classmethod
    def of(cls, name: str, contents: NDArray[Any], dtype: np.dtype[np.generic] | None = None) -> Value:
        """A tensor with known contents; ``dtype`` for an array of sizes."""
        return cls(name, TensorType(dtype or contents.dtype, dims.shape(contents.shape)), contents)
