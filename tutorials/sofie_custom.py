### \file
### \ingroup tutorial_ml
### \notebook -nodraw
### An operator of your own in a network of PyTorch, computed in the generated code by C++ of yours.
###
### The header `SofieDetector.hxx` is written into the current folder and removed at the end.
###
### \macro_code
### \macro_output
### \author The pysofie authors

from pathlib import Path

import torch

import pysofie

# ------------------------------------------------------------------------------------------------------------------------------
# 1. The operator in Python: what a calorimeter measures of an energy, with `symbolic` for its name in the graph
# ------------------------------------------------------------------------------------------------------------------------------


class Measured(torch.autograd.Function):
    @staticmethod
    def forward(_, energy: torch.Tensor, threshold: float, saturation: float) -> torch.Tensor:
        return torch.where(energy > threshold, saturation * torch.tanh(energy / saturation), 0.0)

    @staticmethod
    def symbolic(g, energy, threshold: float, saturation: float):
        return g.op("my.detector::Measured", energy, threshold_f=threshold, saturation_f=saturation)


class Network(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(5, 3)

    def forward(self, energy: torch.Tensor) -> torch.Tensor:
        return torch.softmax(self.layer(Measured.apply(energy, 0.25, 2.0)), dim=1)


torch.manual_seed(1)
network = Network().eval()

# ------------------------------------------------------------------------------------------------------------------------------
# 2. Without C++ for it, the network is refused
# ------------------------------------------------------------------------------------------------------------------------------

try:
    pysofie.parse(network, [["batch", 5]])
except pysofie.UnsupportedOperator as refusal:
    print(refusal)

# ------------------------------------------------------------------------------------------------------------------------------
# 3. The operator in C++, registered under its name
# ------------------------------------------------------------------------------------------------------------------------------

header = Path("SofieDetector.hxx")
header.write_text("""
#pragma once
#include <cmath>
#include <cstddef>

namespace Measured {
template <class Input, class Output>
void Compute(double threshold, double saturation, Input energy, Output measured)
{
   for (std::size_t i = 0; i < energy.size(); ++i)
      measured[i] = energy[i] > threshold ? float(saturation * std::tanh(energy[i] / saturation)) : 0;
}
} // namespace Measured
""")
pysofie.register("Measured", domain="my.detector", header=header, attributes={"threshold": 0.0, "saturation": 1.0})

# ------------------------------------------------------------------------------------------------------------------------------
# 4. The whole network in C++, beside PyTorch
# ------------------------------------------------------------------------------------------------------------------------------

session = pysofie.compile(network, [["batch", 5]])
print(pysofie.verify(network, session=session).check())
header.unlink()
