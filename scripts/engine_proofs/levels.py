"""The three levels; each gives what it found or raises `Unproven` with the reason.

Only for a process of its own: `fake_device` has been called, and level 2 replaces the last step of
the compiler, which would load the plan onto a GPU.
"""

import logging
import operator
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import tensorrt_rtx as trt
import torch
from torch_tensorrt import dynamo
from torch_tensorrt.dynamo.conversion._TRTInterpreter import TRTInterpreter

from coach_server.inference.tensorrt.compiling import OPTIONS, compile_plan, exported
from coach_server.inference.torch_graphs.graphs import EngineGraph

ONE_ENGINE: Final = ["_run_on_acc_0"]
"""What a graph consists of that is one engine and nothing else."""
_OPSET: Final = 20
Tensorrt: TypeAlias = Any
"""An object of TensorRT's, which has no types."""
Binding: TypeAlias = tuple[str, tuple[int, ...], Any]
"""Name, shape and TensorRT's data type."""
_MATRIX: Final = 2
_PASSING: Final = ("SHUFFLE", "CAST", "IDENTITY")
"""Layers through which weights reach the product that they are for."""
_CONVOLUTIONS: Final = ("CONVOLUTION", "DECONVOLUTION")


class Unproven(Exception):  # noqa: N818  # what it says is no error of the program
    """A graph that did not pass a level; says why."""


@dataclass(frozen=True, slots=True)
class Built:
    """A plan.

    Attributes:
        megabytes: its size.
        seconds: what building took.
        layers: of the network that it was built from.
        heavy: layers with weights: convolutions, and products with a constant.
        halves: those of them that compute in float16.
    """

    megabytes: float
    seconds: float
    layers: int
    heavy: int
    halves: int


def one_engine(graph: EngineGraph) -> int:
    """Level 1: how many operations the one engine takes, which are all there are.

    Raises:
        Unproven: some of it would run in torch, or it cannot be taken at all.
    """
    program, inputs = exported(graph, "cpu")
    try:
        compiled = dynamo.compile(program, arg_inputs=inputs, dryrun=True, **OPTIONS)
    except Exception as error:  # the compiler's errors share no base
        raise Unproven(_line(error)) from error
    parts = [name for name, _ in compiled.named_children()]
    if parts != ONE_ENGINE:
        raise Unproven(f"it falls into {len(parts)} parts: {', '.join(parts) or 'none'}")
    left = _operations(compiled)
    if left:
        raise Unproven(f"{left} operations beside the engine are left to torch")
    return _operations(compiled.get_submodule(ONE_ENGINE[0]))


def plan_of(graph: EngineGraph, target: str) -> Built:
    """Level 2: a plan through torch-tensorrt's own converters, for the very call of production.

    Raises:
        Unproven: it cannot be built, or its bindings or precision are not what they should be.
    """
    with _no_loading(target) as caught:
        try:
            compile_plan(graph, "cpu")
        except _BuiltPlan as built:
            caught.append(built)
        except Exception as error:  # the compiler's errors share no base
            raise Unproven(_line(error)) from error
    (plan,) = caught
    _check_bindings(graph, plan.inputs, plan.outputs)
    return plan.built


def plan_of_onnx(graph: EngineGraph, model: bytes, target: str) -> Built:
    """Level 3: a plan from ONNX by TensorRT's own parser.

    Args:
        graph: whose bindings the model has, in whatever order.
        model: the ONNX model; where its batch is free, it is that of `graph`.
        target: compute capability.

    Raises:
        Unproven: the parser lacks something, no plan can be built, or its bindings are others.
    """
    logger = trt.Logger(trt.Logger.ERROR)
    builder = trt.Builder(logger)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(model):
        raise Unproven(_parsing_error(parser))
    config = builder.create_builder_config()
    profile = builder.create_optimization_profile()
    for name, example in graph.inputs.items():
        profile.set_shape(name, *[tuple(example.shape)] * 3)
    config.add_optimization_profile(profile)
    inputs, outputs = _bindings(network)
    if sorted(name for name, *_ in outputs) != sorted(graph.outputs):
        raise Unproven(f"its outputs are {outputs}, not {graph.outputs}")
    _check_types([*inputs, *outputs])
    return _built(builder, network, config, target)


def onnx_of(graph: EngineGraph) -> bytes:
    """A graph in ONNX, as torch writes it.

    Raises:
        Unproven: it cannot be written.
    """
    try:
        program = torch.onnx.export(
            graph.module,
            tuple(graph.inputs.values()),
            dynamo=True,
            input_names=list(graph.inputs),
            output_names=list(graph.outputs),
            opset_version=_OPSET,
            optimize=False,
            verbose=False,
        )
    except Exception as error:  # the exporter's errors share no base
        raise Unproven(_line(error)) from error
    if program is None:
        raise Unproven("torch wrote no ONNX model")
    return bytes(program.model_proto.SerializeToString())


