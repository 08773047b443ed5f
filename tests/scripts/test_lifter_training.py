"""Training learns, stops anywhere, goes on exactly, and gives an engine that the server runs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation
from support.stick_figure import COCO_FROM_H36M, Limbs, joints_of

from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.body.registration import mirrored_joints
from coach_server.body.skeleton import COCO_MIRROR, H36M_MIRROR, H36m
from coach_server.errors import InputError
from coach_server.inference.lifters import load_lifter
from coach_server.inference.videopose.encoding import Encoding
from scripts.lifter.augmentation import Augmentation, aimed, flipped, zoomed
from scripts.lifter.filmed import Filmed
from scripts.lifter.windows import (
    MOST_BRIDGED,
    PICTURE,
    Mixture,
    Windows,
    bridged,
    in_picture,
    joined,
    runs,
)
from scripts.lifter_scores import errors
from scripts.studio.camera import Camera
from scripts.studio.training.corpus import Sequence

torch = pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("matplotlib", reason="the train extra is not installed")
curve = pytest.importorskip("scripts.lifter.curve")
evaluation = pytest.importorskip("scripts.lifter.evaluation")
export = pytest.importorskip("scripts.lifter.export")
loop = pytest.importorskip("scripts.lifter.loop")
losses = pytest.importorskip("scripts.lifter.losses")

pytestmark = pytest.mark.unit

torch.set_num_threads(1)

CAMERA = Camera(width=640, height=480, field_deg=45.0)
FOCAL_PX = 240 / np.tan(np.radians(22.5))


def sequence(number: int, frames: int = 60, found: NDArray[np.bool_] | None = None) -> Sequence:
    """Somebody who squats and raises their arms, three metres away; seen with little noise."""
    rng = np.random.default_rng(number)
    knee, arm, yaw, speed = rng.uniform((20, 20, -30, 0.1), (100, 160, 30, 0.2))
    bodies = []
    for t in range(frames):
        share = 0.5 - 0.5 * np.cos(speed * t)
        bend, lift = 5 + knee * share, 10 + arm * share
        limbs = Limbs(knee=(bend, bend), hip_flexion=(bend, bend), shoulder=(lift, lift))
        bodies.append(joints_of(limbs, yaw_deg=yaw))
    joints = np.stack(bodies) + np.array([rng.uniform(-0.3, 0.3), 0, 3.0], np.float32)
    coco = joints[:, list(COCO_FROM_H36M)]
    pixels = coco[..., :2] / coco[..., 2:] * FOCAL_PX + (320, 240)
    pixels += rng.normal(0, 1, pixels.shape)
    world = coco - joints[:, :1] + rng.normal(0, 0.02, coco.shape)
    found = np.ones(frames, np.bool_) if found is None else found
    return Sequence(
        number=number,
        source="asanas",
        poses=(),
        camera=CAMERA,
        found=found,
        pixels=np.where(found[:, None, None], pixels, 0).astype(np.float32),
        score=np.where(found[:, None], 0.9, 0).astype(np.float32) * np.ones(17, np.float32),
        world=np.where(found[:, None, None], world, 0).astype(np.float32),
        joints=joints.astype(np.float32),
    )


FILMED = Filmed(sequence(number) for number in range(8))
PLAN = loop.Plan(widths=(3, 3), channels=48, batch=8, answers=6, steps=100, rate=1e-2)


def judge(network: object) -> dict[str, float]:
    return dict(evaluation.evaluate(network, FILMED.every(9, 9), PLAN.encoding))


# Windows


def test_stretches_end_where_a_live_lifter_begins_anew() -> None:
    found = np.ones(60, np.bool_)
    found[[0, 1, 59]] = False
    found[10 : 10 + MOST_BRIDGED] = False
    found[30 : 31 + MOST_BRIDGED] = False
    assert runs(found) == [(2, 30), (31 + MOST_BRIDGED, 59)]
    assert runs(np.zeros(5, np.bool_)) == []


def test_short_gaps_are_bridged_straight() -> None:
    found = np.array([1, 1, 0, 0, 0, 1, 0, 1], np.bool_)
    values = np.where(found, [0, 1, 9, 9, 9, 5, 9, 7], 9).astype(np.float32)
    assert bridged(values, found).tolist() == list(range(8))


def test_a_window_never_reaches_beyond_its_stretch() -> None:
    found = np.ones(60, np.bool_)
    found[25:40] = False
    film = Filmed([sequence(1, found=found), sequence(2)])
    assert film.frames == 25 + 20 + 60
    windows = film.every(1, 12)
    second = sequence(1).joints - sequence(1).joints[:, :1]
    for back in range(12):  # the third frame after the gap, and what it sees before
        expected = second[max(42 - back, 40)]
        np.testing.assert_allclose(windows.joints[27, 11 - back], expected, atol=1e-6)


def test_windows_are_what_was_filmed() -> None:
    windows = FILMED.every(50, 4)
    shot = sequence(0)
    np.testing.assert_allclose(windows.joints[0, -1], shot.joints[49] - shot.joints[49, 0])
    np.testing.assert_allclose(
        windows.points[0, -1, :, :2], in_picture(shot.pixels[49], (640, 480)), atol=1e-3
    )
    assert windows.focal[0] == pytest.approx(FOCAL_PX * 1000 / 640)
    assert windows.counts.all()


def test_the_same_draw_again() -> None:
    first, again = (FILMED.draw(np.random.default_rng(3), 9, 7) for _ in range(2))
    np.testing.assert_array_equal(first.points, again.points)
    assert first.points.shape == (9, 7, 17, 3)


def test_a_mixture_takes_its_shares() -> None:
    other = Filmed([sequence(99)])
    mixture = Mixture([(3, FILMED), (1, other)])
    drawn = mixture.draw(np.random.default_rng(1), 400, 3)
    ours = {tuple(joints.ravel()) for joints in other.every(1, 1).joints[:, 0]}
    share = np.mean([tuple(window[-1].ravel()) in ours for window in drawn.joints])
    assert share == pytest.approx(0.25, abs=0.06)
    assert len(drawn.points) == 400


def test_nobody_found_is_said() -> None:
    with pytest.raises(InputError, match="no sequence in which anybody is found"):
        Filmed([sequence(1, found=np.zeros(60, np.bool_))])


# Augmentation


def off_px(windows: Windows) -> FloatArray:
    """(B, L, 17) how far detected keypoints of the body lie from the projected truth, about."""
    truth = windows.joints[:, :, list(COCO_FROM_H36M)]
    body = slice(5, 17)
    places = (windows.points[..., :2] - np.array(PICTURE) / 2) / windows.focal[:, None, None, None]
    # The pelvis is wherever the truth, put there, fits the picture best: two equations a joint.
    rows, right = [], []
    for axis in range(2):
        row = np.zeros((*truth.shape[:2], 12, 3))
        row[..., axis] = 1
        row[..., 2] = -places[..., body, axis]
        rows.append(row)
        right.append(places[..., body, axis] * truth[..., body, 2] - truth[..., body, axis])
    a, b = np.concatenate(rows, axis=2), np.concatenate(right, axis=2)
    root = np.einsum("blij,blj->bli", np.linalg.pinv(a), b)
    moved = truth + root[..., None, :]
    seen = moved[..., :2] / moved[..., 2:]
    off = np.linalg.norm(seen - places, axis=-1)[..., body]
    return np.asarray(off * windows.focal[:, None, None], np.float32)


@pytest.fixture
def windows() -> Windows:
    return FILMED.draw(np.random.default_rng(0), 16, 5)


def test_what_is_varied_still_fits_its_truth(windows: Windows) -> None:
    rng = np.random.default_rng(1)
    before = off_px(windows).mean()
    assert before < 4
    for varied in (
        flipped(windows, np.ones(16, np.bool_)),
        aimed(windows, rng.normal(0, 8, (16, 3)).astype(np.float32)),
        zoomed(windows, np.exp(rng.normal(0, 0.2, 16)).astype(np.float32)),
        Augmentation()(rng, windows),
    ):
        assert np.abs(varied.points[..., :2] - windows.points[..., :2]).max() > 20
        assert off_px(varied).mean() < 1.5 * before


def test_a_mirror_exchanges_sides(windows: Windows) -> None:
    which = np.arange(16) < 4
    varied = flipped(windows, which)
    twice = flipped(varied, which)
    np.testing.assert_array_equal(varied.points[4:], windows.points[4:])
    np.testing.assert_allclose(twice.points, windows.points, atol=1e-3)
    np.testing.assert_array_equal(twice.joints, windows.joints)
    np.testing.assert_array_equal(varied.depth[0], windows.depth[0][:, list(COCO_MIRROR)])
    left, right = H36m.LEFT_WRIST, H36m.RIGHT_WRIST
    expected = windows.joints[0, :, right] * (-1, 1, 1)
    np.testing.assert_array_equal(varied.joints[0, :, left], expected)


def test_turning_a_camera_turns_the_truth(windows: Windows) -> None:
    degrees = np.tile(np.array((0, 0, 30), np.float32), (16, 1))
    turned = Rotation.from_euler("z", 30, degrees=True).apply(windows.joints.reshape(-1, 3))
    np.testing.assert_allclose(
        aimed(windows, degrees).joints, turned.reshape(windows.joints.shape), atol=1e-5
    )


def test_depth_is_taken_from_some(windows: Windows) -> None:
    many = joined([windows] * 20)
    varied = Augmentation(no_depth=0.3)(np.random.default_rng(5), many)
    blind = np.isnan(varied.depth).all(axis=(1, 2))
    assert (blind == np.isnan(varied.depth).any(axis=(1, 2))).all()
    assert blind.mean() == pytest.approx(0.3, abs=0.08)
    assert np.isfinite(varied.features(Encoding.BOX)).all()


# Losses


def parts_of(joints: FloatArray, truth: FloatArray, sigma: float = 0.1) -> dict[str, float]:
    log_sigma = torch.full((*joints.shape,), float(np.log(sigma)))
    counts = torch.ones(joints.shape[:2], dtype=torch.bool)
    given = (torch.from_numpy(joints), log_sigma, torch.from_numpy(truth), counts)
    return {name: part.item() for name, part in losses.loss_parts(*given).items()}


def test_the_truth_costs_nothing(windows: Windows) -> None:
    parts = parts_of(windows.joints, windows.joints)
    assert parts["position"] == parts["bones"] == parts["angles"] == 0
    assert parts["spread"] == pytest.approx(np.log(0.1), abs=1e-5)


def test_turning_the_whole_body_leaves_the_judged_angles() -> None:
    truth = joints_of(Limbs(knee=(60, 20), hip_flexion=(50, 10)))[None, None]
    turn = Rotation.from_euler("y", 20, degrees=True)
    turned = turn.apply(truth[0, 0]).astype(np.float32)
    parts = parts_of(turned[None, None], truth)
    assert parts["bones"] > 0.1
    assert parts["angles"] == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("bent", [5, 60])
def test_a_bent_knee_costs_as_many_radians_as_it_is_off(bent: float) -> None:
    truth = joints_of(Limbs(knee=(bent, 10)))[None, None]
    parts = parts_of(joints_of(Limbs(knee=(bent + 10, 10)))[None, None], truth)
    assert parts["angles"] * 10 == pytest.approx(np.radians(10), rel=0.03)


def test_likelihood_is_best_at_the_size_of_the_error() -> None:
    truth = np.zeros((1, 1, 17, 3), np.float32)
    costs = {sigma: parts_of(truth + 0.2, truth, sigma)["spread"] for sigma in (0.1, 0.2, 0.4)}
    assert min(costs, key=costs.__getitem__) == 0.2


def test_frames_that_do_not_count_are_not_learnt_from() -> None:
    truth = torch.zeros(2, 3, 17, 3)
    joints = truth.clone()
    joints[1] = 1
    counts = torch.tensor([[True] * 3, [False] * 3])
    parts = losses.loss_parts(joints, torch.zeros(2, 3, 17, 0), truth, counts)
    assert parts["position"].item() == 0
    assert "spread" not in parts


# The loop


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Matplotlib keeps the files of its fonts open once it has drawn."""
    curve.draw_curve([], tmp_path_factory.mktemp("fonts") / "empty.png", "empty")


