### \file
### \ingroup tutorial_ml
### \notebook -nodraw
### Networks as columns of an RDataFrame, on all cores: one that looks at an event, and one that looks at each of its jets.
###
### pysofie.define makes the column; its functor holds a Session for each slot, hence it is safe with EnableImplicitMT.
###
### \macro_code
### \macro_output
### \author The pysofie authors

import tempfile
from pathlib import Path

import numpy as np
import ROOT
import torch

import pysofie

ROOT.EnableImplicitMT()

# ------------------------------------------------------------------------------------------------------------------------------
# 1. Events: a missing energy, a count of jets, and for each jet a momentum and an angle
# ------------------------------------------------------------------------------------------------------------------------------

df = (
    ROOT.RDataFrame(10000)
    .Define("n_jets", "int(rdfentry_ % 5)")
    .Define("met", "50. + 40. * std::sin(0.1 * rdfentry_)")
    .Define("jet_index", "ROOT::VecOps::Range(n_jets)")
    .Define("jet_pt", "ROOT::RVecF(30.f + 10.f * jet_index)")
    .Define("jet_eta", "ROOT::RVecF(ROOT::VecOps::sin(1.f * jet_index + 0.01f * rdfentry_))")
)

# ------------------------------------------------------------------------------------------------------------------------------
# 2. Two networks in TorchScript. They are not trained: what they say has no meaning here.
# ------------------------------------------------------------------------------------------------------------------------------

torch.manual_seed(1)
nn = torch.nn
classifier = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid()).eval()
tagger = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 3), nn.Softmax(dim=1)).eval()

with tempfile.TemporaryDirectory() as folder:
    paths = {name: Path(folder, f"{name}.pt") for name in ("EventClassifier", "JetTagger")}
    torch.jit.script(classifier).save(str(paths["EventClassifier"]))
    torch.jit.script(tagger).save(str(paths["JetTagger"]))

    # --------------------------------------------------------------------------------------------------------------------------
    # 3. A column for each event: the scalars of the event, of any arithmetic type, are the elements of the input
    # --------------------------------------------------------------------------------------------------------------------------

    df = pysofie.define(df, "score", paths["EventClassifier"], ["met", "n_jets"], [[1, 2]])

    # --------------------------------------------------------------------------------------------------------------------------
    # 4. A column for each jet: where a column is an RVec the network runs once for each of its entries, `met` being the same
    #    for all, and the new columns are RVecs. Three names for the three numbers of the output.
    # --------------------------------------------------------------------------------------------------------------------------

    flavours = ["jet_light", "jet_charm", "jet_bottom"]
    df = pysofie.define(df, flavours, paths["JetTagger"], ["jet_pt", "jet_eta", "met"], [[1, 3]])

# ------------------------------------------------------------------------------------------------------------------------------
# 5. The columns are like any other: histograms, filters, snapshots
# ------------------------------------------------------------------------------------------------------------------------------

histogram = df.Histo1D(("score", "score of the event;score;events", 50, 0, 1), "score")
tagged = df.Filter("ROOT::VecOps::Any(jet_bottom > jet_light)").Count()
columns = df.AsNumpy(["rdfentry_", "n_jets", "met", "jet_pt", "jet_eta", "score", *flavours])
print(
    f"{histogram.GetEntries():.0f} events, mean score {histogram.GetMean():.4f}, {tagged.GetValue()} with a tagged jet"
)

# ------------------------------------------------------------------------------------------------------------------------------
# 6. What PyTorch says of them
# ------------------------------------------------------------------------------------------------------------------------------

event = np.stack([columns["met"], columns["n_jets"]], axis=1).astype(np.float32)
with torch.no_grad():
    np.testing.assert_allclose(columns["score"], classifier(torch.from_numpy(event)).numpy()[:, 0], atol=1e-6)

pt, eta = (np.concatenate([np.asarray(jets) for jets in columns[name]]) for name in ("jet_pt", "jet_eta"))
met = np.repeat(columns["met"], columns["n_jets"])
jets = np.stack([pt, eta, met], axis=1).astype(np.float32)
with torch.no_grad():
    expected = tagger(torch.from_numpy(jets)).numpy()
for i, name in enumerate(flavours):
    np.testing.assert_allclose(np.concatenate([np.asarray(jets) for jets in columns[name]]), expected[:, i], atol=1e-6)
print(f"equal to PyTorch's: {len(event)} events, {len(jets)} jets")
