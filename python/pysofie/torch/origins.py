"""Where a node comes from in the user's module, read from the names that the exporter gives: ``/net/0/Gemm``."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

from pysofie.graph import Attribute, Graph, Node

if TYPE_CHECKING:
    from collections.abc import Mapping


def with_origins(graph: Graph, module: Any, prefix: str = "") -> Graph:
    """A graph whose nodes say ``net.0 (Linear)`` for their origin, `prefix` being where the user's module is."""
    classes = {path: _class_name(one) for path, one in module.named_modules()}
    return _located(graph, classes, prefix)


def _located(graph: Graph, classes: Mapping[str, str], prefix: str) -> Graph:
    nodes = tuple(
        dataclasses.replace(
            node, origin=_origin(node.origin, classes, prefix), attributes=_inner(node, classes, prefix)
        )
        for node in graph.nodes
    )
    return graph.replace(nodes=nodes)


def _inner(node: Node, classes: Mapping[str, str], prefix: str) -> dict[str, Attribute]:
    return {
        name: _located(one, classes, prefix) if isinstance(one, Graph) else one for name, one in node.attributes.items()
    }


def _origin(name: str, classes: Mapping[str, str], prefix: str) -> str:
    path = find_module(name.split("/")[1:-1], classes)
    if path is None:
        return ".".join(name.split("/")[1:-1])
    inner = path.removeprefix(prefix).removeprefix(".")
    return f"{inner} ({classes[path]})" if inner else f"forward of {classes[prefix]}"


def find_module(scope: list[str], classes: Mapping[str, str]) -> str | None:
    """The path of the module that a scope means; a traced ModuleList leaves its own name out, hence the suffix."""
    if not scope:
        return ""
    scope = [
        re.sub(r"_\d+$", "", part) if part not in classes else part for part in scope
    ]  # a second call of one module
    candidates = [".".join(scope), scope[-1]]
    for candidate in candidates:
        if candidate in classes:
            return candidate
    ends = [path for path in classes if path.endswith(f".{candidates[0]}")]
    return ends[0] if len(ends) == 1 else None


def _class_name(module: Any) -> str:
    return str(getattr(module, "original_name", type(module).__name__))
