"""What PyTorch made, seen alike: a TorchScript module, a live one, an exported program; how each is called and captured."""

from __future__ import annotations

import contextlib
import inspect
import warnings
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pysofie import files
from pysofie.errors import CaptureError, CaptureWarning, ShapeError
from pysofie.graph import Dim, TensorInfo
from pysofie.names import Names
from pysofie.onnx import reader
from pysofie.request import dtype_of
from pysofie.torch import capture, functions, structure
from pysofie.torch.structure import Slot, Structure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pysofie.request import Request


INNER = "module"
"""Where the user's module is, in one that is wrapped around it."""


class Original(ABC):
    """A network as PyTorch has it."""

    def __init__(self, module: Any, name: str) -> None:
        self.module, self.name = module, name

    @property
    def device(self) -> Any:
        """Where its weights are, and its inputs have to be."""
        import torch

        return next((one.device for one in self.module.parameters()), torch.device("cpu"))

    @abstractmethod
    def arguments(self, examples: Any, count: int | None) -> Structure:
        """The arguments of ``forward``, by name: from examples, or for so many tensors (of which there are none yet).

        Raises
        ------
        ShapeError
            If they do not fit ``forward``.
        CaptureError
            If only examples can tell.
        """

    def inputs(self, arguments: Structure, request: Request) -> tuple[TensorInfo, ...]:
        """What the Graph's inputs are, as far as it is asked for, else as the examples are."""
        names = Names()
        given: Sequence[Any] = arguments.tensors or (None,) * len(arguments.slots)
        if request.shapes is not None and len(request.shapes) != len(given):
            raise ShapeError(
                f"{self.name}: {_count(len(request.shapes), 'shape')} given for {_count(len(given), 'tensor')} in example_inputs"
            )
        infos = []
        for at, (name, one) in enumerate(zip(self.input_names(arguments), given, strict=True)):
            dtype = request.dtype(at) if one is None or request.dtypes is not None else dtype_of(one.dtype)
            shape = request.shapes[at] if request.shapes is not None else tuple(one.shape)
            if one is not None and not _fits(shape, one.shape):
                raise ShapeError(
                    f"{self.name}: the example of {name} has the shape {tuple(one.shape)}, {tuple(shape)} was asked for"
                )
            infos.append(TensorInfo(names.fresh(name), dtype, shape))
            names.reserve([infos[-1].name])
        return tuple(infos)

    def input_names(self, arguments: Structure) -> tuple[str, ...]:
        """A name for each tensor in the arguments."""
        return tuple(slot.name for slot in arguments.slots)

    def run(self, arguments: Structure, tensors: Sequence[Any]) -> Any:
        """The result for these tensors, without gradients, in eval mode."""
        import torch

        with torch.no_grad(), self.evaluating():
            return self.call(arguments, tensors)

    @abstractmethod
    def flat(self, arguments: Structure, results: Structure) -> Any:
        """A module with tensors alone for arguments and results."""

    @abstractmethod
    def strategies(self, arguments: Structure, tensors: Sequence[Any]) -> Sequence[capture.Strategy]:
        """The ways of capturing it, the best one first."""

    @contextlib.contextmanager
    def evaluating(self) -> Iterator[None]:
        """Put it in eval mode for a while."""
        modes = [(one, one.training) for one in self.module.modules()]
        self.module.eval()
        try:
            yield
        finally:
            for one, was in modes:
                one.training = was

    def call(self, arguments: Structure, tensors: Sequence[Any]) -> Any:
        """The result for these tensors."""
        return self.module(**structure.rebuild(arguments.template, tensors))