@pytest.mark.usefixtures("fonts")
def test_it_learns(tmp_path: Path) -> None:
    training = loop.Training(PLAN, FILMED, tmp_path)
    before = judge(training.network)
    assert training.run(judge, every=50)
    after = training.history[-1].figures
    assert after["angle_median_deg"] < 0.6 * before["angle_median_deg"]
    first, last = (row.losses for row in training.history)
    assert last["position"] < 0.6 * first["position"]
    assert last["spread"] < first["spread"] - 0.3
    curve.draw_curve(training.history, tmp_path / "curve.png", "test")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")


def test_it_goes_on_exactly_where_it_stopped(tmp_path: Path) -> None:
    plan = replace(PLAN, steps=9)
    whole = loop.Training(plan, FILMED, tmp_path / "whole")
    whole.run(judge, every=3)
    steps = 0
    while True:
        part = loop.Training(plan, FILMED, tmp_path / "parts")
        assert part.step == steps
        if part.run(judge, every=3, minutes=0 if steps else 1e-9):
            break
        # one more step than the time allows, as though the machine had been stopped
        part._take_step()
        part.step = steps = steps + 1
        part.save()
        if steps == plan.steps:
            break
    again = loop.Training(plan, FILMED, tmp_path / "parts").network.state_dict()
    for name, tensor in whole.network.state_dict().items():
        np.testing.assert_array_equal(again[name].numpy(), tensor.numpy(), err_msg=name)


