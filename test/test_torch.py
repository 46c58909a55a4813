"""TorchScript to Graph: what PyTorch computes is what the graph computes, raw and after the passes, at any batch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import pysofie
from oracle import evaluate
from pysofie import SofieError, UnsupportedOperator, builder, parsing
from pysofie.request import Request

pytestmark = pytest.mark.torch


class Module(nn.Module):
    """Upstream's second model: linear layers and a transpose."""

    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(6, 36), nn.Linear(36, 12)

    def forward(self, x):
        x = torch.sigmoid(self.fc2(torch.relu(self.fc1(x))))
        return torch.transpose(x, 1, 0)


class Residual(nn.Module):
    """A ModuleList, one module used twice, norms on both sides, a view by the batch."""

    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList(nn.Linear(8, 8) for _ in range(2))
        self.norm, self.layer_norm, self.drop = nn.BatchNorm1d(8), nn.LayerNorm(8), nn.Dropout(0.4)

    def forward(self, x):
        for block in self.blocks:
            x = x + self.drop(torch.tanh(self.norm(block(x))))
        return self.layer_norm(x.view(x.size(0), 2, 4).transpose(1, 2).reshape(x.size(0), -1))


class ManyOutputs(nn.Module):
    """Two inputs, nested outputs, shape arithmetic over the batch, another type."""

    def forward(self, x, y):
        a = x.reshape(-1, x.size(1) * x.size(2))
        b = y.view(x.shape[0], -1, 3)
        c = torch.matmul(b, b.transpose(1, 2)).mean(dim=(1, 2))
        d = torch.cat([a.clamp(0, 1), y.clamp(min=0) ** 2], 1).softmax(1)
        return a, (c, d), (x / 2 + 1).abs().sum(-1, keepdim=True).to(torch.float64), x.permute(2, 0, 1).flatten(1)


class Squeezes(nn.Module):
    """A squeeze behind a reshape arrives as a branch that the shapes decide."""

    def forward(self, x):
        return torch.relu(x.reshape(x.size(0), -1)).squeeze(-1).unsqueeze(1), x.mean(-1).sqrt() - x.exp().log().sum(1)


class Names(nn.Module):
    """Parameters whose names differ in punctuation alone once they are cleaned."""

    def __init__(self):
        super().__init__()
        self.conv = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])
        self.conv1 = nn.Linear(3, 3)
        self.conv_1 = nn.Linear(3, 3)

    def forward(self, x):
        return self.conv[1](x) * self.conv1(x) - self.conv[0](self.conv_1(x))


def convolution():
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1, bias=False),
        nn.BatchNorm2d(4),
        nn.LeakyReLU(0.2),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.Conv2d(4, 6, (3, 1), groups=2, dilation=(1, 2)),
        nn.ELU(0.7),
        nn.AvgPool2d((1, 2), count_include_pad=False),
        nn.Flatten(),
        nn.Linear(12, 5),
        nn.LogSoftmax(-1),
    )


# Name, module, shapes of the inputs, operators after the passes.
CASES = [
    (
        "upstream Sequential",
        nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 6), nn.SELU()),
        [("batch", 4)],
        "Gemm Relu Gemm Selu",
    ),
    ("upstream Module", Module(), [("batch", 6)], "Gemm Relu Gemm Sigmoid Transpose"),
    ("upstream Convolution", nn.Sequential(nn.Conv2d(6, 5, 3, stride=2), nn.ReLU()), [("batch", 6, 5, 5)], "Conv Relu"),
    (
        "nested Sequential",
        nn.Sequential(nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.1)), nn.Identity(), nn.Softmax(1)),
        [("batch", 3)],
        "Gemm Softmax",
    ),
    (
        "a norm first",
        nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 4), nn.ReLU(), nn.BatchNorm1d(4), nn.Linear(4, 2, bias=False)),
        [("batch", 3)],
        "Gemm Relu Gemm",
    ),
    (
        "residual",
        Residual(),
        [("batch", 8)],
        "Gemm Tanh Add Gemm Tanh Add Reshape Transpose Reshape LayerNormalization",
    ),
    ("linear over three dimensions", nn.Linear(5, 4), [("batch", "n", 5)], "MatMul Add"),
    (
        "convolutional",
        convolution(),
        [("batch", 3, 6, 7)],
        "Conv LeakyRelu MaxPool Conv Elu AveragePool Flatten Gemm LogSoftmax",
    ),
    ("one dimension", nn.Sequential(nn.Conv1d(2, 3, 2, padding=1), nn.AvgPool1d(3)), [("batch", 2, 7)], None),
    (
        "three dimensions",
        nn.Sequential(nn.Conv3d(2, 3, 2), nn.MaxPool3d(2, 1), nn.AdaptiveAvgPool3d(1)),
        [(2, 2, 4, 5, 6)],
        None,
    ),
    ("many outputs", ManyOutputs(), [("batch", 4, 5), ("batch", 6)], None),
    ("squeezes", Squeezes(), [("batch", 1)], None),
    ("names", Names(), [("batch", 3)], None),
]