class Script(Original):
    """A module of TorchScript."""

    def __init__(self, module: Any, name: str) -> None:
        super().__init__(module, name)
        if not hasattr(module, "forward") or not hasattr(module, "graph"):
            raise CaptureError(
                f"{name} has no forward of its own (nn.LSTM and nn.GRU alone have several); wrap it in a module"
            )
        self._arguments = module.forward.schema.arguments[1:]
        if foreign := [one.name for one in self._arguments if not one.name.isidentifier()]:
            raise CaptureError(f"{name} has an argument whose name is none of Python's: {foreign[0]!r}")

    def arguments(self, examples: Any, count: int | None) -> Structure:
        """From examples, or from the types of TorchScript, which tell tuples and optional ones."""
        if examples is not None:
            return Structure.of(self._bound(examples))
        wanted = ", ".join(one.name for one in self._arguments)
        if count is None:
            raise ShapeError(
                f"{self.name}: TorchScript does not say the shapes of its inputs; give input_shapes (--shape in the command "
                f"line), one each for {wanted}"
            )
        for with_optional in (False, True):
            template, slots = self._template(with_optional)
            if len(slots) == count:
                return Structure(template, slots, ())
        wanted = ", ".join(slot.name for slot in slots)
        raise ShapeError(f"{self.name} has {_count(len(slots), 'input')} ({wanted}), {_count(count, 'shape')} given")

    def flat(self, arguments: Structure, results: Structure) -> Any:
        """Itself, or a module with a method in TorchScript that calls it."""
        if self._is_plain(arguments) and results.is_flat:
            return self.module
        import torch

        names = [f"t{slot.at}" for slot in arguments.slots]
        given = ", ".join(f"{name}={structure.source(one, names)}" for name, one in arguments.template.items())
        outputs = ", ".join(structure.accesses(results.template, "r"))
        flat = torch.jit.script(_holding(self.module))
        try:
            flat.define(f"def forward(self, {', '.join(names)}):\n    r = self.module({given})\n    return {outputs}\n")
        except RuntimeError as error:
            raise CaptureError(
                f"{self.name}: its arguments or results have types that TorchScript does not take apart: "
                f"{files.first_line(error)}"
            ) from error
        return flat

    def strategies(self, arguments: Structure, tensors: Sequence[Any]) -> Sequence[capture.Strategy]:
        """PyTorch's exporter of TorchScript; what that cannot, by running it."""
        return capture.TorchScriptExport(), capture.Interpreted(), capture.Retraced()

    def input_names(self, arguments: Structure) -> tuple[str, ...]:
        """TorchScript's own, where each argument is a tensor."""
        if not self._is_plain(arguments):
            return super().input_names(arguments)
        # As ROOT's parser named them, with TorchScript's number: x.1
        return tuple(value.debugName() for value in list(self.module.graph.inputs())[1:])

    def _is_plain(self, arguments: Structure) -> bool:
        """Whether all arguments are there, each a tensor."""
        return [one.name for one in self._arguments] == list(arguments.template) and all(
            isinstance(one, Slot) for one in arguments.template.values()
        )

    def _bound(self, examples: Any) -> dict[str, Any]:
        names = [one.name for one in self._arguments]
        if isinstance(examples, Mapping):
            bound = dict(examples)
        else:
            values = examples if isinstance(examples, tuple) else (examples,)
            bound = dict(zip(names, values, strict=False))
            if len(values) > len(names):
                raise ShapeError(
                    f"{self.name} takes {_count(len(names), 'argument')}, {len(values)} examples were given"
                )
        left = [one.name for one in self._arguments if one.name not in bound and not one.has_default_value()]
        if left or not set(bound) <= set(names):
            raise ShapeError(f"{self.name} takes {', '.join(names)}; example_inputs give {', '.join(bound) or 'none'}")
        return {name: bound[name] for name in names if name in bound}

    def _template(self, with_optional: bool) -> tuple[dict[str, Any], tuple[Slot, ...]]:
        """The arguments as their types tell, tensors that may be absent included or not."""
        slots: list[Slot] = []
        template: dict[str, Any] = {}
        others: list[str] = []
        for argument in self._arguments:
            try:
                template[argument.name] = _of_type(argument.type, (argument.name,), slots, with_optional)
            except CaptureError:
                if not argument.has_default_value():
                    others.append(f"'{argument.name}' is {argument.type}")
        if others:
            raise CaptureError(
                f"{self.name}: only tensors, and tuples of them, can be inputs without example_inputs, but {', '.join(others)}"
            )
        return template, tuple(slots)


