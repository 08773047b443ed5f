"""The noise model: made-up detectors, whose errors are known, are found out and imitated."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

from coach_server.body.skeleton import COCO_MIRROR, H36M_MIRROR, Coco, H36m
from coach_server.errors import InputError
from coach_server.settings import Settings
from scripts.studio.camera import Camera
from scripts.studio.noise.aspect import POSTURES, VIEWS, aspect, project
from scripts.studio.noise.chains import fit_chains
from scripts.studio.noise.checking import report, said_again
from scripts.studio.noise.episodes import Episodes, fit_episodes
from scripts.studio.noise.errors import Errors, errors, focal_px, observed
from scripts.studio.noise.face import AVERAGE, find_turns, keypoints_in_space
from scripts.studio.noise.fitting import fit
from scripts.studio.noise_model import NoiseModel, default_path
from scripts.studio.rotations import Array
from scripts.studio.training.corpus import Sequence

pytestmark = pytest.mark.unit

CAMERA = Camera(width=640, height=480, field_deg=50.0)
SIZE = np.array([640.0, 480.0])
FRAMES, SEQUENCES = 150, 40
BIAS = np.array([0.01, -0.02])
SPREAD, KEEP = 0.01, 0.9
DOUBTFUL = 4.0
SWAPPED_FRAMES = 6
DEPTH_SCALE, DEPTH_BIAS = 0.7, 0.05


def standing(yaw_deg: float = 0.0, frames: int = FRAMES) -> Array:
    """(frames, 17, 3) somebody who stands 3 m before the camera, turned to their left."""
    left = {
        H36m.LEFT_HIP: (0.1, 0.0, 0.0),
        H36m.LEFT_KNEE: (0.12, 0.45, -0.03),
        H36m.LEFT_ANKLE: (0.13, 0.88, 0.0),
        H36m.LEFT_SHOULDER: (0.18, -0.5, 0.0),
        H36m.LEFT_ELBOW: (0.35, -0.3, 0.02),
        H36m.LEFT_WRIST: (0.45, -0.1, -0.05),
    }
    joints = np.zeros((17, 3))
    for joint, place in left.items():
        joints[joint] = place
        joints[H36M_MIRROR[joint]] = place * np.array((-1.0, 1.0, 1.0))
    joints[H36m.SPINE], joints[H36m.THORAX] = (0.0, -0.25, 0.0), (0.0, -0.5, 0.0)
    joints[H36m.NECK], joints[H36m.HEAD] = (0.0, -0.62, 0.0), (0.0, -0.8, 0.0)
    yaw = np.radians(yaw_deg)
    turn = np.array(
        [[np.cos(yaw), 0.0, -np.sin(yaw)], [0.0, 1.0, 0.0], [np.sin(yaw), 0.0, np.cos(yaw)]]
    )
    return np.tile(joints @ turn.T + (0.0, 0.2, 3.0), (frames, 1, 1))


def correlated(rng: np.random.Generator, *shape: int) -> Array:
    """Noise of variance 1 that keeps `KEEP` of itself from frame to frame (axis 0)."""
    steps = rng.normal(size=(200 + shape[0], *shape[1:]))
    return np.asarray(lfilter([np.sqrt(1.0 - KEEP**2)], [1.0, -KEEP], steps, axis=0)[200:])


def made_up(rng: np.random.Generator, number: int) -> Sequence:
    """What a detector says whose errors are known."""
    joints = standing(float(rng.uniform(-10.0, 10.0)))
    body = aspect(joints, focal_px(blank(number, joints)))
    points = keypoints_in_space(joints, AVERAGE, np.zeros(FRAMES))
    doubtful = correlated(rng, FRAMES, 17) > 1.0
    off = SPREAD * correlated(rng, FRAMES, 17, 2) * np.where(doubtful, DOUBTFUL, 1.0)[..., None]
    off[:, Coco.LEFT_WRIST] += BIAS
    off[:, Coco.RIGHT_WRIST] += BIAS * (-1.0, 1.0)
    pixels = project(points, focal_px(blank(number, joints)), SIZE)
    pixels = pixels + body.in_picture(off * body.body_px[:, None, None])
    world = points - joints[:, None, H36m.PELVIS]
    world[..., 2] *= DEPTH_SCALE
    world[:, [Coco.LEFT_KNEE, Coco.RIGHT_KNEE], 2] += DEPTH_BIAS
    start = int(rng.integers(FRAMES - SWAPPED_FRAMES))
    legs = np.arange(Coco.LEFT_KNEE, Coco.RIGHT_ANKLE + 1)
    swapped = slice(start, start + SWAPPED_FRAMES)
    pixels[swapped, legs] = pixels[swapped][:, np.array(COCO_MIRROR)[legs]]
    return replace(
        blank(number, joints),
        pixels=pixels.astype(np.float32),
        score=np.where(doubtful, 0.2, 0.95).astype(np.float32),
        world=world.astype(np.float32),
    )


def blank(number: int, joints: Array) -> Sequence:
    count = len(joints)
    return Sequence(
        number=number,
        source="asanas",
        poses=("mountain",),
        camera=CAMERA,
        found=np.ones(count, np.bool_),
        pixels=np.zeros((count, 17, 2), np.float32),
        score=np.zeros((count, 17), np.float32),
        world=np.zeros((count, 17, 3), np.float32),
        joints=joints.astype(np.float32),
    )


@pytest.fixture(scope="module")
def shot() -> list[Sequence]:
    rng = np.random.default_rng(1)
    return [made_up(rng, number) for number in range(SEQUENCES)]


@pytest.fixture(scope="module")
def model(shot: list[Sequence]) -> NoiseModel:
    return fit(observed(shot), {"set": "made up", "frames": SEQUENCES * FRAMES})


@pytest.fixture(scope="module")
def drawn(model: NoiseModel, shot: list[Sequence]) -> Errors:
    return errors(observed(said_again(model, shot, np.random.default_rng(2))), model.face)


def test_bias_is_found(model: NoiseModel) -> None:
    upright_front = POSTURES.index("upright") * len(VIEWS) + VIEWS.index("front")
    bias = model.bias[upright_front]
    assert bias[Coco.LEFT_WRIST] == pytest.approx(BIAS, abs=0.002)
    assert bias[Coco.RIGHT_WRIST] == pytest.approx(BIAS * (-1.0, 1.0), abs=0.002)
    assert np.abs(bias[Coco.LEFT_ELBOW]).max() < 0.002


def test_drawn_errors_spread_and_last_as_real_ones(drawn: Errors) -> None:
    sure = drawn.clear & (drawn.score[:, Coco.LEFT_WRIST] > 0.9)
    off = drawn.off[:, Coco.LEFT_WRIST] - BIAS
    assert off[sure].std() == pytest.approx(SPREAD, rel=0.2)
    for lag in (1, 5):
        pairs = sure[:-lag] & sure[lag:] & (drawn.sequence[:-lag] == drawn.sequence[lag:])
        together = np.mean(off[:-lag][pairs] * off[lag:][pairs]) / off[sure].var()
        assert together == pytest.approx(KEEP**lag, abs=0.12)


def test_scores_tell_of_drawn_errors_what_they_tell_of_real_ones(drawn: Errors) -> None:
    far = np.linalg.norm(drawn.off[drawn.clear], axis=-1)[:, Coco.LEFT_SHOULDER]
    score = drawn.score[drawn.clear][:, Coco.LEFT_SHOULDER]
    low, high = score < 0.5, score > 0.9
    assert low.mean() == pytest.approx(0.16, abs=0.05)
    assert np.median(far[low]) / np.median(far[high]) == pytest.approx(DOUBTFUL, rel=0.35)


def test_sides_are_exchanged_as_often_and_for_as_long(drawn: Errors, model: NoiseModel) -> None:
    legs = model.exchanges["legs"]
    assert legs.mean_length == pytest.approx(SWAPPED_FRAMES, abs=1.0)
    assert (drawn.exchanged == 2).mean() == pytest.approx(SWAPPED_FRAMES / FRAMES, rel=0.5)
    assert (drawn.exchanged == 1).mean() < 0.01


def test_depth_is_scaled_and_off_as_the_detectors(drawn: Errors) -> None:
    said, true = drawn.world[drawn.clear][..., 2], drawn.depth[drawn.clear]
    knee = said[:, Coco.LEFT_KNEE] - DEPTH_SCALE * true[:, Coco.LEFT_KNEE]
    assert np.median(knee) == pytest.approx(DEPTH_BIAS, abs=0.01)
    nose = said[:, Coco.NOSE] - DEPTH_SCALE * true[:, Coco.NOSE]
    assert np.median(nose) == pytest.approx(0.0, abs=0.01)


def test_a_seed_draws_the_same_and_nobody_is_all_zero(model: NoiseModel) -> None:
    seldom = Episodes(np.full_like(model.misses.begins, 0.05), model.misses.lengths)
    missing = replace(model, misses=seldom)
    joints = np.stack([standing(0.0, 60), standing(120.0, 60)])
    once, again, other = (
        missing.sample(np.random.default_rng(seed), joints, [500.0, 600.0], (640, 480))
        for seed in (3, 3, 4)
    )
    assert once.pixels.shape == (2, 60, 17, 2)
    assert once.score.shape == (2, 60, 17)
    assert once.world.shape == (2, 60, 17, 3)
    assert once.found.shape == (2, 60)
    assert 0 < once.found.sum() < once.found.size
    for name in ("pixels", "score", "world", "found"):
        values = getattr(once, name)
        assert np.array_equal(values, getattr(again, name))
        assert not np.array_equal(values, getattr(other, name))
        assert np.isfinite(values).all()
        assert not values[~once.found].any()


def test_a_model_is_read_as_it_was_written(model: NoiseModel, tmp_path: Path) -> None:
    path = tmp_path / "noise.npz"
    model.write(path)
    read = NoiseModel.read(path)
    assert read.source == model.source
    joints = standing(45.0, 20)[None]
    said = [m.sample(np.random.default_rng(5), joints, 500.0, (640, 480)) for m in (model, read)]
    assert said[0].pixels == pytest.approx(said[1].pixels, abs=0.05)
    path.write_bytes(b"nothing")
    with pytest.raises(InputError):
        NoiseModel.read(path)


def test_the_kept_model_imitates_a_detector() -> None:
    model = NoiseModel.read(default_path(Settings().keypoints))
    joints = np.stack([standing(yaw) for yaw in (0.0, 90.0, 180.0, -90.0)])
    said = model.sample(np.random.default_rng(6), joints, 515.0, (640, 480))
    true = project(joints[..., [H36m.LEFT_HIP, H36m.RIGHT_HIP], :], np.full(4, 515.0), SIZE)
    off = said.pixels[..., [Coco.LEFT_HIP, Coco.RIGHT_HIP], :] - true
    far = np.linalg.norm(off, axis=-1)[said.found]
    assert 1.0 < np.median(far) < 15.0
    assert said.found.mean() > 0.9
    assert said.score[said.found].mean() > 0.7


def test_the_report_has_all_tables(drawn: Errors) -> None:
    text = report(drawn, drawn)
    assert text.count("| --- |") >= 7
    assert "correlation after" in text


@pytest.mark.parametrize(("yaw", "view"), [(0, "front"), (45, "front left"), (180, "back")])
def test_view_and_posture_are_told_from_the_joints(yaw: float, view: str) -> None:
    body = aspect(standing(yaw, 3), 500.0)
    assert np.degrees(body.yaw) % 360 == pytest.approx(np.full(3, yaw % 360), abs=1e-6)
    assert body.cells()[0] == VIEWS.index(view)
    assert body.cell_weights().sum(axis=-1) == pytest.approx(np.ones(3))
    upside_down = standing(yaw, 3) * (-1.0, -1.0, 1.0)
    assert POSTURES[aspect(upside_down, 500.0).posture[0]] == "inverted"


def test_a_mirrored_film_has_mirrored_errors() -> None:
    sequence = made_up(np.random.default_rng(7), 0)
    flip = np.array((-1.0, 1.0, 1.0))
    pixels = sequence.pixels[:, COCO_MIRROR] * (-1.0, 1.0) + (CAMERA.width, 0.0)
    flipped = replace(
        sequence,
        pixels=pixels.astype(np.float32),
        score=sequence.score[:, COCO_MIRROR],
        world=(sequence.world[:, COCO_MIRROR] * flip).astype(np.float32),
        joints=(sequence.joints[:, H36M_MIRROR] * flip).astype(np.float32),
    )
    as_seen = errors(observed([flipped]), AVERAGE)
    as_told = errors(observed([sequence]), AVERAGE).mirrored()
    assert as_seen.off == pytest.approx(as_told.off, abs=1e-4)
    assert as_seen.world == pytest.approx(as_told.world, abs=1e-4)
    assert np.array_equal(as_seen.cell, as_told.cell)


@pytest.mark.parametrize("turn_deg", [-40.0, 0.0, 25.0])
def test_the_turn_of_a_head_is_found(turn_deg: float) -> None:
    joints = standing(20.0, 4)
    turn = np.full(4, np.radians(turn_deg))
    face = keypoints_in_space(joints, AVERAGE, turn)[:, :5]
    seen = 500.0 * face[..., :2] / face[..., 2:]
    found = find_turns(seen, joints, AVERAGE, aspect(joints, 500.0), np.full(4, 500.0))
    assert np.degrees(found) == pytest.approx(np.degrees(turn), abs=2.6)


def test_chains_keep_memory_and_company() -> None:
    rng = np.random.default_rng(8)
    mixing = np.array([[1.0, 0.0], [0.8, 0.6]])
    values = np.concatenate([correlated(rng, 400, 2) @ mixing.T for _ in range(60)])
    sequence = np.repeat(np.arange(60), 400)
    chains = fit_chains(values, np.ones_like(values), sequence, np.eye(2))
    drawn = chains.draw(rng, 200, 100)
    assert drawn.std() == pytest.approx(1.0, abs=0.05)
    assert np.mean(drawn[..., 0] * drawn[..., 1]) == pytest.approx(0.8, abs=0.08)
    for lag in (1, 5, 15):
        assert np.mean(drawn[:, :-lag] * drawn[:, lag:]) == pytest.approx(KEEP**lag, abs=0.08)


def test_episodes_come_as_often_and_last_as_long() -> None:
    rng = np.random.default_rng(9)
    given = Episodes(np.array([0.01, 0.03]), np.linspace(2.0, 8.0, 9))
    weights = np.zeros((400, 200, 2))
    weights[:200, :, 0], weights[200:, :, 1] = 1.0, 1.0
    is_on = given.draw(rng, weights)
    sequence = np.repeat(np.arange(400), 200)
    condition: NDArray[np.intp] = np.repeat([0, 1], 200 * 200)
    found = fit_episodes(is_on.ravel(), sequence, condition, 2)
    assert found.begins == pytest.approx(given.begins, rel=0.15)
    assert found.mean_length == pytest.approx(given.mean_length, rel=0.2)
