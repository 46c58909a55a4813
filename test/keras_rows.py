"""One row for each layer of Keras and option: what makes it, and what it is called on."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

ROWS: list[Row] = []


@dataclasses.dataclass(frozen=True, eq=False)
class Row:
    """A layer, how it is made, the shapes of its inputs without the batch, and what they hold."""

    layer: str
    options: Mapping[str, Any]
    shapes: Sequence[tuple[int | None, ...]]
    call: Callable[..., Any] | None = None
    integers: int = 0
    """Inputs are integers below this number."""
    range: tuple[float, float] = (-2, 2)
    dtype: str = "float32"
    note: str = ""

    @property
    def title(self) -> str:
        """The options as they are written in the table."""
        text = ", ".join(f"{name}={_brief(value)}" for name, value in self.options.items())
        return "; ".join(filter(None, (text, self.note)))

    def __str__(self) -> str:
        shapes = " ".join("x".join(map(str, shape)) for shape in self.shapes)
        return f"{self.layer}({self.title}) {shapes}"

    def model(self) -> Any:
        """A model of this one layer."""
        import keras

        kind = self.dtype if not self.integers else "int32"
        if self.layer.startswith("ops."):
            return self._of_operation()
        inputs = [keras.Input(shape, dtype=kind, name=f"x{at}") for at, shape in enumerate(self.shapes)]
        layer = getattr(keras.layers, self.layer)
        given = inputs[0] if len(inputs) == 1 else inputs
        options = {name: value() if is_made(value) else value for name, value in self.options.items()}
        made = layer(**options)
        outputs = self.call(made, *inputs) if self.call else made(given)
        return randomised(keras.Model(inputs, outputs))

    def _of_operation(self) -> Any:
        """A model of one operation."""
        import keras

        kind = self.dtype if not self.integers else "int32"
        inputs = [keras.Input(shape, dtype=kind, name=f"x{at}") for at, shape in enumerate(self.shapes)]
        function = keras.ops
        for part in self.layer.split(".")[1:]:
            function = getattr(function, part)
        return keras.Model(inputs, self.call(function, *inputs) if self.call else function(*inputs, **self.options))

    def inputs(self, batch: int, rng: np.random.Generator) -> list[np.ndarray]:
        """Random numbers."""
        shapes = [(batch, *(5 if size is None else size for size in shape)) for shape in self.shapes]
        if self.integers:
            return [rng.integers(0, self.integers, shape).astype(np.int32) for shape in shapes]
        return [rng.uniform(*self.range, shape).astype(self.dtype) for shape in shapes]


def is_made(value: Any) -> bool:
    """Whether an option is made when the model is: a layer belongs to one model."""
    return callable(value) and value.__name__ == "<lambda>"


def _brief(value: Any) -> str:
    if callable(value):
        return "…" if is_made(value) else value.__name__
    return str(value)


def randomised(model: Any, seed: int = 7) -> Any:
    """Weights that are not what they begin with; variances and scales stay positive."""
    rng = np.random.default_rng(seed)
    for variable in model.weights:
        if "seed" in variable.path or not str(variable.dtype).startswith("float"):
            continue
        positive = any(word in variable.path for word in ("variance", "gamma", "scale"))
        low = 0.5 if positive else -1.0
        width = max(1.0, float(np.prod(variable.shape[:-1])) ** 0.5) if len(variable.shape) > 1 else 1.0
        variable.assign(
            (rng.uniform(low, 1.5 if positive else 1.0, variable.shape) / (1 if positive else width)).astype(np.float32)
        )
    return model


def row(name: str, /, *shapes: tuple[int | None, ...], call: Any = None, integers: int = 0, range: Any = (-2, 2), dtype: str = "float32",
        note: str = "", **options: Any) -> None:  # fmt: skip
    """Add a row to the table."""
    ROWS.append(Row(name, options, shapes, call, integers, range, dtype, note))


def activations() -> None:
    """Every function of keras.activations, by its name; layers of their own."""
    import keras

    for name in sorted(dir(keras.activations)):
        if not name.startswith("_") and name not in ("get", "serialize", "deserialize", "threshold"):
            row("Activation", (4, 6), activation=name)
    row("Dense", (3, 5), units=4, activation=keras.activations.gelu)
    row("Activation", (4, 6), activation=lambda: keras.ops.square, note="keras.ops.square")
    for low in (0, 0.5):
        for high in (None, 1.5):
            for slope in (0, 0.2):
                row("ReLU", (4, 5), negative_slope=slope, max_value=high, threshold=low)
    row("LeakyReLU", (4, 5))
    row("LeakyReLU", (4, 5), negative_slope=0.1)
    row("ELU", (4, 5), alpha=0.5)
    row("PReLU", (4, 5))
    row("PReLU", (4, 5, 3), shared_axes=[1, 2])
    row("Softmax", (4, 5))
    row("Softmax", (4, 5), axis=1)
    row("Softmax", (4, 5, 3), axis=[1, 2])
    row("Softmax", (4, 5), call=masked_softmax, note="mask")


def products() -> None:
    """Dense and its kin."""
    row("Dense", (5,), units=3)
    row("Dense", (5,), units=3, use_bias=False, activation="relu")
    row("Dense", (4, 5), units=3, activation="tanh")
    row("Dense", (2, 4, 5), units=3, activation="softmax")
    row("EinsumDense", (4, 5), equation="abc,cd->abd", output_shape=(None, 6), bias_axes="d", activation="relu")
    row("EinsumDense", (4, 5), equation="abc,bd->acd", output_shape=(5, 6))
    row("EinsumDense", (4, 5), equation="...x,xy->...y", output_shape=6, bias_axes="y")
    row("EinsumDense", (4, 2, 3), equation="abcd,cde->abe", output_shape=(None, 5), bias_axes="e")
    row("Embedding", (4,), integers=7, input_dim=7, output_dim=3)
    row("Embedding", (4, 2), integers=7, input_dim=7, output_dim=3, mask_zero=True)
    row("ReversibleEmbedding", (4,), integers=7, input_dim=7, output_dim=3)


def convolutions() -> None:
    """Windows that sum."""
    inputs = {1: (9, 4), 2: (7, 8, 4), 3: (5, 6, 7, 2)}
    for rank, shape in inputs.items():
        kernel = (3, 2, 4)[:rank]
        name = f"Conv{rank}D"
        row(name, shape, filters=6, kernel_size=kernel)
        row(name, shape, filters=6, kernel_size=kernel, padding="same", strides=2, activation="relu")
        row(name, shape, filters=6, kernel_size=kernel, padding="same", dilation_rate=2, use_bias=False)
        row(name, shape, filters=6, kernel_size=2, groups=2)
        row(name, shape, filters=6, kernel_size=2, strides=(2, 1, 3)[:rank], padding="valid")
        for padding in ("valid", "same"):
            row(f"{name}Transpose", shape, filters=3, kernel_size=kernel, padding=padding)
            row(f"{name}Transpose", shape, filters=3, kernel_size=kernel, padding=padding, strides=2)
            row(f"{name}Transpose", shape, filters=3, kernel_size=2, padding=padding, strides=3, use_bias=False)
            row(f"{name}Transpose", shape, filters=3, kernel_size=3, padding=padding, strides=2, output_padding=1)
        if rank < 3:
            row(f"{name}Transpose", shape, filters=3, kernel_size=3, dilation_rate=2, padding="same", activation="tanh")
            for kind in ("Depthwise", "Separable"):
                more = {} if kind == "Depthwise" else {"filters": 5}
                row(f"{kind}{name}", shape, kernel_size=3, depth_multiplier=2, activation="elu", **more)
                row(f"{kind}{name}", shape, kernel_size=4, padding="same", use_bias=False, **more)
                row(f"{kind}{name}", shape, kernel_size=2, strides=2, padding="same", **more)
                row(f"{kind}{name}", shape, kernel_size=2, dilation_rate=2, **more)
    # As many columns as channels come out of none: Keras would add the bias to the columns (docs/keras.md).
    first = {"data_format": "channels_first", "padding": "same", "strides": 2}
    for rank, shape in ((1, (4, 13)), (2, (4, 9, 13)), (3, (4, 5, 6, 7))):
        row(f"Conv{rank}D", shape, filters=6, kernel_size=3, groups=2, **first)
        row(f"Conv{rank}DTranspose", shape, filters=3, kernel_size=3, **first)
        for kind in ("Depthwise", "Separable") if rank < 3 else ():
            row(f"{kind}Conv{rank}D", shape, kernel_size=3, **first, **({"filters": 5} if kind == "Separable" else {}))
    row("Conv1D", (9, 4), filters=6, kernel_size=3, padding="causal", dilation_rate=2)
    row("Conv1D", (9, 4), filters=6, kernel_size=4, padding="causal", strides=2)
    row("Conv1D", (None, 4), filters=6, kernel_size=3, padding="same", note="any length")
    row("Conv2D", (None, None, 4), filters=6, kernel_size=3, note="any height and width")
    row("Conv2D", (None, 8, 4), filters=6, kernel_size=(3, 4), strides=2, padding="same", note="any height")
    row("DepthwiseConv2D", (None, None, 3), kernel_size=1, strides=3, padding="same", note="any height and width")
    row("MaxPooling2D", (None, None, 3), pool_size=3, strides=2, padding="same", note="any height and width")
    row("AveragePooling1D", (None, 3), pool_size=2, padding="same", note="any length")
    row(
        "Conv2DTranspose",
        (None, None, 4),
        filters=3,
        kernel_size=(4, 3),
        strides=(3, 2),
        padding="same",
        note="any height and width",
    )
    row(
        "Conv2DTranspose",
        (None, 4, 2),
        filters=3,
        kernel_size=2,
        strides=3,
        dilation_rate=1,
        output_padding=1,
        note="any height",
    )
    row("Conv1DTranspose", (None, 4), filters=3, kernel_size=2, strides=4, note="any length")
    row(
        "Conv2DTranspose",
        (7, 8, 4),
        filters=3,
        kernel_size=(4, 3),
        strides=(3, 2),
        padding="same",
        output_padding=(1, 0),
    )


def pools() -> None:
    """Windows that do not sum."""
    inputs = {1: (9, 4), 2: (7, 8, 4), 3: (5, 6, 7, 2)}
    for rank, shape in inputs.items():
        for kind in ("Max", "Average"):
            row(f"{kind}Pooling{rank}D", shape, pool_size=2)
            row(f"{kind}Pooling{rank}D", shape, pool_size=3, strides=2, padding="same")
            row(f"{kind}Pooling{rank}D", shape, pool_size=(2, 3, 2)[:rank], strides=1, padding="valid")
            row(f"{kind}Pooling{rank}D", (2, *shape[:-1]), pool_size=2, data_format="channels_first")
            row(f"Global{kind}Pooling{rank}D", shape)
            row(f"Global{kind}Pooling{rank}D", shape, keepdims=True)
            row(f"Global{kind}Pooling{rank}D", (2, *shape[:-1]), data_format="channels_first")
            row(f"Adaptive{kind}Pooling{rank}D", shape, output_size=(3, 5, 2)[:rank] if rank > 1 else 3)
    row("UpSampling1D", (5, 4), size=3)
    row("UpSampling2D", (3, 5, 4), size=(2, 3))
    row("UpSampling2D", (3, 5, 4), size=(2, 3), interpolation="bilinear")
    row("UpSampling2D", (3, 5, 4), size=2, interpolation="bicubic")
    row("UpSampling2D", (2, 3, 5), size=2, data_format="channels_first")
    row("UpSampling3D", (2, 3, 5, 4), size=(2, 1, 3))
    row("UpSampling3D", (4, 2, 3, 5), size=(2, 1, 3), data_format="channels_first")


def normalizations() -> None:
    """Statistics of the training, or of the sample."""
    row("BatchNormalization", (4, 6))
    row("BatchNormalization", (5,))
    row("BatchNormalization", (10, 3, 5), axis=2)
    row("BatchNormalization", (4, 3, 5), axis=1, center=False)
    row("BatchNormalization", (4, 5), scale=False, epsilon=0.1)
    row("LayerNormalization", (4, 6))
    row("LayerNormalization", (4, 6, 5), axis=[1, 2])
    row("LayerNormalization", (4, 6, 5), axis=[2, 1])
    row("LayerNormalization", (4, 6, 5), axis=2, center=False, epsilon=0.1)
    row("LayerNormalization", (4, 6, 5), axis=[1, 3], scale=False)
    row("GroupNormalization", (4, 5, 6), groups=3)
    row("GroupNormalization", (6, 4, 5), groups=2, axis=1)
    row("GroupNormalization", (4, 6), groups=-1, center=False, scale=False)
    row("RMSNormalization", (4, 6))
    row("RMSNormalization", (4, 6, 5), axis=[2, 3])
    row("UnitNormalization", (4, 6))
    row("UnitNormalization", (4, 6, 5), axis=[1, 3])
    import keras

    row("SpectralNormalization", (7, 8, 4), layer=lambda: keras.layers.Conv2D(3, 2), note="of Conv2D")
    row("SpectralNormalization", (5,), layer=lambda: keras.layers.Dense(3), note="of Dense")


def merging() -> None:
    """Several inputs."""
    for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"):
        row(name, (4, 6), (4, 6))
        row(name, (4, 6), (1, 6))
    row("Add", (4, 6), (4, 6), (4, 6))
    row("Add", (6,), (4, 6))
    row("Concatenate", (4, 6), (4, 3))
    row("Concatenate", (4, 6), (5, 6), (2, 6), axis=1)
    row("Dot", (4, 6), (5, 6), axes=2)
    row("Dot", (4, 6), (6, 5), axes=(2, 1))
    row("Dot", (6,), (6,), axes=1)
    row("Dot", (4, 6), (5, 6), axes=-1, normalize=True)


def reshaping() -> None:
    """What moves values."""
    import keras

    row("Flatten", (4, 5, 3))
    row("Flatten", (4, 5, 3), data_format="channels_first")
    row("Flatten", (5,))
    row("Reshape", (4, 5), target_shape=(2, 10))
    row("Reshape", (4, 5, 3), target_shape=(-1, 6))
    row("Permute", (3, 4, 5), dims=(2, 1, 3))
    row("Permute", (3, 4, 5), dims=(3, 1, 2))
    row("RepeatVector", (5,), n=3)
    row("Cropping1D", (9, 4), cropping=(2, 1))
    row("Cropping1D", (9, 4), cropping=(2, 0))
    row("Cropping2D", (7, 8, 3), cropping=((1, 2), (0, 3)))
    row("Cropping2D", (3, 7, 8), cropping=2, data_format="channels_first")
    row("Cropping3D", (5, 6, 7, 2), cropping=((1, 2), (0, 3), (1, 1)))
    row("ZeroPadding1D", (5, 4), padding=(2, 1))
    row("ZeroPadding2D", (3, 5, 4), padding=((1, 2), (0, 3)))
    row("ZeroPadding2D", (4, 3, 5), padding=(1, 2), data_format="channels_first")
    row("ZeroPadding3D", (2, 3, 5, 4), padding=(1, 0, 2))
    row("Identity", (4, 5))
    row("Masking", (4, 5), mask_value=0.5)
    row("Lambda", (4, 5), function=keras.ops.square)
    for name in ("Dropout", "GaussianDropout", "AlphaDropout"):
        row(name, (4, 5), rate=0.4)
    row("GaussianNoise", (4, 5), stddev=0.4)
    row("ActivityRegularization", (4, 5), l1=0.1)
    for rank, shape in ((1, (4, 5)), (2, (3, 4, 5)), (3, (2, 3, 4, 5))):
        row(f"SpatialDropout{rank}D", shape, rate=0.3)


def recurrent() -> None:
    """Networks over time."""
    import keras

    layers = keras.layers
    for name in ("SimpleRNN", "LSTM", "GRU"):
        row(name, (5, 4), units=3)
        row(name, (5, 4), units=3, return_sequences=True)
        row(name, (5, 4), units=3, return_sequences=True, return_state=True, go_backwards=True)
        row(name, (5, 4), units=3, go_backwards=True, use_bias=False)
        row(name, (None, 4), units=3, return_sequences=True, note="any length")
        row(name, (5, 4), units=3, activation="relu")
        row(name, (5, 4), units=3, activation="softsign", return_sequences=True)
        row(name, (5, 4), units=3, unroll=True, dropout=0.3)
        states = [(3,)] * (2 if name == "LSTM" else 1)
        row(
            name,
            (5, 4),
            *states,
            units=3,
            call=lambda layer, x, *more: layer(x, initial_state=list(more)),
            note="initial_state",
        )
        row(name, (5, 4), units=3, call=masked, note="masked")
        row(name, (5, 4), units=3, return_sequences=True, go_backwards=True, call=masked, note="masked")
        row("Bidirectional", (5, 4), layer=lambda kind=name: getattr(layers, kind)(3), note=name)
        row(
            "Bidirectional",
            (5, 4),
            layer=lambda kind=name: getattr(layers, kind)(3, return_sequences=True, return_state=True),
            note=f"{name} with sequences and states",
        )
        row("RNN", (5, 4), cell=lambda kind=name: getattr(layers, f"{kind}Cell")(3), return_sequences=True, note=name)
    row("GRU", (5, 4), units=3, reset_after=False, return_sequences=True)
    row("GRU", (5, 4), units=3, reset_after=False, go_backwards=True)
    row("LSTM", (5, 4), units=3, recurrent_activation="hard_sigmoid")
    row("LSTM", (5, 4), units=3, return_sequences=True, zero_output_for_mask=True, call=masked, note="masked")
    for mode in ("sum", "mul", "ave", "concat", None):
        row("Bidirectional", (5, 4), layer=lambda: layers.GRU(3, return_sequences=True), merge_mode=mode)
    row(
        "Bidirectional",
        (5, 4),
        layer=lambda: layers.LSTM(3),
        backward_layer=lambda: layers.LSTM(3, go_backwards=True, activation="relu"),
    )
    row("Bidirectional", (5, 4), layer=lambda: layers.LSTM(3, return_sequences=True), call=masked, note="masked")
    row("RNN", (5, 4), cell=lambda: [layers.LSTMCell(3), layers.GRUCell(2)], return_state=True, note="two cells")
    row(
        "RNN",
        (5, 4),
        cell=lambda: layers.StackedRNNCells([layers.SimpleRNNCell(3), layers.LSTMCell(2)]),
        note="StackedRNNCells",
    )
    row("TimeDistributed", (5, 4), layer=lambda: layers.Dense(3), note="Dense")
    row("TimeDistributed", (None, 4), layer=lambda: layers.Dense(3), note="Dense, any length")
    row("TimeDistributed", (5, 7, 6, 2), layer=lambda: layers.Conv2D(3, 2, activation="relu"), note="Conv2D")
    row("TimeDistributed", (2, 5, 4), layer=lambda: layers.LSTM(3), note="LSTM")
    for rank, shape in ((1, (4, 6, 2)), (2, (4, 6, 5, 2)), (3, (3, 4, 5, 3, 2))):
        row(f"ConvLSTM{rank}D", shape, filters=3, kernel_size=2, return_sequences=True)
        row(f"ConvLSTM{rank}D", shape, filters=3, kernel_size=3, padding="same", go_backwards=True, return_state=True)


def attention() -> None:
    """Attention of all kinds, with masks."""
    q, v = (5, 4), (6, 4)
    row("Attention", q, v)
    row("Attention", q, v, use_scale=True, dropout=0.2)
    row("Attention", q, v, score_mode="concat")
    row("Attention", q, v, call=lambda layer, *x: layer(list(x), use_causal_mask=True), note="use_causal_mask")
    row("Attention", q, v, call=lambda layer, *x: layer(list(x), return_attention_scores=True), note="scores")
    row("Attention", q, (6, 3), v, note="keys of their own")
    row("AdditiveAttention", q, v)
    row("AdditiveAttention", q, v, use_scale=False)
    row("MultiHeadAttention", q, v, num_heads=2, key_dim=3, call=lambda layer, *x: layer(*x))
    row(
        "MultiHeadAttention",
        (None, 4),
        (None, 4),
        num_heads=2,
        key_dim=3,
        call=lambda layer, *x: layer(*x),
        note="any length",
    )
    row(
        "MultiHeadAttention",
        q,
        v,
        num_heads=2,
        key_dim=3,
        value_dim=5,
        use_bias=False,
        output_shape=7,
        call=lambda layer, *x: layer(*x),
    )
    row(
        "MultiHeadAttention",
        q,
        v,
        num_heads=2,
        key_dim=3,
        call=lambda layer, *x: layer(*x, use_causal_mask=True),
        note="use_causal_mask",
    )
    row(
        "MultiHeadAttention",
        q,
        v,
        num_heads=2,
        key_dim=3,
        call=lambda layer, *x: layer(*x, return_attention_scores=True),
        note="scores",
    )
    row("MultiHeadAttention", q, v, num_heads=2, key_dim=3, call=with_attention_mask, note="attention_mask")
    row(
        "MultiHeadAttention",
        (2, 5, 4),
        (2, 5, 4),
        num_heads=2,
        key_dim=3,
        attention_axes=(1, 2),
        call=lambda layer, *x: layer(*x),
    )
    row(
        "GroupQueryAttention",
        q,
        v,
        head_dim=3,
        num_query_heads=4,
        num_key_value_heads=2,
        call=lambda layer, *x: layer(*x),
    )
    row(
        "GroupQueryAttention",
        q,
        v,
        head_dim=3,
        num_query_heads=4,
        num_key_value_heads=1,
        call=lambda layer, *x: layer(*x, return_attention_scores=True),
        note="scores",
    )


def masked_softmax(layer: Any, x: Any) -> Any:
    """Of what is large enough; of a row without any, nothing."""
    import keras

    return layer(x, mask=keras.ops.greater(x, 0.9))


def with_attention_mask(layer: Any, x: Any, y: Any) -> Any:
    """A mask of its own for each pair of places."""
    import keras

    return layer(
        x, y, attention_mask=keras.ops.greater(x[:, :, :1] + keras.ops.transpose(y[:, :, 1:2], (0, 2, 1)), -1.5)
    )


def preprocessing() -> None:
    """Layers that prepare data, those with weights and those without."""
    import keras

    row("Normalization", (4, 3), mean=[1.0, 2.0, 3.0], variance=[0.5, 2.0, 1.5])
    row("Normalization", (4, 3), axis=None, mean=1.5, variance=2.0)
    row("Normalization", (4, 3), mean=[1.0, 2.0, 3.0], variance=[0.5, 2.0, 1.5], invert=True)
    row("Rescaling", (4, 3), scale=0.5, offset=1.0)
    row("Rescaling", (5, 4, 3), scale=[0.5, 1.5, 2.0], offset=[1.0, 2.0, 3.0])
    row("Discretization", (4, 3), bin_boundaries=[-1.0, 0.0, 0.5])
    row("Discretization", (3,), bin_boundaries=[-1.0, 0.0, 0.5], output_mode="multi_hot")
    row("Discretization", (4, 3), bin_boundaries=[-1.0, 0.0, 0.5], output_mode="one_hot")
    row("Discretization", (3,), bin_boundaries=[-1.0, 0.0, 0.5], output_mode="count")
    for mode in ("one_hot", "multi_hot", "count"):
        row("CategoryEncoding", (3,), integers=6, num_tokens=6, output_mode=mode)
    row("IntegerLookup", (4,), integers=9, vocabulary=[3, 5, 7])
    row("IntegerLookup", (4,), integers=9, vocabulary=[3, 5, 7], output_mode="multi_hot")
    row("Resizing", (5, 7, 3), height=8, width=4)
    row("Resizing", (5, 7, 3), height=8, width=4, interpolation="nearest")
    row("Resizing", (5, 7, 3), height=8, width=9, interpolation="bicubic")
    row("Resizing", (5, 7, 3), height=4, width=4, crop_to_aspect_ratio=True)
    row("Resizing", (5, 7, 3), height=4, width=4, pad_to_aspect_ratio=True, fill_value=0.5)
    row("CenterCrop", (7, 8, 3), height=4, width=3)
    row("Pipeline", (7, 8, 3), layers=lambda: [keras.layers.Rescaling(0.5), keras.layers.CenterCrop(4, 3)])
    row("MaxNumBoundingBoxes", (7, 8, 3), max_number=4)
    row("CenterCrop", (5, 4, 3), height=6, width=7)
    for name, options in {
        "RandomFlip": {}, "RandomRotation": {"factor": 0.3}, "RandomZoom": {"height_factor": 0.2}, "RandomTranslation": {"height_factor": 0.2, "width_factor": 0.2},
        "RandomContrast": {"factor": 0.3}, "RandomBrightness": {"factor": 0.3}, "RandomShear": {"x_factor": 0.2, "y_factor": 0.1},
        "RandomHue": {"factor": 0.3}, "RandomSaturation": {"factor": 0.3}, "RandomSharpness": {"factor": 0.3}, "RandomGrayscale": {"factor": 0.3},
        "RandomColorJitter": {}, "RandomColorDegeneration": {"factor": 0.3}, "RandomPosterization": {"factor": 4}, "RandomErasing": {}, "RandomGaussianBlur": {},
        "RandomPerspective": {}, "RandomElasticTransform": {}, "RandomInvert": {}, "AugMix": {}, "CutMix": {}, "MixUp": {}, "RandAugment": {},
        "AutoContrast": {"value_range": (0, 255)}, "Solarization": {"value_range": (0, 255)}, "RandomCrop": {"height": 4, "width": 3},
    }.items():  # fmt: skip
        row(name, (7, 8, 3), range=(0, 255), **options)
    small = {"fft_length": 32, "sequence_stride": 12, "num_mel_bins": 6, "sampling_rate": 8000}
    row("MelSpectrogram", (150,), **small)
    row("MelSpectrogram", (2, 150), **small, sequence_length=20, window="hamming", top_db=5.0, ref_power=2.0)
    row("MelSpectrogram", (150,), **small, power_to_db=False, mag_exp=1.0, min_freq=100.0, max_freq=3000.0)
    row("STFTSpectrogram", (128, 2), frame_length=32, frame_step=16, fft_length=32, window=None)
    row("STFTSpectrogram", (128, 2), frame_length=32, frame_step=16, fft_length=32, window=None, mode="magnitude")


def operations() -> None:
    """What keras.ops and Python's operators record."""
    # onnxruntime's sums are worth 3e-5 of larger numbers.
    row("ops.stft", (70,), sequence_length=20, sequence_stride=9, fft_length=24, range=(-0.2, 0.2))
    row(
        "ops.stft",
        (2, 70),
        sequence_length=20,
        sequence_stride=9,
        fft_length=24,
        window=None,
        center=False,
        range=(-0.2, 0.2),
    )
    row("ops.stft", (70,), sequence_length=24, sequence_stride=9, fft_length=24, window="hamming", range=(-0.2, 0.2))
    positive = {"range": (0.2, 2)}
    for name in ("abs", "absolute", "ceil", "floor", "cos", "sin", "tan", "sinh", "cosh", "tanh", "arctan", "arcsinh", "exp", "expm1", "exp2",
                 "negative", "sign", "square", "erf", "erfc", "relu", "sigmoid", "isnan", "isfinite", "isinf", "logical_not", "round",
                 "deg2rad", "rad2deg", "trunc", "cbrt", "copy", "stop_gradient", "ones_like", "zeros_like", "swish", "gelu", "celu"):  # fmt: skip
        row(f"ops.{name}", (4, 3))
    for name in ("log", "log1p", "log2", "log10", "sqrt", "rsqrt", "reciprocal"):
        row(f"ops.{name}", (4, 3), **positive)
    for name in ("arcsin", "arccos", "arctanh"):
        row(f"ops.{name}", (4, 3), range=(-0.9, 0.9))
    row("ops.arccosh", (4, 3), range=(1.1, 4))
    for name in ("add", "subtract", "multiply", "divide", "true_divide", "maximum", "minimum", "floor_divide", "mod", "hypot", "logaddexp",
                 "equal", "not_equal", "greater", "greater_equal", "less", "less_equal", "logical_and", "logical_or", "logical_xor",
                 "divide_no_nan", "matmul"):  # fmt: skip
        row(f"ops.{name}", (4, 3), (4, 3) if name != "matmul" else (3, 5))
    row("ops.power", (4, 3), (4, 3), **positive)
    for name in ("add", "floor_divide", "mod", "maximum", "bitwise_and", "bitwise_or", "bitwise_xor"):
        row(f"ops.{name}", (4, 3), (4, 3), integers=9, call=lambda f, x, y: f(x, y + 1), note="integers")
    row("ops.bitwise_not", (4, 3), integers=9)
    for name in (
        "sum",
        "mean",
        "prod",
        "max",
        "min",
        "amax",
        "amin",
        "any",
        "all",
        "var",
        "std",
        "logsumexp",
        "argmax",
        "argmin",
        "count_nonzero",
    ):
        row(f"ops.{name}", (4, 3), axis=-1)
        row(f"ops.{name}", (4, 3), call=lambda f, x: f(x, 1), note="axis=1")
    for name in ("sum", "mean", "var", "max"):
        row(f"ops.{name}", (4, 3, 2), axis=(1, 3), keepdims=True)
    row("ops.softmax", (4, 3), axis=1)
    row("ops.log_softmax", (4, 3))
    row("ops.leaky_relu", (4, 3), negative_slope=0.3)
    row("ops.elu", (4, 3), alpha=0.3)
    row("ops.soft_shrink", (4, 3), threshold=0.3)
    row("ops.hard_shrink", (4, 3), threshold=0.3)
    row("ops.threshold", (4, 3), threshold=0.3, default_value=-1.0)
    row("ops.squareplus", (4, 3), b=2.0)
    row("ops.glu", (4, 6))
    row("ops.clip", (4, 3), x_min=-0.5, x_max=1.0)
    row("ops.round", (4, 3), decimals=1)
    row("ops.cast", (4, 3), call=lambda f, x: f(x, "int32"))
    row("ops.saturate_cast", (4, 3), call=lambda f, x: f(x, "uint8"), range=(-300, 300))
    row("ops.where", (4, 3), (4, 3), call=lambda f, x, y: f(x > y, x, 2.0))
    row("ops.cumsum", (4, 3), axis=1)
    row("ops.normalize", (4, 3), axis=-1, order=2)
    row("ops.normalize", (4, 3), axis=1, order=1)
    row("ops.linalg.norm", (4, 3), axis=-1)
    row("ops.linalg.norm", (4, 3), axis=1, ord=1, keepdims=True)
    row("ops.sort", (4, 3), axis=1)
    row("ops.argsort", (4, 3))
    row("ops.top_k", (7,), k=3)
    row("ops.moments", (4, 3), axes=(1,))
    row("ops.reshape", (4, 3), newshape=(-1, 2, 6))
    row("ops.transpose", (4, 3), axes=(0, 2, 1))
    row("ops.transpose", (4, 3), call=lambda f, x: f(x), note="all axes")
    row("ops.swapaxes", (4, 3, 2), axis1=1, axis2=-1)
    row("ops.moveaxis", (4, 3, 2), source=1, destination=-1)
    row("ops.moveaxis", (4, 3, 2), source=(3, 1), destination=(1, 2))
    row("ops.expand_dims", (4, 3), axis=-1)
    row("ops.squeeze", (4, 1, 3), axis=2)
    row("ops.ravel", (4, 3))
    row("ops.flip", (4, 3), axis=1)
    row("ops.roll", (4, 3), shift=3, axis=1)
    row("ops.repeat", (4, 3), repeats=2, axis=2)
    row("ops.tile", (4, 3), repeats=(1, 2, 3))
    row("ops.pad", (4, 3), pad_width=((0, 0), (1, 2), (0, 1)))
    row("ops.pad", (4, 3), pad_width=((0, 0), (1, 2), (0, 1)), mode="reflect")
    row("ops.pad", (4, 3), pad_width=((0, 0), (1, 2), (0, 1)), constant_values=2.5)
    row("ops.concatenate", (4, 3), (4, 2), call=lambda f, x, y: f([x, y], axis=-1))
    row("ops.stack", (4, 3), (4, 3), call=lambda f, x, y: f([x, y], axis=1))
    row("ops.unstack", (4, 3), call=lambda f, x: f(x, axis=1))
    row("ops.split", (6, 3), indices_or_sections=3, axis=1)
    row("ops.split", (6, 3), indices_or_sections=[1, 4], axis=1)
    row("ops.take", (6, 3), indices=[2, 0, 5], axis=1)
    row(
        "ops.take",
        (4,),
        integers=3,
        call=lambda f, x: f(np.arange(12, dtype="f4").reshape(6, 2), x, axis=0),
        note="by the input",
    )
    row("ops.one_hot", (4,), integers=5, num_classes=5)
    row("ops.one_hot", (4,), integers=5, num_classes=5, axis=1)
    row("ops.tril", (4, 3))
    row("ops.triu", (4, 3), k=1)
    row("ops.einsum", (4, 3), (5, 3), call=lambda f, x, y: f("bij,bkj->bik", x, y))
    row("ops.dot", (4, 3), call=lambda f, x: f(x, np.arange(6, dtype="f4").reshape(3, 2)))
    row("ops.tensordot", (4, 3), call=lambda f, x: f(x, np.arange(6, dtype="f4").reshape(3, 2), axes=1))
    row(
        "ops.conv",
        (7, 8, 3),
        call=lambda f, x: f(x, np.linspace(-1, 1, 36, dtype="f4").reshape(2, 3, 3, 2), strides=2, padding="same"),
    )
    row("ops.depthwise_conv", (7, 8, 3), call=lambda f, x: f(x, np.linspace(-1, 1, 36, dtype="f4").reshape(2, 3, 3, 2)))
    row(
        "ops.separable_conv",
        (7, 8, 3),
        call=lambda f, x: f(
            x,
            np.linspace(-1, 1, 36, dtype="f4").reshape(2, 3, 3, 2),
            np.linspace(-1, 1, 24, dtype="f4").reshape(1, 1, 6, 4),
        ),
    )
    row("ops.max_pool", (7, 8, 3), pool_size=2)
    row("ops.average_pool", (7, 8, 3), pool_size=(2, 3), strides=1, padding="same")
    row(
        "ops.batch_normalization",
        (7, 3),
        call=lambda f, x: f(x, np.array([1, 2, 3], "f4"), np.array([0.5, 1, 2], "f4"), axis=-1),
    )
    row("ops.layer_normalization", (7, 3), axis=-1)
    row("ops.rms_normalization", (7, 3))
    row("ops.image.resize", (7, 8, 3), size=(4, 5))
    row("ops.depth_to_space", (4, 3, 8), block_size=2)
    row("ops.space_to_depth", (4, 6, 3), block_size=2)
    row("ops.dot_product_attention", (5, 2, 4), (6, 2, 4), (6, 2, 4), is_causal=True)
    for name, brackets in {
        "[:, 1:3, ::-1]": lambda x: x[:, 1:3, ::-1], "[:, -1:, :1]": lambda x: x[:, -1:, :1], "[..., 1]": lambda x: x[..., 1],
        "[:, 0, None, 2, None]": lambda x: x[:, 0, None, 2, None], "[:, 3:0:-2]": lambda x: x[:, 3:0:-2],
    }.items():  # fmt: skip
        row("ops.get_item", (4, 3), call=lambda _, x, cut=brackets: cut(x), note=name)
    row(
        "ops.add",
        (4, 4),
        (4, 4),
        call=lambda _, x, y: (1 - x) / 2 + 3 * y - y**2 + x % 2 + -x + abs(y) + x @ y + (x > y) * 1.0,
        note="operators",
    )


def masked(layer: Any, x: Any) -> Any:
    """A call on what is masked where its first element is small."""
    import keras

    return layer(x, mask=keras.ops.greater(x[..., 0], -0.7))


for fill in (
    activations,
    products,
    convolutions,
    pools,
    normalizations,
    merging,
    reshaping,
    recurrent,
    attention,
    preprocessing,
    operations,
):
    fill()