def test_another_plan_is_refused(tmp_path: Path) -> None:
    loop.Training(PLAN, FILMED, tmp_path).save()
    with pytest.raises(InputError, match="another channels, seed"):
        loop.Training(replace(PLAN, channels=8, seed=1), FILMED, tmp_path)


def test_a_damaged_checkpoint_is_said(tmp_path: Path) -> None:
    (tmp_path / loop.CHECKPOINT).write_bytes(b"not one")
    with pytest.raises(InputError, match="cannot be read as a checkpoint"):
        loop.Training(PLAN, FILMED, tmp_path)


def test_it_begins_from_another(tmp_path: Path) -> None:
    first = loop.Training(PLAN, FILMED, tmp_path / "a")
    first._take_step()
    first.save()
    path = tmp_path / "a" / loop.CHECKPOINT
    second = loop.Training(PLAN, FILMED, tmp_path / "b", first=path)
    assert second.step == 0
    weights = second.network.shrink.weight.detach().numpy()
    np.testing.assert_array_equal(weights, first.network.shrink.weight.detach().numpy())


def test_bfloat16_learns_as_well(tmp_path: Path) -> None:
    training = loop.Training(replace(PLAN, bf16=True), FILMED, tmp_path)
    training.run(judge, every=50)
    first, last = (row.losses for row in training.history)
    assert last["position"] < 0.6 * first["position"]


