"""The one module that knows onnxruntime: which device really runs a model, and runs it.

Official builds report to their maker what models are loaded, and by whom, unless told otherwise
before they are imported. Nothing leaves this machine: they are told so here.

`get_available_providers()` lists CUDA on machines without a GPU, and a session asked for CUDA falls
back to the CPU without a word: only what a session itself says of its providers is believed.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from typing import Any, Final, TypeAlias

import numpy as np
import structlog
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray
from coach_server.errors import EngineError
from coach_server.inference.runtime import Runs, Shapes
from coach_server.settings import Device

log = structlog.get_logger(__name__)

Runtime: TypeAlias = Any
Session: TypeAlias = Any
"""onnxruntime has no types: its module and its InferenceSession."""

CPU: Final = "CPUExecutionProvider"
CUDA: Final = "CUDAExecutionProvider"
_CUDA_OPTIONS: Final = {
    "use_tf32": "0",  # its 10 bits would give other keypoints than the CPU
    "cudnn_conv_algo_search": "HEURISTIC",  # an exhaustive one takes a minute at the first frame
}
_MOST_SAID: Final = 300
"""Letters of what onnxruntime says: it goes on for paragraphs."""
_ERRORS_ONLY: Final = 3
_FATAL_ONLY: Final = 4


@dataclass(frozen=True, slots=True)
class Model:
    """A loaded model that many may run at once, each through a `Runner` of its own.

    Attributes:
        session: onnxruntime's InferenceSession.
        provider: the execution provider that it really has.
    """

    session: Session
    provider: str

    @property
    def device(self) -> str:
        """`cuda` or `cpu`."""
        return "cuda" if self.provider == CUDA else "cpu"

    def runner(self, inputs: Shapes, outputs: Shapes) -> Runs:
        """As `LoadedModel.runner`."""
        return Runner(self, inputs, outputs)


def load_model(content: bytes, name: str, device: Device) -> Model:
    """Load the ONNX model `content` with one intra-op thread.

    Raises:
        EngineError: onnxruntime is missing or installed twice, the model is broken, or `device` is
            `cuda` and no GPU can run it.
    """
    runtime = _runtime()
    cuda_listed = CUDA in runtime.get_available_providers()
    if device == "cuda" and not cuda_listed:
        raise EngineError(
            "the device cuda is asked for, but the installed onnxruntime is the CPU build",
            hint="install the gpu extra instead of cpu, or choose the device auto or cpu",
        )
    if device != "cpu" and cuda_listed:
        try:
            return _on_cuda(runtime, content, name)
        except EngineError as error:
            if device == "cuda":
                raise
            log.warning("no GPU can be used, so the CPU is", model=name, reason=error.message)
    return Model(_session(runtime, content, name, [CPU]), CPU)


def _on_cuda(runtime: Runtime, content: bytes, name: str) -> Model:
    """The model on the GPU, all of it.

    Raises:
        EngineError: there is no GPU, or it cannot run all of the model.
    """
    cause: EngineError | None = None
    said = ""
    try:
        session = _session(runtime, content, name, [(CUDA, _CUDA_OPTIONS)])
        if session.get_providers()[:1] == [CUDA]:
            return Model(session, CUDA)
    except EngineError as error:
        cause, said = error, f": {error.message.splitlines()[0][:_MOST_SAID]}"
    raise EngineError(
        f"onnxruntime found no GPU that it can use for {name}{said}",
        hint="check the driver with `nvidia-smi` and CUDA and cuDNN against "
        "onnxruntime-gpu's version, or choose the device auto or cpu",
    ) from cause


def _runtime() -> Runtime:
    """The onnxruntime module, where exactly one build of it is installed."""
    installed = [n for n in ("onnxruntime", "onnxruntime-gpu") if _is_installed(n)]
    if len(installed) > 1:
        raise EngineError(
            "onnxruntime and onnxruntime-gpu are both installed and break each other",
            hint="uninstall both, then install one of the extras cpu and gpu",
        )
    if find_spec("onnxruntime") is None:
        raise EngineError(
            "onnxruntime, which runs the models, is not installed",
            hint="install one of the extras: pip install 'coach-server[cpu]', or [gpu]",
        )
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    return onnxruntime


def _is_installed(distribution: str) -> bool:
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def _session(
    runtime: Runtime, content: bytes, name: str, providers: Sequence[str | tuple[str, object]]
) -> Session:
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1  # two gave no gain under load; students run side by side
    options.inter_op_num_threads = 1
    on_gpu = CPU not in providers
    # A failing CUDA provider writes paragraphs to stderr.
    options.log_severity_level = _FATAL_ONLY if on_gpu else _ERRORS_ONLY
    if on_gpu:  # else what the GPU cannot take is run on the CPU, and every frame copied twice
        options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    try:
        return runtime.InferenceSession(content, options, providers=list(providers))
    except Exception as error:  # onnxruntime's exceptions share no other base
        raise EngineError(
            f"onnxruntime cannot load the model {name}: {error}",
            hint="run `engines pull` again, or update onnxruntime",
        ) from error


class Runner:
    """Runs a model on buffers of its own; not for two threads at once.

    Args:
        model: the loaded model.
        inputs: shape of each input, batch included.
        outputs: shape of each output, batch included.

    Attributes:
        inputs: by name, contiguous float32 arrays to be filled before `run`.
        outputs: by name, float32 arrays that hold the answer until the next `run`.
    """

    def __init__(
        self,
        model: Model,
        inputs: Shapes,
        outputs: Shapes,
    ) -> None:
        self.inputs = {name: np.zeros(shape, np.float32) for name, shape in inputs.items()}
        self.outputs = {name: np.zeros(shape, np.float32) for name, shape in outputs.items()}
        self._session = model.session
        self._binding = model.session.io_binding()
        # On a GPU binding an input is what copies it there, so that it is bound for every run.
        self._bind_each_run = model.provider != CPU
        self._bind_inputs()
        for name, array in self.outputs.items():
            _bind(self._binding.bind_output, name, array)

    def run(self) -> None:
        """From `inputs` to `outputs`, without allocating either."""
        if self._bind_each_run:
            self._bind_inputs()
        self._session.run_with_iobinding(self._binding)

    def _bind_inputs(self) -> None:
        for name, array in self.inputs.items():
            _bind(self._binding.bind_input, name, array)


def _bind(bind: Callable[..., None], name: str, array: FloatArray) -> None:
    bind(
        name=name,
        device_type="cpu",
        device_id=0,
        element_type=np.float32,
        shape=array.shape,
        buffer_ptr=_address(array),
    )


def _address(array: NDArray[Any]) -> int:
    return int(array.ctypes.data)
