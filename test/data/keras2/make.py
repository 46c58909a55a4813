"""How these files were made, by Keras 2: pip install --no-deps tf-keras (2.21), TF_USE_LEGACY_KERAS=1 python make.py."""

import numpy as np
import tf_keras as keras

layers, backend = keras.layers, keras.backend
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


def translator():
    """States that one layer gives to another."""
    steps, more = keras.Input((6, 4)), keras.Input((3, 4))
    _, *states = layers.LSTM(5, return_state=True)(steps)
    return keras.Model([steps, more], layers.LSTM(5, return_sequences=True)(more, initial_state=states))


def energy_flow(*, of_particles):
    """The networks of energyflow as it writes them: the EFN, whose sum over particles is weighted by energies, and the PFN."""
    angles = keras.Input(batch_shape=(None, None, 4 if of_particles else 2))
    weights = [] if of_particles else [keras.Input(batch_shape=(None, None))]

    def is_there(x, mask_val=0.0):
        return backend.cast(backend.any(backend.not_equal(x, mask_val), axis=-1), backend.dtype(x))

    def energy(x, mask_val=0.0):
        return x * backend.cast(backend.not_equal(x, mask_val), backend.dtype(x))

    x = angles
    for number, size in enumerate((8, 6)):
        dense = layers.TimeDistributed(layers.Dense(size), name=f"tdist_{number}")
        x = (layers.LeakyReLU(0.3) if of_particles else layers.Activation("relu"))(dense(x))
    there = (
        layers.Lambda(is_there, name="mask")(angles) if of_particles else layers.Lambda(energy, name="mask")(*weights)
    )
    latent = layers.Dropout(0.1)(layers.Dot(1, name="sum")([there, x]))
    x = layers.Activation("relu")(layers.Dense(7, name="dense_0")(latent))
    return keras.Model([*weights, angles], layers.Activation("softmax")(layers.Dense(2, name="output")(x)))


def nested():
    """Models in models, one of them twice, with weights in groups of groups; options as old as lr."""
    given = keras.Input((3,))
    inner = keras.Model(given, layers.Dense(4, activation=layers.LeakyReLU(0.1))(given), name="inner")
    side = keras.Sequential(
        [layers.Bidirectional(layers.LSTM(2, return_sequences=True), input_shape=(5, 4)), layers.Flatten()], name="side"
    )
    steps, one = keras.Input((5, 3)), keras.Input((3,))
    again = inner(layers.Dense(3)(inner(one)))
    both = layers.Concatenate()([side(layers.TimeDistributed(inner)(steps)), inner(one), again])
    model = keras.Model([steps, one], layers.Dense(2, kernel_regularizer="l2")(both))
    model.compile(keras.optimizers.SGD(lr=0.1), "mse", metrics=["mae"])
    return model


def attention():
    steps = keras.Input((6, 8))
    x = layers.SpatialDropout1D(0.1)(layers.Attention()([steps, layers.AdditiveAttention()([steps, steps])]))
    x = layers.LayerNormalization()(layers.Add()([x, layers.MultiHeadAttention(2, 4)(x, steps)]))
    return keras.Model(steps, layers.GlobalMaxPooling1D()(layers.Conv1D(5, 3, padding="causal", activation="selu")(x)))


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
    "efn": energy_flow(of_particles=False),
    "pfn": energy_flow(of_particles=True),
    "nested": nested(),
    "states": translator(),
    "mha": attention(),
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
    if name in ("efn", "pfn"):
        for one in inputs:
            one[:, -2:] = 0  # no particles
    model.save(f"{name}.h5")
    np.savez(f"{name}.npz", *inputs, out=np.asarray(model(inputs if len(inputs) > 1 else inputs[0])))
