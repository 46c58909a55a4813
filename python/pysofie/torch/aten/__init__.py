"""Operators of PyTorch's own that stay whole in a graph: taken apart into ONNX's by functions, one for each name.

They come from ONNX files with nodes of the domain ``org.pytorch.aten``, and from our own capture: PyTorch's exporter passes on whole
what has a function here (`known`), because it knows no ONNX form of it, or one that holds for some options only.
"""

from .parts import Parts, aten, known
from .taking import take_apart
from .telling import translations

__all__ = ["Parts", "aten", "known", "take_apart", "translations"]
