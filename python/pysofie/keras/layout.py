"""Channels first, as ONNX's windows want them, and back to where Keras has them. Passes let pairs of transposes cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pysofie.keras.walk import Walk
    from pysofie.values import Value


def is_last(data_format: Any) -> bool:
    """Whether the channels are the last axis; by Keras's own setting where an operation does not say."""
    import keras

    return str(data_format or keras.config.image_data_format()) == "channels_last"


def channels_first(w: Walk, x: Value, data_format: Any, axis: int = -1) -> Value:
    """The tensor with its channels as second axis."""
    return move_axis(w, x, axis, 1) if is_last(data_format) else x


def channels_back(w: Walk, x: Value, data_format: Any, axis: int = -1) -> Value:
    """The tensor with its second axis where the channels were."""
    return move_axis(w, x, 1, axis) if is_last(data_format) else x


def move_axis(w: Walk, x: Value, source: int, target: int) -> Value:
    """One axis moved, the others in their order."""
    order = list(range(x.rank))
    order.insert(target % x.rank, order.pop(source % x.rank))
    return w.transpose(x, order)
