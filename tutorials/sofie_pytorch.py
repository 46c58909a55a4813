### \file
### \ingroup tutorial_ml
### \notebook -nodraw
### From a network in PyTorch to C++ code: train, save as TorchScript, parse into an RModel, generate a header, and run it, from
### PyROOT and from Python.
###
### Three files `SofieTutorial.*` are written into the current folder and removed at the end. With `--keep` they stay, for
### `sofie_header.C`, which uses the header in C++.
###
### \macro_code
### \macro_output
### \author The pysofie authors

import sys
from pathlib import Path

import numpy as np
import ROOT
import torch

import pysofie

SOFIE = ROOT.TMVA.Experimental.SOFIE

# ------------------------------------------------------------------------------------------------------------------------------
# 1. A network in PyTorch, trained for the probability that x0 * x1 > x2 * x3
# ------------------------------------------------------------------------------------------------------------------------------


class Classifier(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = torch.nn.Linear(4, 32)
        self.result = torch.nn.Linear(32, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(self.result(torch.tanh(self.hidden(x))))


torch.manual_seed(1)
network = Classifier()
x = torch.randn(1000, 4)
y = (x[:, 0] * x[:, 1] > x[:, 2] * x[:, 3]).float()[:, None]
optimizer = torch.optim.Adam(network.parameters(), 0.05)
for _ in range(200):
    optimizer.zero_grad()
    loss = torch.nn.functional.binary_cross_entropy(network(x), y)
    loss.backward()
    optimizer.step()
print(f"trained, loss {loss.item():.3f}")

# ------------------------------------------------------------------------------------------------------------------------------
# 2. To a file: TorchScript, which holds network and weights. Evaluation mode first.
# ------------------------------------------------------------------------------------------------------------------------------

torch.jit.script(network.eval()).save("SofieTutorial.pt")

# ------------------------------------------------------------------------------------------------------------------------------
# 3. From the file to C++: a shape for each input, where `batch` stands for any number of events
# ------------------------------------------------------------------------------------------------------------------------------

model = SOFIE.PyTorch.Parse("SofieTutorial.pt", [["batch", 4]])
model.Generate()
model.OutputGenerated("SofieTutorial.hxx")  # and the weights, SofieTutorial.dat
model.PrintRequiredInputTensors()
model.PrintOutputTensors()

# ------------------------------------------------------------------------------------------------------------------------------
# 4. The header in PyROOT: infer takes the size of the batch and an array, and returns a std::vector
# ------------------------------------------------------------------------------------------------------------------------------

ROOT.gInterpreter.Declare('#include "SofieTutorial.hxx"')
session = ROOT.TMVA_SOFIE_SofieTutorial.Session("SofieTutorial.dat")
events = x[:5].numpy()
result = np.asarray(session.infer(len(events), events))
print("PyROOT: ", result)

with torch.no_grad():
    expected = network(x[:5]).numpy()[:, 0]
print("PyTorch:", expected)
np.testing.assert_allclose(result, expected, atol=1e-6)

# ------------------------------------------------------------------------------------------------------------------------------
# 5. The same in one line of Python, for numpy arrays; and the comparison with the original, on random numbers
# ------------------------------------------------------------------------------------------------------------------------------

compiled = pysofie.compile("SofieTutorial.pt", [["batch", 4]])
print("Python: ", compiled(events)[:, 0])
print(pysofie.verify("SofieTutorial.pt", session=compiled).check())

if "--keep" not in sys.argv:
    for suffix in ("pt", "hxx", "dat"):
        Path(f"SofieTutorial.{suffix}").unlink()
