"""Print the folder of the CMake package that belongs to the ROOT this interpreter imports; print nothing where it has none.

ROOT is looked up, never imported: in pip's isolated build that would fail. CMake runs this, see FindROOTForPython.cmake.
"""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

# Below the folder of the package `ROOT` (the PyPI wheel), or below one of its parents: ROOT's own layout, the GNU one, conda's.
LAYOUTS = ("cmake", "share/root/cmake", "lib/cmake/ROOT", "lib64/cmake/ROOT", "share/cmake/ROOT")


def cmake_packages() -> Iterator[Path]:
    """Yield the CMake packages of ROOT around the importable package `ROOT`, the nearest first."""
    spec = importlib.util.find_spec("ROOT")
    if spec is None or spec.origin is None:
        return
    for prefix in Path(spec.origin).resolve().parents:
        yield from (prefix / layout for layout in LAYOUTS if (prefix / layout / "ROOTConfig.cmake").is_file())


if __name__ == "__main__":
    sys.stdout.write(str(next(cmake_packages(), "")))