class _BuiltPlan(BaseException):
    """Carries a plan out of the compiler; no Exception, for the compiler catches those."""

    def __init__(self, built: Built, inputs: list[Binding], outputs: list[Binding]) -> None:
        super().__init__()
        self.built = built
        self.inputs = inputs
        self.outputs = outputs


@contextmanager
def _no_loading(target: str) -> Iterator[list[_BuiltPlan]]:
    """Have the compiler stop once the plan is built, before it would be loaded onto a GPU."""

    def run(self: Tensorrt, *asked: object) -> None:
        self._construct_trt_network_def()
        config = self._populate_trt_builder_config(*asked)
        network = self.ctx.net
        built = _built(self.builder, network, config, target)
        raise _BuiltPlan(built, *_bindings(network))

    original = TRTInterpreter.run
    TRTInterpreter.run = run
    try:
        yield []
    finally:
        TRTInterpreter.run = original


def _built(builder: Tensorrt, network: Tensorrt, config: Tensorrt, target: str) -> Built:
    config.num_compute_capabilities = 1
    config.set_compute_capability(getattr(trt.ComputeCapability, target), 0)
    heavy = _with_weights(network)
    halves = sum(layer.get_output(0).dtype == trt.DataType.HALF for layer in heavy)
    began = time.perf_counter()
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise Unproven("TensorRT builds no plan of it")
    seconds = time.perf_counter() - began
    return Built(memoryview(plan).nbytes / 1e6, seconds, network.num_layers, len(heavy), halves)


def _bindings(network: Tensorrt) -> tuple[list[Binding], list[Binding]]:
    """Inputs and outputs."""
    return (
        [_binding(network.get_input(n)) for n in range(network.num_inputs)],
        [_binding(network.get_output(n)) for n in range(network.num_outputs)],
    )


def _binding(tensor: Tensorrt) -> Binding:
    return tensor.name, tuple(tensor.shape), tensor.dtype


def _check_bindings(graph: EngineGraph, inputs: list[Binding], outputs: list[Binding]) -> None:
    wanted = [(name, tuple(tensor.shape)) for name, tensor in graph.inputs.items()]
    if [binding[:2] for binding in inputs] != wanted:
        raise Unproven(f"its inputs are {inputs}, not {wanted}")
    if len(outputs) != len(graph.outputs):
        raise Unproven(f"it has {len(outputs)} outputs, not {len(graph.outputs)}")
    _check_types([*inputs, *outputs])


def _check_types(bindings: list[Binding]) -> None:
    for name, shape, dtype in bindings:
        if dtype != trt.DataType.FLOAT:
            raise Unproven(f"the binding {name} {shape} is {dtype}, not float32")


def check_precision(built: Built, *, half: bool) -> None:
    """See that a plan computes in the precision that is asked for.

    Raises:
        Unproven: it does not.
    """
    if built.halves != (built.heavy if half else 0) or not built.heavy:
        raise Unproven(f"{built.halves} of {built.heavy} heavy layers compute in float16")


def _operations(module: torch.fx.GraphModule) -> int:
    return sum(
        node.op == "call_function" and node.target is not operator.getitem
        for node in module.graph.nodes
    )


def _with_weights(network: Tensorrt) -> list[Tensorrt]:
    """Convolutions, and products with a constant matrix; other products are geometry."""
    layers = [network.get_layer(n) for n in range(network.num_layers)]
    made_by = {
        layer.get_output(n).name: layer for layer in layers for n in range(layer.num_outputs)
    }

    def is_weights(tensor: Tensorrt) -> bool:
        maker = made_by.get(tensor.name) if len(tensor.shape) == _MATRIX else None
        while maker is not None and maker.type.name in _PASSING:
            maker = made_by.get(maker.get_input(0).name)
        return maker is not None and maker.type.name == "CONSTANT"

    return [
        layer
        for layer in layers
        if layer.type.name in _CONVOLUTIONS
        or (
            layer.type.name == "MATRIX_MULTIPLY"
            and any(is_weights(layer.get_input(n)) for n in range(layer.num_inputs))
        )
    ]


def _parsing_error(parser: Tensorrt) -> str:
    if not parser.num_errors:
        return "TensorRT does not parse it"
    error = parser.get_error(0)
    return _short(f"TensorRT does not parse {error.node_operator()}: {error.code()} {error.desc()}")


def _line(error: Exception) -> str:
    return _short(f"{type(error).__name__}: {error}")


def _short(text: str) -> str:
    return " ".join(text.split())[:300]


def quiet() -> None:
    """Keep the compilers' notes to themselves; errors come as exceptions."""
    for name in ("torch_tensorrt", "torch", "torch.onnx", "onnxscript"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
