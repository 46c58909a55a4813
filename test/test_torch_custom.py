"""Parts of the user's own in PyTorch's modules: autograd.Function with `symbolic`, ATen's operators, operators of torch.library."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import pysofie
from pysofie import registry, shapes
from pysofie.builder import Enum, NodeBuilder
from pysofie.values import TensorType, Value

pytestmark = pytest.mark.torch

HEADER = """\
#pragma once
#include <cstddef>

namespace Scaled {
template <class Input, class Output>
void Compute(double factor, Input x, Output y)
{
   for (std::size_t i = 0; i < x.size(); ++i)
      y[i] = float(factor * x[i]);
}
} // namespace Scaled

namespace lab {
namespace bump {
template <class Input, class Output>
void Compute(double factor, double steps, double up, Input x, Output y)
{
   for (std::size_t i = 0; i < x.size(); ++i)
      y[i] = float(factor * x[i] + (up != 0 ? steps : -steps));
}
} // namespace bump

namespace halves {
template <class Input, class Mask, class Output>
void Compute(Input x, Mask mask, Output low, Output high)
{
   for (std::size_t i = 0; i < x.size(); ++i) {
      low[i] = mask[i] * x[i] / 2;
      high[i] = mask[i] * x[i] * 2;
   }
}
} // namespace halves
} // namespace lab
"""


@torch.library.custom_op("pysofietest::bump", mutates_args=())
def bump(x: torch.Tensor, factor: float, steps: int, up: bool = True) -> torch.Tensor:
    return x * factor + (steps if up else -steps)


@torch.library.custom_op("pysofietest::halves", mutates_args=())
def halves(x: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return mask * x / 2, mask * x * 2


@torch.library.custom_op("pysofietest::picked", mutates_args=())
def picked(x: torch.Tensor, columns: list[int], mode: str = "last", mask: torch.Tensor | None = None) -> torch.Tensor:
    assert mode == "first"
    return x[:, columns].clone() if mask is None else x[:, columns] * mask


@torch.library.custom_op("pysofietest::gathered", mutates_args=())
def gathered(x: list[torch.Tensor]) -> torch.Tensor:
    return x[0] + x[1]


@torch.library.custom_op("pysofietest::between", mutates_args=())
def between(x: torch.Tensor, y: torch.Tensor | None, z: torch.Tensor) -> torch.Tensor:
    return x + z if y is None else x + y + z


@torch.library.custom_op("pysofietest::own", mutates_args=())
def own(x: torch.Tensor) -> torch.Tensor:
    return torch.relu(x)


@bump.register_fake
def _(x: torch.Tensor, *_: Any) -> torch.Tensor:
    return torch.empty_like(x)


@between.register_fake
def _(x: torch.Tensor, *_: Any) -> torch.Tensor:
    return torch.empty_like(x)


@halves.register_fake
def _(x: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.empty_like(x), torch.empty_like(mask)


@picked.register_fake
def _(x: torch.Tensor, columns: list[int], *_: Any) -> torch.Tensor:
    return x.new_empty(x.shape[0], len(columns))


@gathered.register_fake
def _(x: list[torch.Tensor]) -> torch.Tensor:
    return torch.empty_like(x[0])


class Scale(torch.autograd.Function):
    """An operator of a domain of the user's."""

    @staticmethod
    def forward(_: Any, x: torch.Tensor, factor: float) -> torch.Tensor:
        return x * factor

    @staticmethod
    def symbolic(g: Any, x: Any, factor: float) -> Any:
        return g.op("my.lab::Scaled", x, factor_f=factor)


class Steep(torch.autograd.Function):
    """Standard operators for what PyTorch runs otherwise."""

    @staticmethod
    def forward(_: Any, x: torch.Tensor) -> torch.Tensor:
        return torch.where(x > 0, x * x, torch.zeros_like(x))

    @staticmethod
    def symbolic(g: Any, x: Any) -> Any:
        positive = g.op("Relu", x)
        return g.op("Mul", positive, positive)