class Live(Original):
    """A module in memory."""

    def arguments(self, examples: Any, count: int | None) -> Structure:
        """From examples, or one tensor for each argument of ``forward``."""
        signature = inspect.signature(self.module.forward)
        if examples is not None:
            try:
                bound = (
                    signature.bind(**examples) if isinstance(examples, Mapping) else signature.bind(*_tuple(examples))
                )
            except TypeError as error:
                hint = "; a dict gives arguments by name, put one that is an argument into a tuple"
                raise ShapeError(
                    f"{self.name}: example_inputs do not fit forward: {error}{hint * isinstance(examples, Mapping)}"
                ) from error
            return Structure.of(dict(bound.arguments))
        if count is None:
            raise ShapeError(
                f"{self.name}: a module does not say the shapes of its inputs; give input_shapes, or example_inputs"
            )
        try:
            bound = signature.bind(*range(count))
        except TypeError as error:
            raise ShapeError(f"{self.name}: {_count(count, 'shape')} given, but forward takes {signature}") from error
        slots = [Slot(at, path) for at, path in enumerate(_paths(bound.arguments))]
        left = iter(slots)
        template = {
            name: tuple(next(left) for _ in value) if isinstance(value, tuple) else next(left)
            for name, value in bound.arguments.items()
        }
        return Structure(template, tuple(slots), ())

    def call(self, arguments: Structure, tensors: Sequence[Any]) -> Any:
        """Call ``forward`` as its signature asks for."""
        bound = self._bound(structure.rebuild(arguments.template, tensors))
        return self.module(*bound.args, **bound.kwargs)

    def _bound(self, arguments: Any) -> inspect.BoundArguments:
        return inspect.BoundArguments(inspect.signature(self.module.forward), arguments)

    def flat(self, arguments: Structure, results: Structure) -> Any:
        """Itself, or a module that calls it."""
        if self._bound(arguments.template).args == arguments.slots and results.is_flat:
            return self.module

        def forward(*tensors: Any) -> Any:
            found = Structure.of(self.call(arguments, tensors)).tensors
            return found if len(found) > 1 else found[0]

        flat = _holding(self.module)
        flat.forward = forward
        return flat

    def strategies(self, arguments: Structure, tensors: Sequence[Any]) -> Sequence[capture.Strategy]:
        """torch.export, but where it unrolls a recurrent net or does not ask a function for its `symbolic`."""
        import torch

        whole = any(isinstance(one, torch.nn.RNNBase) for one in self.module.modules())
        first = (
            (capture.Traced(strict=True),)
            if whole or functions.one_says_symbolic(lambda: self.run(arguments, tensors))
            else ()
        )
        return *first, capture.ProgramExport(), capture.Scripted(), capture.Traced()


