"""The one module that knows torch-tensorrt: it turns a graph into a plan, and a plan into a call.

Unknown options are ignored by torch-tensorrt without a word, a wish for half precision among them:
so a graph computes in float16 because its layers are float16, and what the plan has for bindings is
read back from it.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from importlib import import_module
from typing import Any, Final

import torch
from torch import Tensor

from coach_server.errors import EngineError
from coach_server.inference.tensorrt.compiler import PlanCall
from coach_server.inference.tensorrt.plan import Binding
from coach_server.inference.torch_graphs.graphs import EngineGraph

OPTIONS: Final = {
    "require_full_compilation": True,  # without it, what it cannot convert runs in torch, silently
    "min_block_size": 1,
    "disable_tf32": True,  # its 10 bits would move keypoints by whole pixels of a large box
    "immutable_weights": True,
}
"""For the compiler; all are fields of its settings, which a test checks."""
_HINT: Final = "run `engines check`, and report what it says"


class TorchTensorrt:
    """torch-tensorrt on the GPU at hand, as a `Compiler`."""

    @property
    def options(self) -> Mapping[str, bool | int]:
        """As `OPTIONS`."""
        return OPTIONS

    def compile(self, graph: EngineGraph) -> bytes:
        """As `Compiler.compile`."""
        try:
            return compile_plan(graph)
        except Exception as error:  # the compiler's errors share no base
            raise EngineError(
                f"TensorRT builds no plan of {graph.name}: {error}", hint=_HINT
            ) from (error)

    def bindings(self, plan: bytes) -> tuple[Binding, ...]:
        """As `Compiler.bindings`."""
        return bindings_of(plan)

    def load(self, plan: bytes, inputs: Sequence[str], outputs: Sequence[str]) -> PlanCall:
        """As `Compiler.load`."""
        try:
            return load_plan(plan, inputs, outputs)
        except Exception as error:  # the runtime's errors share no base
            raise EngineError(f"TensorRT cannot load a plan: {error}", hint=_HINT) from error


def compile_plan(graph: EngineGraph, device: str = "cuda") -> bytes:
    """One TensorRT engine of a whole graph, serialised, for the GPU at hand.

    Args:
        graph: what to compile; left as it is.
        device: where it is traced; the compiler wants it where it will run.

    Raises:
        Exception: whatever the compiler raises where it cannot convert the graph.
    """
    from torch_tensorrt import dynamo

    program, inputs = exported(graph, device)
    return bytes(
        dynamo.convert_exported_program_to_serialized_trt_engine(
            program,
            arg_inputs=inputs,
            arg_input_binding_names=tuple(graph.inputs),
            output_binding_names=graph.outputs,
            **OPTIONS,
        )
    )


def exported(graph: EngineGraph, device: str) -> tuple[Any, tuple[Tensor, ...]]:
    """The traced program of a graph, and the example inputs that it was traced with."""
    inputs = tuple(tensor.to(device) for tensor in graph.inputs.values())
    module = graph.module if device == "cpu" else deepcopy(graph.module).to(device)
    return torch.export.export(module, inputs, strict=False), inputs


def load_plan(plan: bytes, inputs: Sequence[str], outputs: Sequence[str]) -> PlanCall:
    """As `Compiler.load`.

    Raises:
        Exception: whatever the runtime raises where it cannot load the plan.
    """
    from torch_tensorrt.dynamo.runtime import TorchTensorRTModule

    module = TorchTensorRTModule(
        serialized_engine=plan,
        input_binding_names=list(inputs),
        output_binding_names=list(outputs),
        name="engine",
    )
    module.setup_engine()

    def call(*tensors: Tensor) -> tuple[Tensor, ...]:
        answer = module(*tensors)
        return answer if isinstance(answer, tuple) else (answer,)

    return call


def bindings_of(plan: bytes) -> tuple[Binding, ...]:
    """What TensorRT itself says goes in and out of a plan.

    Raises:
        EngineError: TensorRT cannot read the plan.
    """
    import_module("torch_tensorrt")  # in the build for RTX it is what gives `tensorrt` its name
    trt = import_module("tensorrt")
    engine = trt.Runtime(trt.Logger(trt.Logger.ERROR)).deserialize_cuda_engine(plan)
    if engine is None:
        raise EngineError("TensorRT cannot read the plan that it has just built", hint=_HINT)
    names = [engine.get_tensor_name(index) for index in range(engine.num_io_tensors)]
    known = {trt.DataType.FLOAT: "float32", trt.DataType.HALF: "float16"}
    return tuple(
        Binding(
            name=name,
            shape=tuple(engine.get_tensor_shape(name)),
            dtype=known.get(engine.get_tensor_dtype(name), "another"),
            is_input=engine.get_tensor_mode(name) == trt.TensorIOMode.INPUT,
        )
        for name in names
    )
