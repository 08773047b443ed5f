"""The one module that knows torch-tensorrt: it turns a graph into a plan, and a plan into a call.

Unknown options are ignored by torch-tensorrt without a word, a wish for half precision among them:
so a graph computes in float16 because its layers are float16, and what the plan has for bindings is
read back from it.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import torch
from torch import Tensor

from coach_server.inference.torch_graphs.graphs import EngineGraph

PlanCall: TypeAlias = Callable[..., tuple[Tensor, ...]]
"""Takes the inputs in order, on the device; gives the outputs in order."""

OPTIONS: Final = {
    "require_full_compilation": True,  # else what cannot be converted runs in torch, silently
    "min_block_size": 1,
    "disable_tf32": True,  # its 10 bits would move keypoints by whole pixels of a large box
    "immutable_weights": True,
}
"""For the compiler; all are fields of its settings, which a test checks."""


def compile_plan(graph: EngineGraph, device: str = "cuda") -> bytes:
    """One TensorRT engine of a whole graph, serialised, for the GPU at hand.

    Args:
        graph: what to compile.
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
    return torch.export.export(graph.module.to(device), inputs, strict=False), inputs


def load_plan(plan: bytes, inputs: Sequence[str], outputs: Sequence[str]) -> PlanCall:
    """A plan made ready to run on the GPU at hand.

    Args:
        plan: as `compile_plan` gave it, on this very kind of GPU.
        inputs: names of its bindings, in the order in which it is called with them.
        outputs: names of its bindings, in the order in which it gives them.
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
