"""Filmed practices through the product's pipeline: made-up records in place of the studio's."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coach_server.body.angles import Angle
from coach_server.body.keypoints import FloatArray
from coach_server.errors import InputError
from coach_server.inference.lifters import LoadedLifter
from coach_server.inference.recipe import Recipes
from scripts.cue_scores.builds import differences, levelled
from scripts.cue_scores.faults import Slip
from scripts.cue_scores.figure import COCO_FROM_H36M, DISTANCE_M, IMAGE_SIZE, joints_of, points_of
from scripts.cue_scores.films import TRUE_JOINTS, Way, cues_in, routine_of, watched
from scripts.cue_scores.films_tier import Films
from scripts.cue_scores.kept import Kept
from scripts.cue_scores.poses import AT_EASE, TWO_SIDED
from scripts.cue_scores.practices import Practice, pairs, practices
from scripts.cue_scores.report import markdown
from scripts.cue_scores.routines import Score
from scripts.studio.training.record import Record, write

pytestmark = pytest.mark.unit

FPS, NAME = 15, "made-up-dev"
SCORE = Score(
    np.array([AT_EASE, TWO_SIDED["arms_out"], TWO_SIDED["star"], TWO_SIDED["arms_up"]]),
    np.array([0.0, 6.0, 13.0, 20.0]),
    np.array([4.0, 11.0, 18.0, 25.0]),
)
SLIP = Slip(2, Angle.LEFT_SHOULDER_ELEVATION, -25.0)
FAULT = {
    "joint": "shoulder",
    "side": "left",
    "direction": "raise",
    "angle": "left_shoulder_elevation",
    "deviation_deg": -25.0,
    "start": 13.5,
    "end": 18.5,
    "mended": None,
    "also_deg": {},
    "seen": True,
}
CAMERA = {
    "width": IMAGE_SIZE[0],
    "height": IMAGE_SIZE[1],
    "field_deg": float(np.degrees(2 * np.arctan(IMAGE_SIZE[1] / 2 / (0.7 * IMAGE_SIZE[0])))),
    "height_m": 1.0,
    "look_at_m": 1.0,
    "distance_m": DISTANCE_M,
}


def record(
    role: str, *, lag_s: float, faults: list[dict[str, Any]], yaw_deg: float = 0.0
) -> Record:
    t = np.maximum(np.arange(int(SCORE.duration_s * FPS)) / FPS - lag_s, 0.0)
    poses = SCORE.poses.copy()
    if faults:
        poses[SLIP.hold, SLIP.angle] += SLIP.degrees
    joints = joints_of(SCORE.between(poses, t))
    points = points_of(joints)
    holds = [
        {"pose": "", "start": start + lag_s * (i > 0), "end": end + lag_s * (i < 3)}
        for i, (start, end) in enumerate(zip(SCORE.starts, SCORE.ends, strict=True))
    ]
    count = len(t)
    return Record(
        take={
            "kind": role,
            "routine": "simple",
            "fps": FPS,
            "casting": {"camera": CAMERA},
            "truth": {"camera": {"yaw_deg": yaw_deg}, "holds": holds, "faults": faults},
        },
        found=np.ones(count, np.bool_),
        shown=np.zeros(count, np.bool_),
        pixels=points[..., :2] * np.array(IMAGE_SIZE, np.float32),
        score=points[..., 2],
        world=joints[:, list(COCO_FROM_H36M)],
        joints=joints + np.array([0, 0, DISTANCE_M], np.float32),
        check=np.zeros(3, np.float32),
    )


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    folder = tmp_path / "studio" / "practices" / NAME
    folder.mkdir(parents=True)
    write(folder / "simple.instructor.npz", record("instructor", lag_s=0.0, faults=[]))
    write(folder / "simple.right_1.npz", record("right", lag_s=0.5, faults=[], yaw_deg=-20.0))
    write(folder / "simple.faults_1.npz", record("faults", lag_s=0.5, faults=[FAULT]))
    write(folder / "other.faults_1.npz", record("faults", lag_s=0.5, faults=[FAULT]))
    return tmp_path


@pytest.fixture
def found(cache: Path) -> list[Practice]:
    known = practices(NAME, cache)
    return [replace(one, key="other") if one.name.startswith("other") else one for one in known]


@pytest.fixture
def lifter(tmp_path: Path) -> LoadedLifter:
    return LoadedLifter.load(Recipes.known(tmp_path), "blazepose-world", "cpu")


def test_practices_are_read_as_they_were_shot(found: list[Practice]) -> None:
    (one,) = (p for p in found if p.name == "simple.faults_1")
    assert (one.role, one.key, one.aside) == ("faults", "simple", "0 to 15")
    (fault,) = one.faults()
    assert fault.counts
    assert (fault.start, fault.arrived, fault.end) == (12.5, 13.5, 18.5)
    assert {"20", "30"} & set(fault.labels)
    students = [student.name for _, student in pairs(found)]
    assert students == ["simple.faults_1", "simple.right_1"]


def test_without_practices_the_way_out_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no filmed practices made-up-dev"):
        practices(NAME, tmp_path)


def test_bodies_that_differ_may_be_told_so(found: list[Practice]) -> None:
    known = {one.name: one for one in found}
    lead = known["simple.instructor"]
    assert list(differences(lead, known["simple.right_1"])) == []
    (one,) = differences(lead, known["simple.faults_1"])
    assert (one.angle, one.direction.value, one.counts) == (SLIP.angle, "raise", False)
    assert one.degrees == pytest.approx(-25.0, abs=1.0)


def test_a_camera_that_looks_down_is_levelled(found: list[Practice]) -> None:
    film = found[0].film
    fall = np.radians(10.0)
    tilted = dict(film.take["casting"]["camera"], height_m=1.0 + np.tan(fall) * DISTANCE_M)
    cos, sin = np.cos(fall), np.sin(fall)
    x, y, z = np.moveaxis(film.joints, -1, 0)
    seen: FloatArray = np.stack([x, cos * y - sin * z, cos * z + sin * y], axis=-1)
    down = replace(film, joints=seen, take={"casting": {"camera": tilted}})
    assert np.allclose(levelled(down), film.joints, atol=1e-5)


def test_a_fault_is_found_in_the_pipeline(found: list[Practice], lifter: LoadedLifter) -> None:
    way = Way(TRUE_JOINTS, lifter)
    known = {one.name: one for one in found}
    routine = routine_of(way, known["simple.instructor"])
    assert len(routine.holds) == 4
    faulty = watched(way, routine, known["simple.faults_1"])
    told = cues_in(json.loads(json.dumps(faulty)), "coach")
    assert [(c.joint.value, c.side.value, c.direction) for c in told] == [
        ("shoulder", "left", "raise")
    ]
    assert 12.5 < told[0].t < 16.0
    assert len(faulty["cost_ms"]) == sum(faulty["silences"].values())
    assert cues_in(watched(way, routine, known["simple.right_1"]), "coach") == []


def test_a_run_that_was_cut_short_goes_on(
    found: list[Practice], lifter: LoadedLifter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    films = Films(found, lifter, Kept(tmp_path), done.append)
    first = films.run()
    assert len(done) == 6
    assert first["students"] == 2
    assert first["swapped_in"][TRUE_JOINTS]["recall"]["all"]["value"] == 1.0
    assert first["perfect_by_yaw"]["15 to 30"]["count"] == 0
    told = markdown({"machine": "", "split": "dev", "tiers": {"T2": first}, "left_out": {}})
    assert "| recall at 20 degrees | >= .80 |" in told
    monkeypatch.setattr("scripts.cue_scores.films_tier.watched", None)
    again = films.run()
    assert again == first
    # another body, another result
    other = [replace(one, digest="another") for one in found]
    with pytest.raises(TypeError):
        Films(other, lifter, Kept(tmp_path), done.append).run()
