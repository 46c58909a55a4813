"""XML as TMVA writes it, from a file that may be anything: small trees of elements, attributes and numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np

from pysofie import files
from pysofie.errors import ModelFileError

if TYPE_CHECKING:
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from numpy.typing import NDArray

LARGEST = 2**27
"""Bytes of a file; one with the distributions of 200 variables in two classes has some 40 million."""
_DEEPEST = 16
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)


class _Builder(ElementTree.TreeBuilder):
    """Refuses what TMVA never writes and an attack needs: document types, which define entities, and deep nesting."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise ModelFileError("it has a document type, which TMVA does not write")

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ModelFileError("its elements are nested deeper than TMVA nests them")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def load(path: Path) -> Element:
    """The root of a weights file of TMVA's; ModelFileError where it is none."""
    files.check_readable(path)
    if path.stat().st_size > LARGEST:
        raise ModelFileError(f"{path} is larger than any weights file of TMVA's for a network ({LARGEST >> 20} MiB)")
    try:
        root = ElementTree.fromstring(path.read_bytes(), ElementTree.XMLParser(target=_Builder()))
    except (ElementTree.ParseError, ValueError, LookupError) as error:  # LookupError: an encoding that does not exist
        raise ModelFileError(f"{path} is no XML, or a truncated one: {error}") from error
    except ModelFileError as error:
        raise ModelFileError(f"{path} is no weights file of TMVA's: {error}") from error
    if root.tag != "MethodSetup":
        raise ModelFileError(
            f"{path} is no weights file of TMVA's: it begins with <{root.tag[:40]}>, not <MethodSetup>"
        )
    return root


def child(element: Element, tag: str) -> Element:
    """The one child with a tag."""
    found = element.findall(tag)
    if len(found) != 1:
        raise ModelFileError(f"<{element.tag}> has {len(found)} <{tag}>, not one")
    return found[0]


def attribute(element: Element, name: str) -> str:
    """An attribute's text."""
    text = element.get(name)
    if text is None:
        raise ModelFileError(f"<{element.tag}> has no attribute {name}")
    return text


def count(element: Element, name: str) -> int:
    """An attribute that is an integer of at least 0."""
    text = attribute(element, name).strip()
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise ModelFileError(f"{name}='{text[:40]}' of <{element.tag}> is no count")
    return int(text)


def flag(element: Element, name: str) -> bool:
    """An attribute that says yes or no."""
    text = attribute(element, name).strip()
    if text not in ("0", "1", "false", "true"):
        raise ModelFileError(f"{name}='{text[:40]}' of <{element.tag}> is neither 0 nor 1")
    return text in ("1", "true")


def number(element: Element, name: str) -> float:
    """An attribute that is a finite number."""
    return _number(attribute(element, name).strip(), element)


def numbers(element: Element, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The numbers in an element, as many as the shape says."""
    texts = (element.text or "").split()
    if len(texts) != np.prod(shape, dtype=object):
        raise ModelFileError(
            f"<{element.tag}> holds {len(texts)} numbers, not {' times '.join(map(str, shape))}: it is truncated or damaged"
        )
    return np.array([_number(text, element) for text in texts], np.float64).reshape(shape)


def as_floats(values: NDArray[np.float64], element: Element) -> NDArray[np.float32]:
    """Numbers as TMVA keeps them, in 32 bits."""
    if values.size and np.abs(values).max() > np.finfo(np.float32).max:
        raise ModelFileError(f"<{element.tag}> holds numbers that are too large for 32-bit floats")
    return values.astype(np.float32)


def _number(text: str, element: Element) -> float:
    value = float(text) if _NUMBER.fullmatch(text) else np.inf
    if not np.isfinite(value):
        raise ModelFileError(f"'{text[:40]}' in <{element.tag}> is no finite number")
    return value
