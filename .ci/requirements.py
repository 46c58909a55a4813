"""Print what the named extras of pyproject.toml require, one requirement a line; `-` stands for the package's own dependencies."""

import sys
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
for extra in sys.argv[1:]:
    requirements = project["dependencies"] if extra == "-" else project["optional-dependencies"][extra]
    sys.stdout.writelines(f"{requirement}\n" for requirement in requirements)
