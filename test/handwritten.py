"""Headers as the core's generator promises them, small enough to write by hand: they test what is around a model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def tensor(name: str, type_: str, *shape: int | str, origin: str = "") -> dict[str, object]:
    return {"name": name, "origin": origin or name, "type": type_, "shape": list(shape)}


@dataclass(frozen=True)
class Handwritten:
    """A model: its tensors, and the C++ of its parts."""

    name: str
    inputs: list[dict[str, object]]
    outputs: list[dict[str, object]]
    body: str
    dims: tuple[str, ...] = ()
    weights: str = ""
    constructor: str = ""
    members: str = ""

    @property
    def text(self) -> str:
        description = {
            "name": self.name,
            "dims": self.dims,
            "inputs": self.inputs,
            "outputs": self.outputs,
            "weights": self.weights,
        }
        sizes = "".join(f", std::size_t {dim} = 1" for dim in self.dims)
        arguments = ["Session const &session"]
        seen: set[object] = set()
        for spec in self.inputs:
            new = [dim for dim in dict.fromkeys(spec["shape"]) if isinstance(dim, str) and dim not in seen]
            seen.update(new)
            arguments += [*(f"std::size_t {dim}" for dim in new), f"{spec['type']} const *{spec['name']}"]
        for spec in self.outputs:
            element = "std::uint8_t" if spec["type"] == "bool" else spec["type"]
            arguments.append(f"{element} *{spec['name']}")
        guard = f"TMVA_SOFIE_{self.name.upper()}"
        return f"""// Written by hand: {self.name}
#ifndef {guard}
#define {guard}
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>
namespace TMVA_SOFIE_{self.name} {{
struct Session {{
   float fFactor = 1;
   {self.members}
   Session(std::string filename = "{self.weights}"{sizes}) {{ (void)filename; {self.constructor} }}
}};
inline void doInfer({", ".join(arguments)})
{{
   (void)session;
   {self.body}
}}
constexpr char modelDescription[] = {json.dumps(json.dumps(description))};
}} // namespace TMVA_SOFIE_{self.name}
#endif // {guard}
"""

    def write(self, folder: Path) -> Path:
        path = folder / f"{self.name}.hxx"
        path.write_text(self.text)
        return path


def affine(factor: float, name: str = "Affine", width: int = 7) -> Handwritten:
    """y = factor * x + column."""
    return Handwritten(
        name,
        [tensor("x", "float", "batch", width)],
        [tensor("y", "float", "batch", width)],
        f"for (std::size_t i = 0; i < batch * {width}; ++i) y[i] = {float(factor)!r}f * x[i] + float(i % {width});",
        dims=("batch",),
    )


def fixed(type_: str = "float") -> Handwritten:
    """(1, 3) -> (1, 2): the sum, and the first minus the last."""
    return Handwritten(
        f"Fixed_{type_}",
        [tensor("x", type_, 1, 3)],
        [tensor("y", type_, 1, 2)],
        "y[0] = x[0] + x[1] + x[2]; y[1] = x[0] - x[2];",
    )


MIXED = Handwritten(
    "Mixed",
    [tensor("x", "float", "rows", 3, origin='jet "pt"'), tensor("n", "int64_t", "rows", "columns")],
    [
        tensor("total", "double", "rows"),
        tensor("isOdd", "bool", "columns", "rows"),
        tensor("longer", "int32_t", "2*rows+3"),
    ],
    """
   for (std::size_t i = 0; i < rows; ++i) {
      total[i] = 0;
      for (std::size_t k = 0; k < 3; ++k)
         total[i] += x[3 * i + k];
      for (std::size_t j = 0; j < columns; ++j)
         isOdd[j * rows + i] = n[i * columns + j] % 2 != 0;
   }
   for (std::size_t i = 0; i < 2 * rows + 3; ++i)
      longer[i] = static_cast<std::int32_t>(i);
""",
    dims=("rows", "columns"),
)

THROWING = Handwritten(
    "Throwing",
    [tensor("x", "float", 1)],
    [tensor("y", "float", 1)],
    'if (x[0] < 0) throw std::runtime_error("no root of a negative number"); if (x[0] > 9) throw 1; y[0] = x[0];',
)

# Takes as many steps as its input says, a nanosecond each or so.
SLOW = Handwritten(
    "Slow",
    [tensor("x", "float", 1)],
    [tensor("y", "float", 1)],
    "volatile double sum = 0; for (long i = 0; i < long(x[0]); ++i) sum = sum + 1.; y[0] = float(sum);",
)

WEIGHTED = Handwritten(
    "Weighted",
    [tensor("x", "float", "batch", 1)],
    [tensor("y", "float", "batch", 1)],
    "for (std::size_t i = 0; i < batch; ++i) y[i] = session.fFactor * x[i];",
    dims=("batch",),
    weights="Weighted.dat",
    constructor='if (!(std::ifstream(filename) >> fFactor)) throw std::runtime_error("no weights in " + filename);',
)

TRANSPOSE = Handwritten(
    "Large",
    [tensor("x", "float", "rows", "columns")],
    [tensor("y", "float", "columns", "rows")],
    "for (std::size_t i = 0; i < rows; ++i) for (std::size_t j = 0; j < columns; ++j) y[j * rows + i] = x[i * columns + j];",
    dims=("rows", "columns"),
)
