"""Recurrent networks: ONNX's own where they say the same, any other cell as the body of a Scan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie import dims
from pysofie.errors import Refusal
from pysofie.graph import Graph, TensorInfo
from pysofie.keras.registry import layer
from pysofie.keras.writer import OPSETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pysofie.keras.walk import Walk
    from pysofie.values import Value


@dataclass(frozen=True)
class Run:
    """What a recurrent layer gives: all outputs in the order of time, the last one, and the states after it."""

    outputs: Value | None
    last: Value
    states: Sequence[Value]


@layer("RNN", "SimpleRNN", "GRU", "LSTM", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
def recurrent(w: Walk, layer: Any, x: Value, initial_state: Any = None, mask: Any = None) -> Any:
    """A layer by its cell; backwards, its outputs come in the order in which they are made."""
    run = _run(w, layer, x, initial_state, mask)
    result = run.last
    if layer.return_sequences and run.outputs is not None:
        result = w.slice(run.outputs, 1, -1, None, -1) if layer.go_backwards else run.outputs
    return (result, *run.states) if layer.return_state else result


@layer("Bidirectional")
def bidirectional(w: Walk, layer: Any, x: Value, initial_state: Any = None, mask: Any = None) -> Any:
    """Two layers, one of them backwards, and their outputs joined."""
    import keras

    states = keras.tree.flatten(initial_state) if initial_state is not None else []
    half = len(states) // 2
    both = [
        (one, _run_as(w, one, x, given, mask))
        for one, given in ((layer.forward_layer, states[:half]), (layer.backward_layer, states[half:]))
    ]
    results = []
    for number, (one, run) in enumerate(both):
        backwards = one.go_backwards != bool(number)  # Keras turns what the second layer gives
        whole = run.outputs if layer.return_sequences else None
        results.append(run.last if whole is None else w.slice(whole, 1, -1, None, -1) if backwards else whole)
    merged = _merge(w, layer.merge_mode, *results)
    after = [state for _, run in both for state in run.states] if layer.return_state else []
    return (*(merged if isinstance(merged, tuple) else (merged,)), *after) if after else merged


def _merge(w: Walk, mode: str | None, first: Value, second: Value) -> Any:
    match mode:
        case None:
            return first, second
        case "concat":
            return w.op("Concat", first, second, axis=first.rank - 1)
        case "mul":
            return w.op("Mul", first, second)
    total = w.op("Add", first, second)
    return w.op("Mul", total, w.number(0.5, total)) if mode == "ave" else total


def _run_as(w: Walk, layer: Any, x: Value, initial_state: Any, mask: Any) -> Run:
    """A part of another layer, under its own name."""
    with w.at(layer.name, type(layer).__name__):
        return _run(w, layer, x, initial_state or None, mask)


def _run(w: Walk, layer: Any, x: Value, initial_state: Any, mask: Any) -> Run:
    import keras

    if layer.stateful:
        raise Refusal(
            "it is stateful: it would carry its state from one batch to the next", "build it with stateful=False"
        )
    if getattr(layer.cell, "quantization_mode", None) is not None:
        raise Refusal("its weights are quantized")
    given = [] if initial_state is None else keras.tree.flatten(initial_state)
    states = [w.tensor(one, x.dtype) for one in given] or None
    mask = next((one for one in keras.tree.flatten(mask) if one is not None), None)
    native = _NATIVE.get(type(layer.cell).__name__) if mask is None and _is_kerass(layer.cell) else None
    if native is not None and all(_activation(one) for one in _functions(layer.cell)):
        return native(w, layer, x, states)
    return _scan(w, layer, x, _initial(w, layer, x) if states is None else states, mask)


def _is_kerass(cell: Any) -> bool:
    return type(cell).__module__.split(".")[0] == "keras"


# ---ONNX's own----------------------------------------------------------------------------------------------------------------


def _functions(cell: Any) -> list[Any]:
    """The activations of a cell, that of its gates first."""
    return [one for one in (getattr(cell, "recurrent_activation", None), cell.activation) if one is not None]


def _activation(function: Any) -> str | None:
    import keras

    known = {keras.activations.tanh: "Tanh", keras.activations.sigmoid: "Sigmoid", keras.activations.relu: "Relu"}
    return known.get(function)


def _gates(kernel: Any, order: Sequence[int]) -> np.ndarray[Any, Any]:
    """Keras's (inputs, gates * units) as ONNX's (1, gates * units, inputs), gates in another order."""
    parts = np.split(kernel, len(order), axis=-1)
    return np.concatenate([parts[at] for at in order], axis=-1).T[None]


def _native(
    w: Walk, layer: Any, x: Value, states: Sequence[Value] | None, kind: str, order: Sequence[int], **attributes: Any
) -> Run:
    cell = layer.cell
    kernels = [
        w.weight(one, lambda array: _gates(array, order).astype(x.dtype))
        for one in (cell.kernel, cell.recurrent_kernel)
    ]
    bias = w.constant(_biases(w, cell, order).astype(x.dtype), f"{w.origin}/bias") if cell.use_bias else None
    outputs = 3 if kind == "LSTM" else 2
    first = [w.unsqueeze(one, 0) for one in states or ()]
    whole, *after = w.ops(
        kind,
        *(w.transpose(x, (1, 0, 2)), *kernels, bias, None, *first),
        outputs=outputs,
        hidden_size=int(cell.units),
        direction="reverse" if layer.go_backwards else "forward",
        activations=tuple(filter(None, map(_activation, _all_functions(kind, cell)))),
        **attributes,
    )
    last = [w.squeeze(one, 0) for one in after]
    in_time = w.transpose(w.squeeze(whole, 1), (1, 0, 2)) if layer.return_sequences else None
    return Run(in_time, last[0], last)


def _all_functions(kind: str, cell: Any) -> list[Any]:
    functions = _functions(cell)
    return [*functions, cell.activation] if kind == "LSTM" else functions


def _biases(w: Walk, cell: Any, order: Sequence[int]) -> np.ndarray[Any, Any]:
    """Of inputs and of states, one after the other; Keras has the latter in a GRU alone."""
    array = w.array(cell.bias)
    rows = array if array.ndim == 2 else np.stack([array, np.zeros_like(array)])
    return np.concatenate([_gates(row[None], order)[0, :, 0] for row in rows])[None]


def _simple(w: Walk, layer: Any, x: Value, states: Sequence[Value] | None) -> Run:
    return _native(w, layer, x, states, "RNN", (0,))


def _lstm(w: Walk, layer: Any, x: Value, states: Sequence[Value] | None) -> Run:
    """Keras: input, forget, candidate, output; ONNX: input, output, forget, candidate."""
    return _native(w, layer, x, states, "LSTM", (0, 3, 1, 2))


def _gru(w: Walk, layer: Any, x: Value, states: Sequence[Value] | None) -> Run:
    """Both have update, reset, candidate."""
    return _native(w, layer, x, states, "GRU", (0, 1, 2), linear_before_reset=int(layer.cell.reset_after))


_NATIVE = {"SimpleRNNCell": _simple, "LSTMCell": _lstm, "GRUCell": _gru}


# ---Any cell------------------------------------------------------------------------------------------------------------------


def _initial(w: Walk, layer: Any, x: Value) -> list[Value]:
    """The states that a layer begins with: those that it makes for a batch of one, for each row."""
    import keras

    states = keras.tree.flatten(layer.get_initial_state(batch_size=1))
    arrays = [w.array(one).astype(x.dtype) for one in states]
    return [w.expand(w.constant(one), (x.shape[0], *one.shape[1:]), x) for one in arrays]


def _scan(w: Walk, layer: Any, x: Value, states: Sequence[Value], mask: Value | None) -> Run:
    """The cell as the body of a Scan. A masked step leaves the states, and repeats the output before it."""
    holds = mask is not None and not layer.zero_output_for_mask
    needs_last = holds or not layer.return_sequences
    scanned = [x] if mask is None else [x, mask]
    with w.body() as nodes:
        before = [w.input(f"{one.name}/before", one.dtype, one.shape) for one in states]
        steps = [w.input(f"{one.name}/step", one.dtype, (one.shape[0], *one.shape[2:])) for one in scanned]
        output, after = _step(w, layer, steps[0], before)
        previous = w.input(f"{output.name}/before", output.dtype, output.shape) if needs_last else None
        if mask is not None:
            masked = previous if holds and previous is not None else w.number(0, output)
            output = _where(w, steps[1], output, masked)
            after = [_where(w, steps[1], new, old) for new, old in zip(after, before, strict=True)]
        results = [*after, *([output] if needs_last else []), w.op("Identity", output)]
    inputs = [*before, *([previous] if previous is not None else []), *steps]
    start = [*states, *([w.zeros(x, output.shape)] if needs_last else [])]
    backwards = int(layer.go_backwards)
    found = w.ops(
        "Scan",
        *(*start, *scanned),
        outputs=len(start) + 1,
        body=Graph("step", tuple(map(_info, inputs)), tuple(one.name for one in results), tuple(nodes), opsets=OPSETS),
        num_scan_inputs=len(scanned),
        scan_input_axes=(1,) * len(scanned),
        scan_input_directions=(backwards,) * len(scanned),
        scan_output_directions=(backwards,),
    )
    whole = w.transpose(found[-1], (1, 0, *range(2, found[-1].rank)))
    last = found[len(states)] if needs_last else w.squeeze(w.slice(whole, 1, *((0, 1) if backwards else (-1,))), 1)
    return Run(whole, last, found[: len(states)])


def _step(w: Walk, layer: Any, x: Value, states: Sequence[Value]) -> tuple[Value, list[Value]]:
    """The cell on one step: its output and its states."""
    import keras

    structure = layer.get_initial_state(batch_size=1)
    output, after = w.apply(layer.cell, (x, keras.tree.pack_sequence_as(structure, list(states))), {})
    flat = [w.tensor(one) for one in keras.tree.flatten(after)]
    # A state that is not computed, or that is the output as well, is a tensor of its own.
    return w.op("Identity", output), [w.op("Identity", one) for one in flat]


def _where(w: Walk, mask: Value, one: Value, other: Value) -> Value:
    return w.op("Where", w.unsqueeze(mask, *range(mask.rank, one.rank)), one, other)


def _info(value: Value) -> TensorInfo:
    return TensorInfo(
        value.name, value.dtype, tuple(str(one) if isinstance(one, dims.Expression) else one for one in value.shape)
    )


# ---The same for each step------------------------------------------------------------------------------------------------------


@layer("TimeDistributed")
def time_distributed(w: Walk, layer: Any, x: Value, mask: Any = None) -> Value:
    """The layer inside on the steps of all samples as one batch."""
    inner = layer.layer
    if (
        mask is not None
        and getattr(inner, "_call_has_mask_arg", False)
        and type(inner).__name__ != "BatchNormalization"
    ):
        raise Refusal(f"a mask for the {type(inner).__name__} inside")
    made = w.apply(inner, (w.flatten_axes(x, 0, 2),), {})
    result: Value = w.reshape(made, (*x.shape[:2], *made.shape[1:]), x)
    return result
