"""What a lifter costs: a stream against its window computed anew, and many students at once."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.body.skeleton import JOINTS
from coach_server.inference.lifters import LoadedLifter
from coach_server.inference.onnx_runtime import Model, Runner, load_model
from coach_server.inference.recipe import NetworkTable
from coach_server.inference.videopose.encoding import encode
from coach_server.inference.videopose.streams import Streams
from scripts.lifter_scores.window_model import network_of, window_model

CALLS: Final = 300
ROUNDS: Final = 5
STUDENTS: Final = 32


def exactness(
    model: Model, network: NetworkTable, content: bytes, said: list[Keypoints]
) -> dict[str, Any]:
    """Largest difference of joints, metres, between the stream and the windows of frames."""
    features = _features(network, said)
    window = _window(content, network, dense=True)
    streams, slot = Streams(model, network.architecture), np.zeros(1, np.intp)
    field, worst = network.architecture.receptive_field, 0.0
    for i in range(len(features)):
        frame = features[i : i + 1]
        joints, _ = streams.step(slot, frame) if i else streams.begin(slot, frame)
        rows = np.maximum(np.arange(i - field + 1, i + 1), 0)
        window.inputs["frames"][0] = features[rows].T
        window.run()
        other = window.outputs["joints"].reshape(JOINTS, 3)
        worst = max(worst, float(np.abs(other - joints[0]).max()))
    return {"frames": len(features), "largest_difference_m": worst}


def cost(
    lifter: LoadedLifter,
    model: Model,
    network: NetworkTable,
    content: bytes,
    said: list[Keypoints],
) -> dict[str, Any]:
    """Milliseconds a frame of one thread; what is compared takes turns."""
    features = _features(network, said)
    count = len(features)
    streams, slot = Streams(model, network.architecture), np.zeros(1, np.intp)
    many, slots = Streams(model, network.architecture, STUDENTS), np.arange(STUDENTS)
    students = [Streams(model, network.architecture) for _ in range(STUDENTS)]
    windows = {
        "window_dense": _window(content, network, dense=True),
        "window_strided": _window(content, network, dense=False),
    }
    field = network.architecture.receptive_field
    for window in windows.values():
        window.inputs["frames"][0] = np.resize(features, (field, features.shape[1])).T
    live = lifter.new()
    crowd = np.resize(features, (STUDENTS, features.shape[1]))

    def one_by_one(_i: int) -> None:
        for student in students:
            student.step(slot, crowd[:1])

    tried: dict[str, Callable[[int], Any]] = {
        "step": lambda i: streams.step(slot, features[i % count][None]),
        "lift": lambda i: live.lift(said[i % count], i / 30),
        **{name: _run(window) for name, window in windows.items()},
        "batch_of_32": lambda _i: many.step(slots, crowd),
        "32_single": one_by_one,
    }
    samples = _taken_in_turns(tried)
    ms = {name: float(np.median(times)) for name, times in samples.items()}
    return {
        "ms": ms,
        "window_dense_to_step": ms["window_dense"] / ms["step"],
        "window_strided_to_step": ms["window_strided"] / ms["step"],
        "32_single_to_batch": ms["32_single"] / ms["batch_of_32"],
    }


def _run(window: Runner) -> Callable[[int], None]:
    return lambda _i: window.run()


def _taken_in_turns(tried: Mapping[str, Callable[[int], Any]]) -> dict[str, list[float]]:
    samples: dict[str, list[float]] = {name: [] for name in tried}
    for turn in range(ROUNDS + 1):
        for name, call in tried.items():
            for i in range(CALLS if "32" not in name else CALLS // 10):
                begun = time.thread_time_ns()
                call(i)
                if turn:  # the first round warms up
                    samples[name].append((time.thread_time_ns() - begun) / 1e6)
    return samples


def _features(network: NetworkTable, said: list[Keypoints]) -> FloatArray:
    return np.stack(
        [encode(network.encoding, one.pixels, one.depth, one.image_size) for one in said]
    )


def _window(content: bytes, network: NetworkTable, *, dense: bool) -> Runner:
    architecture = network.architecture
    model = load_model(
        window_model(network_of(content, architecture), dense=dense), "window", "cpu"
    )
    field = architecture.receptive_field
    return Runner(
        model,
        {"frames": (1, architecture.inputs, field)},
        {"joints": (1, JOINTS * 3, 1)},
    )