def numbers(shapes, rng, **sizes):
    return [np.abs(rng.normal(size=[sizes.get(dim, dim) for dim in shape])).astype(np.float32) for shape in shapes]


def flat(results):
    return [results] if isinstance(results, torch.Tensor) else [one for part in results for one in flat(part)]


def randomised(module):
    """Statistics and scales of norms that are not what they begin with."""
    generator = torch.Generator().manual_seed(3)
    for one in module.modules():
        if isinstance(one, (nn.BatchNorm1d, nn.BatchNorm2d, nn.LayerNorm)):
            for tensor in (*one.parameters(), *one.buffers()):
                if tensor.dtype.is_floating_point:
                    tensor.data = torch.rand(tensor.shape, generator=generator) + 0.5
    return module.eval()


@pytest.mark.parametrize("kind", ["script", "trace"])
@pytest.mark.parametrize(("module", "shapes", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_the_graph_computes_what_pytorch_computes(module, shapes, expected, kind, save_torch, rng):
    module = randomised(module)
    example = [torch.from_numpy(one) for one in numbers(shapes, rng, batch=3, n=2)]
    path = save_torch(module, *(example if kind == "trace" else ()))
    raw = parsing.read(path, Request.of(shapes))
    prepared = parsing.prepare(raw).validate()
    assert [info.shape for info in prepared.inputs] == shapes
    if expected is not None:
        assert " ".join(node.op_type for node in prepared.nodes) == expected
    for sizes in ({"batch": 1, "n": 4}, {"batch": 5, "n": 1}):
        inputs = numbers(shapes, rng, **sizes)
        with torch.no_grad():
            wanted = flat(module(*(torch.from_numpy(one) for one in inputs)))
        for graph in (raw, prepared):
            for found, reference in zip(evaluate(graph, inputs), wanted, strict=True):
                assert found.dtype == reference.numpy().dtype
                assert found.shape == tuple(reference.shape)
                np.testing.assert_allclose(found, reference.numpy(), rtol=2e-5, atol=2e-6)
    assert len(builder.recipe(prepared).outputs) == len(prepared.outputs)


def test_inputs_are_named_as_roots_parser_named_them(save_torch):
    graph = parsing.read(save_torch(nn.Sequential(nn.Linear(4, 2))), Request.of([[3, 4]]))
    assert graph.input_names == ("input.1",)
    recipe = builder.recipe(parsing.prepare(graph))
    assert recipe.inputs[0].name == "input1"
    assert recipe.origins["input1"] == "input.1"


def test_weights_keep_roots_spelling_where_it_is_unique(save_torch):
    recipe = builder.recipe(parsing.prepare(parsing.read(save_torch(Names()), Request.of([["batch", 3]]))))
    spelled = {recipe.origins.get(name, name): name for name in recipe.weights}
    assert spelled["conv.0.weight"] == "conv0weight"
    assert {spelled["conv.1.weight"], spelled["conv1.weight"]} == {"conv1weight", "conv1weight_2"}
    assert spelled["conv_1.weight"] == "conv_1weight"
    assert len(set(spelled.values())) == len(spelled)


def test_nodes_say_where_they_come_from(save_torch):
    module = Residual()
    for path in (save_torch(module), save_torch(module, torch.ones(2, 8))):
        graph = parsing.read(path, Request.of([["batch", 8]]))
        origins = {node.op_type: node.origin for node in graph.nodes}
        assert origins["LayerNormalization"] == "layer_norm (LayerNorm)"
        assert origins["Tanh"] == "forward of Residual"
        assert origins["Gemm"] == "blocks.1 (Linear)"


def test_a_network_in_double_precision_keeps_its_constants(save_torch):
    module = nn.Sequential(nn.Linear(4, 3), nn.LeakyReLU(0.01), nn.BatchNorm1d(3)).double().eval()
    graph = parsing.read(save_torch(module), Request.of([["batch", 4]], ["double"]))
    leaky = next(node for node in graph.nodes if node.op_type == "LeakyRelu")
    assert leaky.attributes["alpha"] == 0.01, "not what 32 bits make of it"
    assert builder.recipe(parsing.prepare(graph)).operators[0].template == ("double",)


def test_training_mode_in_the_file_does_not_matter(save_torch, rng):
    module = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Dropout(0.9)).train()
    (x,) = numbers([(5, 4)], rng)
    graph = parsing.prepare(parsing.read(save_torch(module), Request.of([["batch", 4]])))
    with torch.no_grad():
        reference = module.eval()(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(evaluate(graph, [x])[0], reference, rtol=1e-5, atol=1e-6)


def test_everything_that_is_missing_is_listed_once(save_torch, capfd):
    class Unsupported(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(4, 4)

        def forward(self, x):
            x = torch.fft.rfft(self.fc(x)).abs()
            return torch.special.bessel_j0(x) + torch.special.bessel_j0(x + 1) + torch.sin(x)

    with pytest.raises(UnsupportedOperator) as caught:
        parsing.read(save_torch(Unsupported()), Request.of([["batch", 4]]))
    listed = [entry.operator for entry in caught.value.missing]
    assert [one for one in listed if "::" in one] == [
        "org.pytorch.aten::fft_rfft",
        "org.pytorch.aten::special_bessel_j0",
    ]
    ours = {row.operator for row in pysofie.supported()}
    assert ("Sin" in listed) == ("Sin" not in ours), "what only we cannot translate is in the same list"
    assert "Gemm" not in listed
    assert "forward of Unsupported" in str(caught.value)
    assert "ONNX" in str(caught.value)
    assert capfd.readouterr() == ("", ""), "no dump of the exporter's"


def test_operators_without_translator_are_listed_with_their_place(save_torch):
    class Noise(nn.Module):
        def forward(self, x):
            return torch.rand_like(x) * torch.randn_like(x) + torch.rand_like(2 * x)

    module = nn.Sequential(nn.Linear(4, 3), Noise())
    graph = parsing.prepare(parsing.read(save_torch(module), Request.of([["batch", 4]])))
    with pytest.raises(UnsupportedOperator, match=r"2 things are not supported") as caught:
        builder.recipe(graph)
    assert [(one.operator, one.where) for one in caught.value.missing] == [
        ("RandomUniformLike", "1 (Noise)"),
        ("RandomNormalLike", "1 (Noise)"),
    ]
    assert all("deterministic" in one.advice for one in caught.value.missing)


def test_a_branch_on_data_is_not_frozen(save_torch):
    class Branch(nn.Module):
        def forward(self, x):
            if bool(x.sum() > 0):
                x = x * 2
            return x

    graph = parsing.prepare(parsing.read(save_torch(Branch()), Request.of([["batch", 4]])))
    assert [node.origin for node in graph.nodes if node.op_type == "If"] == ["forward of Branch"]


def test_named_dims_get_sizes_that_the_module_accepts(save_torch):
    class Pairs(nn.Module):
        def forward(self, x):
            return x.view(-1, 4).sum(1)

    with pytest.raises(SofieError, match=r"n\] cannot become"):
        parsing.prepare(parsing.read(save_torch(Pairs()), Request.of([["n"]])))


def test_a_module_that_is_called_twice_has_one_origin(save_torch):
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc_1 = nn.Linear(4, 4)

        def forward(self, x):
            return self.fc_1(torch.relu(self.fc_1(x)))

    graph = parsing.read(save_torch(Twice()), Request.of([["batch", 4]]))
    assert [node.origin for node in graph.nodes] == ["fc_1 (Linear)", "forward of Twice", "fc_1 (Linear)"]


def test_frozen_modules_and_functions(tmp_path, rng):
    module = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU()).eval()
    frozen = torch.jit.freeze(torch.jit.script(module))
    function = torch.jit.trace(lambda x: torch.relu(x) * 2, torch.ones(2, 4))
    (x,) = numbers([(5, 4)], rng)
    for one, reference in ((frozen, module), (function, function)):
        torch.jit.save(one, str(tmp_path / "model.pt"))
        graph = parsing.prepare(parsing.read(tmp_path / "model.pt", Request.of([["batch", 4]])))
        with torch.no_grad():
            expected = reference(torch.from_numpy(x)).numpy()
        np.testing.assert_allclose(evaluate(graph, [x])[0], expected, atol=1e-6)
