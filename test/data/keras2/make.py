"""How these files were made, by Keras 2: pip install --no-deps tf-keras (2.21), TF_USE_LEGACY_KERAS=1 python make.py."""

import numpy as np
import tf_keras as keras

layers = keras.layers
rng = np.random.default_rng(0)


def sequences():
    steps, more = keras.Input((None, 3), name="p"), keras.Input((2,))
    inside = layers.TimeDistributed(layers.Dense(5, activation="relu"))(layers.Masking(0.0)(steps))
    both = layers.Concatenate()([layers.GlobalAveragePooling1D()(inside), layers.Activation("swish")(more)])
    return keras.Model([steps, more], layers.Dense(2)(both))


def recurrent():
    steps = keras.Input((6, 4))
    last = layers.GRU(4)(layers.LSTM(5, return_sequences=True)(steps))
    return keras.Model(steps, layers.ELU(alpha=0.5)(layers.Dense(3)(last)))


MODELS = {
    "dense": keras.Sequential(
        [layers.Dense(8, activation="relu", input_shape=(5,)), layers.BatchNormalization(), layers.Dropout(0.2),
         layers.LeakyReLU(alpha=0.2), layers.Dense(2, activation="softmax")]
    ),
    "conv": keras.Sequential(
        [layers.Conv2D(4, 3, padding="same", activation="relu", input_shape=(8, 9, 3)), layers.MaxPooling2D(), layers.Flatten(),
         layers.Dense(3)]
    ),
    "sep": keras.Sequential(
        [layers.SeparableConv2D(4, 3, input_shape=(8, 9, 3)), layers.PReLU(), layers.UpSampling2D(2, interpolation="bilinear"),
         layers.DepthwiseConv2D(2), layers.Conv2DTranspose(3, 2, strides=2), layers.GlobalMaxPooling2D(), layers.ReLU(max_value=6.0)]
    ),
    "rnn": recurrent(),
    "td": sequences(),
}  # fmt: skip

for name, model in MODELS.items():
    for weight in model.weights:
        spread = np.sqrt(np.prod(weight.shape[:-1]))
        weight.assign(
            rng.uniform(0.2, 1, weight.shape) if len(weight.shape) == 1 else rng.normal(size=weight.shape) / spread
        )
    if name == "dense":
        model.compile("sgd", "mse")
    shapes = [[3] + [size or 7 for size in one.shape[1:]] for one in model.inputs]
    inputs = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
    model.save(f"{name}.h5")
    np.savez(f"{name}.npz", *inputs, out=np.asarray(model(inputs if len(inputs) > 1 else inputs[0])))
