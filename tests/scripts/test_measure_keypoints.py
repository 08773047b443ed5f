"""What is said of a detector's answers: how often, how far off, and on which side."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.films import ScriptedEngines
from support.stick_figure import ARMS_OUT, joints_of, keypoints_of

from coach_server.body.skeleton import COCO_MIRROR, JOINTS, Coco
from coach_server.errors import InputError
from coach_server.inference.protocols import Rgb
from scripts.keypoint_scores import report, sightings, stills
from scripts.keypoint_scores.films import watch
from scripts.keypoint_scores.scores import WITHIN, score
from scripts.keypoint_scores.sightings import Sightings, joined
from scripts.studio.asanas import ASANAS
from scripts.studio.camera import Camera
from scripts.studio.truth_file import FilmTruth, Hold, Pinhole, Tracks
from scripts.studio.visibility import HIDDEN, VISIBLE

pytestmark = pytest.mark.unit

FRAMES = 4
SIZE_PX = 200.0


@pytest.fixture
def exact() -> Sightings:
    """A person of 200 pixels, found in each frame exactly where they are."""
    rng = np.random.default_rng(3)
    body = rng.uniform(20.0, 180.0, (JOINTS, 2))
    body[[Coco.NOSE, Coco.LEFT_ANKLE]] = (100.0, 0.0), (100.0, SIZE_PX)
    keypoints = np.tile(body + 100.0, (FRAMES, 1, 1)).astype(np.float32)
    everywhere = np.ones(FRAMES, np.bool_)
    return Sightings(
        pose=np.array(["mountain", "mountain", "plank", "plank"]),
        view_deg=np.array([0, 90, 0, 90], np.int16),
        held=np.array([True, False, True, True]),
        keypoints=keypoints,
        visibility=np.full((FRAMES, JOINTS), VISIBLE, np.uint8),
        at_once=everywhere,
        found=everywhere,
        detected=keypoints.copy(),
        sure=everywhere,
        guarded=keypoints.copy(),
    )


def moved(exact: Sightings, joint: int, by_px: float) -> Sightings:
    detected = exact.detected.copy()
    detected[:, joint, 0] += by_px
    return replace(exact, detected=detected)


def lost(exact: Sightings, *frames: int) -> Sightings:
    found, detected = exact.found.copy(), exact.detected.copy()
    found[list(frames)] = False
    detected[list(frames)] = 0.0
    return replace(exact, found=found, detected=detected)


def test_who_is_where_they_are_said_to_be_has_no_error(exact: Sightings) -> None:
    s = score(exact)
    assert (s.frames, s.at_once, s.found) == (FRAMES, FRAMES, FRAMES)
    assert (s.median_px, s.p90_px, s.limbs_px, s.median_of_size) == (0.0, 0.0, 0.0, 0.0)
    assert (s.pck, s.swapped) == (1.0, 0.0)


@pytest.mark.parametrize(("share", "right"), [(0.99, 1.0), (1.01, 16 / 17)])
def test_a_tenth_of_the_size_is_right_and_no_more(
    exact: Sightings, share: float, right: float
) -> None:
    off = moved(exact, Coco.LEFT_WRIST, share * WITHIN * SIZE_PX)
    assert score(off).pck == pytest.approx(right)


def test_error_is_told_in_pixels_and_as_a_share_of_the_size(exact: Sightings) -> None:
    off = replace(exact, detected=exact.detected + np.array((3.0, 4.0), np.float32))
    s = score(off)
    assert s.median_px == pytest.approx(5.0, abs=1e-4)
    assert s.limbs_px == pytest.approx(5.0, abs=1e-4)
    assert s.median_of_size == pytest.approx(5.0 / SIZE_PX, abs=1e-6)


def test_what_is_hidden_counts_among_the_limbs_alone(exact: Sightings) -> None:
    visibility = exact.visibility.copy()
    limbs = slice(Coco.LEFT_SHOULDER, Coco.RIGHT_ANKLE + 1)
    visibility[:, limbs] = HIDDEN
    detected = exact.detected.copy()
    detected[:, limbs] += 70.0
    s = score(replace(exact, visibility=visibility, detected=detected))
    assert (s.median_px, s.pck) == (0.0, 1.0)
    assert s.limbs_px == pytest.approx(70.0 * np.sqrt(2.0), abs=1e-3)


def test_frames_with_nobody_found_are_counted_and_have_no_error(exact: Sightings) -> None:
    s = score(lost(exact, 1))
    assert (s.frames, s.found, s.found_share) == (FRAMES, FRAMES - 1, 0.75)
    assert s.median_px == 0.0
    nobody = score(lost(exact, *range(FRAMES)))
    assert nobody.found == 0
    assert np.isnan([nobody.median_px, nobody.pck, nobody.swapped]).all()


@pytest.mark.parametrize("limbs", [slice(5, 11), slice(11, 17)], ids=["arms", "legs"])
def test_exchanged_limbs_are_swapped(exact: Sightings, limbs: slice) -> None:
    detected = exact.detected.copy()
    detected[1, limbs] = exact.detected[1, list(COCO_MIRROR)][limbs]
    assert score(replace(exact, detected=detected)).swapped == 1 / FRAMES


def test_sides_that_coincide_are_not_swapped(exact: Sightings) -> None:
    flat = exact.keypoints.copy()
    flat[:, Coco.RIGHT_SHOULDER :: 2] = flat[:, Coco.LEFT_SHOULDER :: 2] + 4.0
    seen = replace(exact, keypoints=flat, detected=flat[:, list(COCO_MIRROR)])
    assert score(seen).swapped == 0.0


def test_after_the_guard_only_what_is_sure_counts(exact: Sightings) -> None:
    detected = exact.detected + 50.0
    sure = np.array([True, True, False, True])
    seen = replace(exact, detected=detected, sure=sure)
    assert score(seen.after_guard()).found == 3
    assert score(seen.after_guard()).median_px == 0.0
    assert score(seen).median_px > 50.0


def test_answers_are_kept_as_they_were(exact: Sightings, tmp_path: Path) -> None:
    sightings.write(tmp_path / "a.npz", lost(exact, 2))
    kept = joined([sightings.read(tmp_path / "a.npz"), exact])
    assert list(kept.found) == [True, True, False, *[True] * 5]
    assert kept.group.tolist() == ["standing", "standing", "prone", "prone"] * 2
    np.testing.assert_array_equal(kept.keypoints[:FRAMES], exact.keypoints)


def test_stills_show_every_pose_from_every_side_by_different_bodies() -> None:
    planned = stills.all_stills()
    assert len({still.number for still in planned}) == len(planned) >= 200
    for pose in ASANAS:
        for view in stills.VIEWS_DEG:
            bodies = [s.body for s in planned if (s.pose, s.view_deg) == (pose, view)]
            assert len(set(bodies)) == len(bodies) == stills.BODIES_A_VIEW


def test_the_report_names_what_fails_and_why(exact: Sightings) -> None:
    section = report.stills_section(lost(exact, 2), {"plank": "It lies."})
    assert "| plank | 0°: 1 of 1 not found | It lies. |" in section
    assert "| mountain |" not in section
    assert "| **all** | 4 | 75 % | 0.0 |" in section


def test_the_report_of_films_tells_of_held_poses_that_fail(exact: Sightings) -> None:
    moving = report.films_section({"flow": lost(exact, 1)}, {})
    assert "| mountain |" not in moving
    held = report.films_section({"flow": lost(exact, 2)}, {})
    assert f"| plank | 2 | 50 % | 100 % | 0 % | 100 % | {report.UNSEEN} |" in held
    unsure = replace(exact, sure=np.array([True, True, False, True]))
    silent = report.films_section({"flow": unsure}, {"plank": "It turns."})
    assert "| plank | 2 | 100 % | 100 % | 0 % | 50 % | It turns. |" in silent


@pytest.fixture
def standing() -> FilmTruth:
    """A film of a stick figure in three frames, the middle one of a hold."""
    joints = joints_of(ARMS_OUT)
    keypoints = keypoints_of(joints).pixels[:, :2]
    hold = Hold("mountain", "Mountain pose", "Tadasana", 0.1, 0.2, 0.1, 0.2)
    return FilmTruth(
        name="flow.right",
        split="dev",
        source="routine",
        title="flow",
        role="right",
        seed=(1,),
        fps=15,
        pinhole=Pinhole.of(Camera(yaw_deg=20.0)),
        holds=(hold,),
        faults=(),
        mishaps=(),
        fidgets=(),
        tracks=Tracks(
            time_s=np.array([0.0, 1 / 15, 2 / 15], np.float32),
            world=np.tile(joints, (3, 1, 1)),
            camera=np.tile(joints, (3, 1, 1)),
            keypoints=np.tile(keypoints, (3, 1, 1)),
            visibility=np.full((3, JOINTS), VISIBLE, np.uint8),
            angles=np.zeros((3, 17), np.float32),
            hold=np.zeros(3, np.int16),
            phase=np.array([0, 1, 0], np.uint8),
            fault=np.full(3, -1, np.int16),
        ),
    )


def pictures(count: int) -> list[Rgb]:
    return [np.zeros((480, 640, 3), np.uint8)] * count


def test_a_film_is_watched_frame_by_frame(standing: FilmTruth) -> None:
    answers = np.tile(joints_of(ARMS_OUT), (3, 1, 1))
    answers[2] = np.nan
    seen = watch(standing, pictures(3), ScriptedEngines(answers))
    assert seen.found.tolist() == seen.sure.tolist() == [True, True, False]
    assert seen.held.tolist() == [False, True, False]
    assert seen.view_deg.tolist() == [20, 20, 20]
    assert score(seen).median_px == score(seen.after_guard()).median_px == 0.0


def test_exchanged_arms_of_a_film_are_repaired_by_the_guard(standing: FilmTruth) -> None:
    answers = np.tile(joints_of(ARMS_OUT), (3, 1, 1))
    arms, others = list(range(11, 17)), [14, 15, 16, 11, 12, 13]
    answers[1, arms] = answers[1, others]
    seen = watch(standing, pictures(3), ScriptedEngines(answers))
    assert score(seen).swapped == pytest.approx(1 / 3)
    assert score(seen.after_guard()).swapped == 0.0


@pytest.mark.parametrize("count", [2, 4])
def test_a_film_that_is_not_as_long_as_its_truth_is_refused(
    standing: FilmTruth, count: int
) -> None:
    engines = ScriptedEngines(np.tile(joints_of(ARMS_OUT), (3, 1, 1)))
    with pytest.raises(InputError, match="3 frames"):
        watch(standing, pictures(count), engines)