class Program(Original):
    """What torch.export made: it knows its inputs, and which of their dims take any size. It is in eval mode, or not."""

    @contextlib.contextmanager
    def evaluating(self) -> Iterator[None]:
        """Leave it alone."""
        yield

    def arguments(self, examples: Any, count: int | None) -> Structure:
        """As the program was exported."""
        if examples is not None:
            raise ShapeError(f"{self.name}: a program of torch.export knows its inputs; it takes no example_inputs")
        if self.module.example_inputs is None:
            raise CaptureError(f"{self.name} was saved without its example inputs, which tell how it is called")
        arguments, keywords = self.module.example_inputs
        return Structure.of({"arguments": tuple(arguments), "keywords": dict(keywords)})

    def input_names(self, arguments: Structure) -> tuple[str, ...]:
        """Those of the program's graph."""
        return tuple(one.name for one in self._placeholders())

    def inputs(self, arguments: Structure, request: Request) -> tuple[TensorInfo, ...]:
        """Those of the program, with the shapes asked for, which must agree."""
        names: dict[str, str] = {}
        own = tuple(
            TensorInfo(one.name, dtype_of(one.meta["val"].dtype), self._shape(one.meta["val"].shape, names))
            for one in self._placeholders()
        )
        if len(own) != len(arguments.slots):
            raise CaptureError(f"{self.name} takes {len(own)} tensors, its example inputs are {len(arguments.slots)}")
        self._tell_limits(names)
        return reader.inputs_for(own, self.name, request)

    def call(self, arguments: Structure, tensors: Sequence[Any]) -> Any:
        """Call the module that it unlifts to."""
        call = structure.rebuild(arguments.template, tensors)
        return self.module.module()(*call["arguments"], **call["keywords"])

    def flat(self, arguments: Structure, results: Structure) -> Any:
        """Itself: torch.onnx.export flattens it."""
        return self.module

    def strategies(self, arguments: Structure, tensors: Sequence[Any]) -> Sequence[capture.Strategy]:
        """It was captured before."""
        return (capture.ProgramExport(),)

    @property
    def device(self) -> Any:
        """Where its weights are."""
        import torch

        return next(iter(self.module.state_dict.values()), torch.empty(0)).device

    def _tell_limits(self, names: Mapping[str, str]) -> None:
        """What a program was exported for holds for its translation, which does not check it."""
        for symbol, limits in self.module.range_constraints.items():
            lower, upper = str(limits.lower), str(limits.upper)
            if str(symbol) in names and (lower not in ("0", "1", "2") or not upper.endswith("oo")):
                told = f"{self.name} was exported for {names[str(symbol)]} from {lower} to {upper}"
                warnings.warn(told, CaptureWarning, stacklevel=2)

    def _placeholders(self) -> list[Any]:
        wanted = set(filter(lambda one: isinstance(one, str), self.module.graph_signature.user_inputs))
        return [
            node
            for node in self.module.graph.nodes
            if node.op == "placeholder" and node.name in wanted and hasattr(node.meta.get("val"), "shape")
        ]

    def _shape(self, shape: Sequence[Any], names: dict[str, str]) -> tuple[Dim, ...]:
        """A file forgets the names of dims; those that take any size are dim0, dim1."""
        for dim in shape:
            if isinstance(dim, int):
                continue
            symbol = str(dim)
            if not symbol.isidentifier():
                raise CaptureError(f"{self.name}: the size {symbol} of an input is no single symbol")
            names.setdefault(symbol, f"dim{len(names)}")
        return tuple(dim if isinstance(dim, int) else names[str(dim)] for dim in shape)


def _holding(module: Any) -> Any:
    """A module with nothing but this one in it, of a class of its own: TorchScript knows a class's methods for good."""
    import torch

    holder = type("Flat", (torch.nn.Module,), {})()
    holder.add_module(INNER, module)
    return holder.train(module.training)


def _of_type(kind: Any, path: tuple[str | int, ...], slots: list[Slot], with_optional: bool) -> Any:
    """The template of a TorchScript type."""
    match kind.kind():
        case "TensorType":
            slots.append(Slot(len(slots), path))
            return slots[-1]
        case "TupleType" if kind.annotation_str.startswith("Tuple["):
            return tuple(_of_type(one, (*path, at), slots, with_optional) for at, one in enumerate(kind.elements()))
        case "OptionalType":
            return _of_type(kind.getElementType(), path, slots, with_optional) if with_optional else None
    raise CaptureError(f"{kind} is no tensor")


def _fits(shape: Sequence[Dim], own: Sequence[int]) -> bool:
    return len(shape) == len(own) and all(
        isinstance(dim, str) or dim == size for dim, size in zip(shape, own, strict=True)
    )


def _paths(arguments: Mapping[str, Any]) -> Iterator[tuple[str | int, ...]]:
    for name, value in arguments.items():
        if isinstance(value, tuple):
            yield from ((name, at) for at in range(len(value)))
        else:
            yield (name,)


def _tuple(value: Any) -> tuple[Any, ...]:
    return value if type(value) is tuple else (value,)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
