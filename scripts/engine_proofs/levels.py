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
        heavy: its convolutions; of a network without any, its matrix products.
        halves: those of them that compute in float16.
    """

    megabytes: float
    seconds: float
    layers: int
    heavy: int
    halves: int


def one_engine(graph: EngineGraph) -> tuple[int, int]:
    """Level 1: operations that the one engine takes, and those of the whole graph.

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
    taken = _operations(compiled.get_submodule(ONE_ENGINE[0]))
    return taken, taken + _operations(compiled)


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


def plan_of_onnx(model: bytes, target: str) -> Built:
    """Level 3: a plan from ONNX by TensorRT's own parser.

    Raises:
        Unproven: the parser lacks something, or no plan can be built.
    """
    logger = trt.Logger(trt.Logger.ERROR)
    builder = trt.Builder(logger)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(model):
        raise Unproven(_short(parser.get_error(0).desc() if parser.num_errors else "not parsed"))
    return _built(builder, network, builder.create_builder_config(), target)


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

    def __init__(self, built: Built, inputs: list[Any], outputs: list[Any]) -> None:
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
        raise _BuiltPlan(
            built,
            [_binding(network.get_input(n)) for n in range(network.num_inputs)],
            [_binding(network.get_output(n)) for n in range(network.num_outputs)],
        )

    original = TRTInterpreter.run
    TRTInterpreter.run = run
    try:
        yield []
    finally:
        TRTInterpreter.run = original


def _built(builder: Tensorrt, network: Tensorrt, config: Tensorrt, target: str) -> Built:
    config.num_compute_capabilities = 1
    config.set_compute_capability(getattr(trt.ComputeCapability, target), 0)
    # Products beside convolutions are geometry, which stays in float32 on purpose.
    heavy = _layers(network, *_CONVOLUTIONS) or _layers(network, "MATRIX_MULTIPLY")
    halves = sum(layer.get_output(0).dtype == trt.DataType.HALF for layer in heavy)
    began = time.perf_counter()
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise Unproven("TensorRT builds no plan of it")
    seconds = time.perf_counter() - began
    return Built(memoryview(plan).nbytes / 1e6, seconds, network.num_layers, len(heavy), halves)


def _binding(tensor: Tensorrt) -> tuple[str, tuple[int, ...], Any]:
    return tensor.name, tuple(tensor.shape), tensor.dtype


def _check_bindings(graph: EngineGraph, inputs: list[Any], outputs: list[Any]) -> None:
    wanted = [(name, tuple(tensor.shape)) for name, tensor in graph.inputs.items()]
    if [binding[:2] for binding in inputs] != wanted:
        raise Unproven(f"its inputs are {inputs}, not {wanted}")
    if len(outputs) != len(graph.outputs):
        raise Unproven(f"it has {len(outputs)} outputs, not {len(graph.outputs)}")
    for name, shape, dtype in [*inputs, *outputs]:
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


def _layers(network: Tensorrt, *kinds: str) -> list[Any]:
    layers = (network.get_layer(n) for n in range(network.num_layers))
    return [layer for layer in layers if layer.type.name in kinds]


def _line(error: Exception) -> str:
    return _short(f"{type(error).__name__}: {error}")


def _short(text: str) -> str:
    return " ".join(text.split())[:300]


def quiet() -> None:
    """Keep the compilers' notes to themselves; errors come as exceptions."""
    for name in ("torch_tensorrt", "torch", "torch.onnx", "onnxscript"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
