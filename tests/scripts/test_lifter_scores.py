"""The scores of lifters: what is known of made-up sources must come out of them."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from support.paper_network import evaluate, random_state

from coach_server.body.angles import Angle, joint_angles
from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.body.skeleton import H36M_BONES, H36m
from coach_server.inference.onnx_runtime import Runner, load_model
from coach_server.inference.videopose.folding import folded
from coach_server.inference.videopose.streaming_graph import streaming_model
from scripts.lifter_scores import accuracy, calibration, definitions, errors, steadiness, views
from scripts.lifter_scores.sightings import Sighting, with_true_limbs
from scripts.lifter_scores.sources import Lifted, raw_world
from scripts.lifter_scores.window_model import network_of, window_model
from scripts.studio.trials.trial import HOLD_S, INSTRUCTOR_S, RIGHT_S

pytestmark = pytest.mark.unit

FPS, SIZE, FOCAL = 10, (640, 480), 600.0
BONES = {
    H36m.RIGHT_HIP: (-0.1, 0, 0),
    H36m.RIGHT_KNEE: (-0.03, 0.42, -0.05),
    H36m.RIGHT_ANKLE: (0, 0.4, 0.12),
    H36m.LEFT_HIP: (0.1, 0, 0),
    H36m.LEFT_KNEE: (0.03, 0.42, -0.05),
    H36m.LEFT_ANKLE: (0, 0.4, 0.12),
    H36m.SPINE: (0, -0.24, 0),
    H36m.THORAX: (0, -0.24, 0),
    H36m.NECK: (0, -0.12, -0.02),
    H36m.HEAD: (0, -0.14, -0.02),
    H36m.LEFT_SHOULDER: (0.17, 0, 0),
    H36m.LEFT_ELBOW: (0.2, 0.15, -0.05),
    H36m.LEFT_WRIST: (0.1, 0.15, -0.15),
    H36m.RIGHT_SHOULDER: (-0.17, 0, 0),
    H36m.RIGHT_ELBOW: (-0.2, 0.15, -0.05),
    H36m.RIGHT_WRIST: (-0.1, 0.15, -0.15),
}
"""A body, the bones that end at its joints: metres, camera axes, facing the camera."""


def body(knee_deg: float = 0.0) -> FloatArray:
    """(17, 3) with the left knee bent by so much more."""
    joints = np.zeros((17, 3))
    for parent, child in H36M_BONES:
        bone = np.array(BONES[child], np.float64)
        if child == H36m.LEFT_ANKLE:
            bone = Rotation.from_euler("x", knee_deg, degrees=True).apply(bone)
        joints[child] = joints[parent] + bone
    return joints.astype(np.float32)


def turned(joints: FloatArray, yaw_deg: float) -> FloatArray:
    return np.asarray(Rotation.from_euler("y", yaw_deg, degrees=True).apply(joints), np.float32)


def sighting(name: str, joints: FloatArray, take: dict[str, Any]) -> Sighting:
    """A trial whose detector is exact but for the face."""
    places = joints + np.array([0, 0, 3], np.float32)
    nothing = Keypoints(
        np.full((17, 3), 0.5, np.float32), np.zeros(17, np.float32), np.zeros((17, 3), "f4"), SIZE
    )
    bare = Sighting(
        name=name,
        take=take,
        fps=FPS,
        image_size=SIZE,
        focal=FOCAL,
        found=np.ones(len(joints), np.bool_),
        keypoints=(nothing,) * len(joints),
        joints=joints,
        places=places,
        groups=np.full(len(joints), "standing"),
    )
    return with_true_limbs(bare)


def fault_trials(view_deg: float, fault_deg: float) -> Sighting:
    """A knee that bends by so much more at `RIGHT_S`."""
    count = round(HOLD_S * FPS)
    right = turned(body(), view_deg)
    wrong = turned(body(fault_deg), view_deg)
    joints = np.stack([wrong if i / FPS >= RIGHT_S else right for i in range(count)])
    take = {
        "kind": "fault",
        "pose": "mountain",
        "angle": "LEFT_KNEE_FLEXION",
        "view_deg": view_deg,
        "visibility": [[2] * 17, [2] * 17],
    }
    return sighting(f"fault-000-{view_deg:02.0f}", joints, take)


def instructor() -> Sighting:
    joints = np.stack([body()] * round(INSTRUCTOR_S * FPS))
    return sighting("fault-000-instructor", joints, {"kind": "instructor", "pose": "mountain"})


def told(trial: Sighting, change: Callable[[FloatArray], FloatArray] = lambda j: j) -> Lifted:
    joints = change(trial.joints).astype(np.float32)
    nothing = np.full_like(joints, np.nan)
    return Lifted(joints, nothing, np.asarray(np.isfinite(joints).all(axis=(1, 2))))


def people(
    fault_deg: float, change: Callable[[FloatArray], FloatArray] = lambda j: j
) -> dict[str, dict[float | str, views.Watched]]:
    trials = [*(fault_trials(view, fault_deg) for view in (0.0, 15.0, 30.0)), instructor()]
    return dict(views.by_person([views.Watched(t, told(t, change)) for t in trials]))


def test_who_says_the_truth_is_consistent_sensitive_and_never_false() -> None:
    exact = people(20.0)
    assert views.consistency(exact)["p90_deg"] == pytest.approx(0, abs=0.1)
    felt = views.sensitivity(exact)
    assert felt["faults"] == 3
    assert felt["slope_median"] == pytest.approx(1, abs=0.01)
    assert felt["within"] == 1
    assert views.false_readings(exact)["false"] == 0


def test_who_says_what_is_usual_is_consistent_and_blind() -> None:
    usual = joint_angles(body())[Angle.LEFT_KNEE_FLEXION]
    assert usual > 5
    blind = people(20.0, lambda joints: np.broadcast_to(body(), joints.shape))
    assert views.consistency(blind)["p90_deg"] == pytest.approx(0, abs=0.1)
    felt = views.sensitivity(blind)
    assert felt["slope_median"] == pytest.approx(0, abs=0.01)
    assert felt["within"] == 0


def test_who_is_silent_misses() -> None:
    silent = people(20.0, lambda joints: np.full_like(joints, np.nan))
    assert views.consistency(silent)["missing"] == 1
    assert views.consistency(silent)["median_deg"] == 180
    felt = views.sensitivity(silent)
    assert felt["silent"] == 1
    assert felt["within"] == 0


def test_who_bends_what_is_straight_reads_falsely() -> None:
    def bent(joints: FloatArray) -> FloatArray:
        out = joints.copy()
        if len(joints) > INSTRUCTOR_S * FPS:  # of the student, not of the instructor
            out[:, H36m.RIGHT_ANKLE, 2] += 0.3
        return out

    false = views.false_readings(people(0.0, bent))
    assert false["false"] > 0
    assert false["views"]["0"]["pairs"] > 20


@pytest.mark.parametrize(("fault_deg", "seen"), [(30.0, True), (1.0, False)])
def test_what_hardly_moves_cannot_be_seen(fault_deg: float, seen: bool) -> None:
    assert views.can_be_seen(fault_trials(0.0, fault_deg)) is seen


def test_what_is_hidden_cannot_be_seen() -> None:
    trial = fault_trials(0.0, 40.0)
    trial.take["visibility"] = [[2] * 17, [2] * 15 + [1, 1]]
    assert not views.can_be_seen(trial)


def test_raw_world_is_what_the_detector_says() -> None:
    trial = fault_trials(0.0, 20.0)
    said = raw_world()(trial)
    assert said.present.all()
    limbs = [H36m.LEFT_WRIST, H36m.RIGHT_KNEE, H36m.LEFT_ANKLE]
    np.testing.assert_allclose(said.joints[:, limbs], trial.joints[:, limbs], atol=1e-3)


def test_offsets_take_definitions_away_whichever_way_the_body_faces() -> None:
    rng = np.random.default_rng(5)
    truth = np.stack([turned(body(rng.uniform(0, 60)), rng.uniform(-90, 90)) for _ in range(50)])
    offsets = rng.normal(0, 0.03, (17, 3)).astype(np.float32)
    offsets[[H36m.PELVIS, H36m.LEFT_HIP, H36m.RIGHT_HIP, H36m.THORAX]] = 0
    said = definitions.moved(truth, offsets)
    back = definitions.moved(said, definitions.fitted([(said, truth)]))
    np.testing.assert_allclose(back, truth, atol=2e-3)
    assert errors.mpjpe_mm(said, truth).mean() > 20


def test_accuracy_tells_groups_and_what_is_missing() -> None:
    trial = fault_trials(0.0, 20.0)
    said = told(trial, lambda joints: joints * 1.1)
    present = said.present.copy()
    present[:5] = False
    answers = accuracy.Answers.of([trial], [replace(said, present=present)])
    figures = accuracy.accuracy(answers, np.zeros((17, 3), np.float32))
    assert figures["frames"] == len(present) - 5
    assert figures["present"] == pytest.approx(1 - 5 / len(present))
    assert figures["pmpjpe_mm"] == pytest.approx(0, abs=0.1)
    assert figures["mpjpe_mm"] > 20
    assert figures["groups"]["standing"]["angle_p90_deg"] == pytest.approx(0, abs=0.1)
    json.dumps(figures)


def test_near_a_pole_no_angle_is_judged() -> None:
    hanging = body()
    hanging[H36m.LEFT_ELBOW] = hanging[H36m.LEFT_SHOULDER] + (0.0, 0.28, 0.0)
    known = errors.judged(hanging)
    assert not known[Angle.LEFT_SHOULDER_PLANE]
    assert known[Angle.RIGHT_SHOULDER_PLANE]
    assert known[Angle.LEFT_KNEE_FLEXION]


def test_calibration_knows_a_spread_that_is_right() -> None:
    rng = np.random.default_rng(6)
    sigma = np.exp(rng.normal(-3, 0.8, (4000, 17, 3))).astype(np.float32)
    error = (rng.normal(size=sigma.shape) * sigma).astype(np.float32)
    constant = np.sqrt((error**2).mean(axis=0))
    right = calibration.calibration({"0": (error, sigma)}, constant)
    assert right["axes"]["z"]["within"] == pytest.approx(0.683, abs=0.01)
    assert right["cells_within"] == 1
    assert right["nll"] < right["nll_constant"]
    timid = calibration.calibration({"0": (error, 3 * sigma)}, constant)
    assert timid["cells_within"] == 0
    assert timid["axes"]["x"]["lowest"]["share"] > 0.9


def test_steadiness_is_that_of_who_keeps_still() -> None:
    rng = np.random.default_rng(7)
    joints = np.stack([body()] * 60)
    trial = sighting("still-mountain", joints, {"kind": "still"})
    shaken = told(trial, lambda j: np.asarray(j + rng.normal(0, 0.01, j.shape), np.float32))
    figures = steadiness.steadiness([trial], [shaken])
    assert figures["raw_mm"] == pytest.approx(10, abs=1)
    assert figures["smoothed_mm"] < 0.7 * figures["raw_mm"]


@pytest.mark.parametrize("dense", [True, False])
def test_the_window_model_is_the_network(dense: bool) -> None:
    widths, inputs = (3, 3, 3), 20
    state = random_state(widths, 16, inputs, 102)
    network = folded(state, causal=True)
    content = streaming_model(network, "tiny")
    again = network_of(content, network.architecture)
    model = load_model(window_model(again, dense=dense), "window", "cpu")
    runner = Runner(model, {"frames": (1, inputs, 27)}, {"joints": (1, 51, 1)})
    frames = np.random.default_rng(8).normal(size=(27, inputs)).astype(np.float32)
    runner.inputs["frames"][0] = frames.T
    runner.run()
    expected = evaluate(state, frames, widths, causal=True)[-1, :51]
    np.testing.assert_allclose(runner.outputs["joints"].ravel(), expected, atol=1e-4)