class Plain(torch.autograd.Function):
    """Without `symbolic`, a function is what it calls."""

    @staticmethod
    def forward(_: Any, x: torch.Tensor) -> torch.Tensor:
        return torch.sin(x) * 2


def number(g: Any, value: float) -> Any:
    return g.op("Constant", value_t=torch.tensor(value))


class Softer(torch.autograd.Function):
    """An operator of PyTorch's, which ONNX has with other options."""

    @staticmethod
    def forward(_: Any, x: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.softplus(x, 3.0, 2.0)


class SofterAt(Softer):
    """By ATen fall-through."""

    @staticmethod
    def symbolic(g: Any, x: Any) -> Any:
        return g.at("softplus", x, number(g, 3.0), number(g, 2.0))


class SofterByName(Softer):
    """By its name in ATen's domain."""

    @staticmethod
    def symbolic(g: Any, x: Any) -> Any:
        return g.op("org.pytorch.aten::softplus", x, number(g, 3.0), number(g, 2.0))


class SofterByAttribute(Softer):
    """By the node that says in an attribute what it is."""

    @staticmethod
    def symbolic(g: Any, x: Any) -> Any:
        names = {"operator_s": "softplus", "overload_name_s": ""}
        return g.op("org.pytorch.aten::ATen", x, number(g, 3.0), number(g, 2.0), **names)


class Rare(torch.autograd.Function):
    """An operator of PyTorch's that nobody translates."""

    @staticmethod
    def forward(_: Any, x: torch.Tensor) -> torch.Tensor:
        return 2 * x

    @staticmethod
    def symbolic(g: Any, x: Any) -> Any:
        names = {"operator_s": "rarely_seen", "overload_name_s": ""}
        return g.op("org.pytorch.aten::ATen", x, **names)


class Calls(nn.Module):
    """A function in a layer of a network."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: torch.Tensor) -> Any:
        return self.function(x)


def network(function: Callable[..., Any]) -> nn.Module:
    torch.manual_seed(5)
    return nn.Sequential(nn.Linear(4, 3), Calls(function), nn.Tanh()).eval()


def check(module: Any, session: pysofie.Session, rng: np.random.Generator) -> None:
    x = rng.normal(size=(5, 4)).astype("float32")
    with torch.no_grad():
        expected = module(torch.from_numpy(x))
    results = session(x)
    for result, wanted in zip(
        results if isinstance(results, tuple) else [results],
        expected if isinstance(expected, tuple) else [expected],
        strict=True,
    ):
        np.testing.assert_allclose(result, wanted.numpy(), rtol=1e-5, atol=1e-6)


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers goes with it."""
    registry.discover()
    monkeypatch.setattr(registry, "_OPERATORS", {key: dict(value) for key, value in registry._OPERATORS.items()})


@pytest.fixture
def header(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "lab.hxx"
    path.write_text(HEADER)
    return path


def register_bump(header: Path) -> None:
    defaults = {"factor": 1.0, "steps": 0, "up": 1}
    pysofie.register("bump", domain="pysofietest", header=header, function="lab::bump", attributes=defaults)


@pytest.mark.parametrize("function", [Steep, Plain])
def test_a_function_of_standard_operators(function: Any, rng: np.random.Generator) -> None:
    module = network(function.apply)
    check(module, pysofie.compile(module, [["batch", 4]]), rng)


def test_a_function_of_a_domain_by_cpp(header: Path, rng: np.random.Generator) -> None:
    pysofie.register("Scaled", domain="my.lab", header=header, attributes={"factor": 7.0})
    module = network(lambda x: Scale.apply(x, 2.5))
    session = pysofie.compile(module, [["batch", 4]])
    check(module, session, rng)
    pysofie.verify(module, session=session).check()


def test_a_function_of_a_domain_by_a_translator(rng: np.random.Generator) -> None:
    @pysofie.translator("Scaled", domain="my.lab", infer=shapes.same)
    def scaled(b: NodeBuilder, x: Value, *, factor: float) -> None:
        assert factor == 2
        b.emit("BasicNary", b.names(x, x), b.output, template=(x.dtype, Enum("EBasicNaryOperator", "Sum")))

    module = network(lambda x: Scale.apply(x, 2.0))
    check(module, pysofie.compile(module, [["batch", 4]]), rng)


def refused(*said: str) -> Any:
    return pytest.raises(pysofie.SofieError, match="(?s)" + ".*".join(map(re.escape, said)))


def test_a_function_that_nobody_translates_is_refused() -> None:
    with refused("my.lab::Scaled at 1 (Calls): there is no translator", "pysofie.register('Scaled', domain='my.lab'"):
        pysofie.parse(network(lambda x: Scale.apply(x, 2.0)), [["batch", 4]])


@pytest.mark.parametrize("function", [SofterAt, SofterByName, SofterByAttribute])
def test_operators_of_pytorchs_own(function: Any, rng: np.random.Generator) -> None:
    module = network(function.apply)
    check(module, pysofie.compile(module, [["batch", 4]]), rng)


def test_operators_of_pytorchs_own_through_roots_name(tmp_path: Path, rng: np.random.Generator) -> None:
    import ROOT

    module = nn.Sequential(nn.Linear(4, 3), nn.Softplus(3.0, 2.0)).eval()
    torch.jit.trace(module, torch.ones(2, 4)).save(str(tmp_path / "softer.pt"))
    rmodel = ROOT.TMVA.Experimental.SOFIE.PyTorch.Parse(str(tmp_path / "softer.pt"), [[5, 4]])
    check(module, pysofie.compile(rmodel), rng)


def test_an_operator_of_pytorchs_own_that_nobody_translates(header: Path, rng: np.random.Generator) -> None:
    module = network(Rare.apply)
    with refused(
        "org.pytorch.aten::rarely_seen at 1 (Calls)", "pysofie.register('rarely_seen', domain='org.pytorch.aten'"
    ):
        pysofie.parse(module, [["batch", 4]])
    options = {"function": "Scaled", "attributes": {"factor": 2.0}}
    pysofie.register("rarely_seen", domain="org.pytorch.aten", header=header, **options)
    check(module, pysofie.compile(module, [["batch", 4]]), rng)


def as_module(module: nn.Module, _: Path) -> Any:
    return module


def as_script(module: nn.Module, _: Path) -> Any:
    return torch.jit.trace(module, torch.ones(2, 4))


def as_file(module: nn.Module, folder: Path) -> Any:
    torch.jit.trace(module, torch.ones(2, 4)).save(str(folder / "custom.pt"))
    return folder / "custom.pt"


def as_program(module: nn.Module, _: Path) -> Any:
    shapes = ({0: torch.export.Dim("batch")},)
    return torch.export.export(module, (torch.ones(2, 4),), dynamic_shapes=shapes)


def as_program_file(module: nn.Module, folder: Path) -> Any:
    torch.export.save(as_program(module, folder), folder / "custom.pt2")
    return folder / "custom.pt2"


@pytest.mark.parametrize("door", [as_module, as_script, as_file, as_program, as_program_file])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
def test_an_operator_of_a_library_through_every_door(
    door: Callable[..., Any], header: Path, tmp_path: Path, rng: np.random.Generator
) -> None:
    module = network(lambda x: bump(bump(x, 1.5, 2), 0.5, 1, up=False))
    source = door(module, tmp_path)
    shapes = None if "program" in door.__name__ else [["batch", 4]]
    with refused("pysofietest::bump at ", ": there is no translator", "pysofie.register('bump', domain='pysofietest'"):
        pysofie.parse(source, shapes)
    register_bump(header)
    check(module, pysofie.compile(source, shapes), rng)


def test_an_operator_in_the_body_of_a_scripted_loop(header: Path, rng: np.random.Generator) -> None:
    class Loops(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            while bool(x.sum() < 100):
                x = torch.ops.pysofietest.bump(x, 1.5, 2)
            return x

    register_bump(header)
    module = torch.jit.script(Loops())
    check(module, pysofie.compile(module, [["batch", 4]]), rng)


@pytest.mark.parametrize("door", [as_module, as_program])
def test_several_inputs_and_outputs(
    door: Callable[..., Any], header: Path, tmp_path: Path, rng: np.random.Generator
) -> None:
    def infer(x: Value, mask: Value) -> tuple[TensorType, TensorType]:
        return x.type, mask.type

    pysofie.register("halves", domain="pysofietest", header=header, function="lab::halves", inputs=2, infer=infer)
    module = Calls(lambda x: halves(x, torch.sigmoid(x))).eval()
    source = door(module, tmp_path)
    check(module, pysofie.compile(source, None if door is as_program else [["batch", 4]]), rng)


@pytest.mark.parametrize("door", [as_module, as_script, as_program])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_lists_texts_and_what_is_absent(door: Callable[..., Any], tmp_path: Path, rng: np.random.Generator) -> None:
    """A list of integers and a text become attributes, an optional tensor that is absent no input."""

    def infer(x: Value, *, columns: tuple[int, ...], mode: str) -> TensorType:
        assert mode == "first"
        return TensorType(x.dtype, (x.shape[0], len(columns)))

    @pysofie.translator("picked", domain="pysofietest", infer=infer)
    def translate(b: NodeBuilder, x: Value, *, columns: tuple[int, ...], mode: str) -> None:
        del mode
        indices = b.constant("columns", np.array(columns))
        b.emit("Gather", 1, x, indices, b.output)

    module = Calls(lambda x: picked(x, [3, 0, 2], "first")).eval()
    source = door(module, tmp_path)
    check(module, pysofie.compile(source, None if door is as_program else [["batch", 4]]), rng)


def test_an_input_between_others_that_is_left_out_is_refused(header: Path) -> None:
    pysofie.register("between", domain="pysofietest", header=header, function="lab::between", inputs=3)
    with refused("pysofietest::between at", "input 2 is left out", "pysofie.translator can"):
        pysofie.parse(Calls(lambda x: between(x, None, x)).eval(), [["batch", 4]])


def test_a_list_of_tensors_is_refused(header: Path) -> None:
    pysofie.register("gathered", domain="pysofietest", header=header, function="lab::gathered")
    with refused("pysofietest::gathered takes x of type"):
        pysofie.parse(Calls(lambda x: gathered([x, x])).eval(), [["batch", 4]])


def test_what_the_user_has_told_the_exporter_is_not_touched(header: Path, rng: np.random.Generator) -> None:
    """A symbolic function that PyTorch knows of goes before what is registered here."""
    for version in (17, 20):
        torch.onnx.register_custom_op_symbolic("pysofietest::own", lambda g, x: g.op("Relu", x), version)
    pysofie.register("own", domain="pysofietest", header=header, function="lab::absent")
    module = network(own)
    check(module, pysofie.compile(torch.jit.trace(module, torch.ones(2, 4)), [["batch", 4]]), rng)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_exporters_are_left_as_they_were(header: Path) -> None:
    """What is registered here is not registered with PyTorch for good."""
    import io

    register_bump(header)
    module = network(lambda x: bump(x, 1.5, 2))
    pysofie.parse(module, [["batch", 4]])
    with pytest.raises(torch.onnx.errors.UnsupportedOperatorError):
        torch.onnx.export(module, (torch.ones(2, 4),), io.BytesIO(), dynamo=False)


def test_all_that_is_missing_is_named(header: Path) -> None:
    """A function without `symbolic` beside an operator of a library is not among what is missing."""
    module = network(lambda x: Plain.apply(bump(x, 1.5, 2)))
    with refused(
        "1 thing is not supported", "pysofietest::bump at 1 (Calls)", "pysofie.register('bump', domain='pysofietest'"
    ):
        pysofie.parse(module, [["batch", 4]])
    register_bump(header)
    pysofie.parse(module, [["batch", 4]])