def test_what_was_trained_is_what_the_server_runs(tmp_path: Path) -> None:
    training = loop.Training(replace(PLAN, steps=10), FILMED, tmp_path)
    training.run(judge, every=10)
    folder = tmp_path / "imported"
    folder.mkdir()
    corrections = np.zeros((17, 3), np.float32)
    corrections[3] = 0.2
    given = (training.network, PLAN.encoding, "trained", folder, corrections)
    assert export.export(*given) == folder / "trained.toml"
    lifter = load_lifter(tmp_path, "trained", "cpu").new()
    shot, film = sequence(0), Filmed([sequence(0)])
    windows = film.every(1, 9)
    both = []
    for shown in (windows, flipped(windows, np.ones(len(windows.points), np.bool_))):
        with torch.inference_mode():
            features = torch.from_numpy(shown.features(PLAN.encoding))
            answers = training.network.eval()(features)
        joints, log_sigma = (answer[:, -1].numpy() for answer in answers)
        both.append((joints + shown.guess(PLAN.encoding)[:, -1], np.exp(log_sigma + corrections)))
    (expected, sigma), (image, image_sigma) = both
    expected = (expected + mirrored_joints(image)) / 2
    expected[:, 0] = 0
    sigma = (sigma + image_sigma[:, list(H36M_MIRROR)]) / 2
    for t in range(30):
        points = np.concatenate([shot.pixels[t] / (640, 480), shot.score[t, :, None]], axis=1)
        seen = Keypoints(points.astype(np.float32), shot.world[t, :, 2], None, (640, 480))
        pose = lifter.lift(seen, t / 30)
        np.testing.assert_allclose(pose.joints, expected[t], atol=1e-4)
        np.testing.assert_allclose(pose.sigma[1:], sigma[t, 1:], rtol=1e-3)


def test_corrected_spreads_hold_as_many_truths_as_they_say(tmp_path: Path) -> None:
    network, windows = loop.Training(PLAN, FILMED, tmp_path).network, FILMED.every(2, 9)
    corrections = evaluation.spread_corrections(network, windows, PLAN.encoding)
    assert judge(network)["within_sigma"] != pytest.approx(0.683, abs=0.05)
    with torch.no_grad():
        network.shrink.bias[51:] += torch.from_numpy(corrections.ravel())
    figures = evaluation.evaluate(network, windows, PLAN.encoding)
    assert figures["within_sigma"] == pytest.approx(0.683, abs=0.005)


def test_figures_of_a_perfect_network() -> None:
    poses = FILMED.every(9, 1).joints[:, 0]
    moved = Rotation.from_euler("xyz", (20, 30, 10), degrees=True).apply(poses.reshape(-1, 3))
    other = (1.3 * moved + 0.5).astype(np.float32).reshape(poses.shape)
    back = errors.aligned(other, poses)
    np.testing.assert_allclose(back, poses, atol=1e-4)
