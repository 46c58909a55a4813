### \file
### \ingroup tutorial_ml
### \notebook -nodraw
### From a network in Keras to C++ code: train, save, parse into an RModel, generate a header, and run it, from PyROOT and from
### Python.
###
### Three files `SofieKeras.*` are written into the current folder and removed at the end. With `--keep` they stay.
###
### \macro_code
### \macro_output
### \author The pysofie authors

import sys
from pathlib import Path

import keras
import numpy as np
import ROOT

import pysofie

SOFIE = ROOT.TMVA.Experimental.SOFIE

# ------------------------------------------------------------------------------------------------------------------------------
# 1. A network in Keras, trained to tell whether the left half of a small image is brighter than the right one
# ------------------------------------------------------------------------------------------------------------------------------

keras.utils.set_random_seed(1)
images = np.random.default_rng(1).random((1000, 8, 8, 1), np.float32)
labels = (images[:, :, :4].sum((1, 2, 3)) > images[:, :, 4:].sum((1, 2, 3))).astype(np.float32)

layers = keras.layers
network = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Conv2D(8, 3, padding="same", activation="relu"),
        layers.BatchNormalization(),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(16, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
network.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy")
history = network.fit(images, labels, epochs=5, batch_size=50, verbose=0)
print(f"trained, loss {history.history['loss'][-1]:.3f}")

# ------------------------------------------------------------------------------------------------------------------------------
# 2. To a file, which holds network and weights, and knows the shapes of the inputs
# ------------------------------------------------------------------------------------------------------------------------------

network.save("SofieKeras.keras")

# ------------------------------------------------------------------------------------------------------------------------------
# 3. From the file to C++, for batches of five images; pysofie.parse leaves the size of the batch open
# ------------------------------------------------------------------------------------------------------------------------------

model = SOFIE.PyKeras.Parse("SofieKeras.keras", 5)
model.Generate()
model.OutputGenerated("SofieKeras.hxx")  # and the weights, SofieKeras.dat
model.PrintRequiredInputTensors()
model.PrintOutputTensors()

# ------------------------------------------------------------------------------------------------------------------------------
# 4. The header in PyROOT: infer takes the images as Keras has them, channels last
# ------------------------------------------------------------------------------------------------------------------------------

ROOT.gInterpreter.Declare('#include "SofieKeras.hxx"')
session = ROOT.TMVA_SOFIE_SofieKeras.Session("SofieKeras.dat")
result = np.asarray(session.infer(images[:5]))
print("PyROOT:", result)

expected = network.predict(images[:5], verbose=0)[:, 0]
print("Keras: ", expected)
np.testing.assert_allclose(result, expected, atol=1e-6)

# ------------------------------------------------------------------------------------------------------------------------------
# 5. The same in one line of Python, for any number of images; and the comparison with Keras, on random numbers
# ------------------------------------------------------------------------------------------------------------------------------

compiled = pysofie.compile("SofieKeras.keras")
print("Python:", compiled(images[:3])[:, 0])
print(pysofie.verify("SofieKeras.keras", session=compiled).check())

if "--keep" not in sys.argv:
    for suffix in ("keras", "hxx", "dat"):
        Path(f"SofieKeras.{suffix}").unlink()
