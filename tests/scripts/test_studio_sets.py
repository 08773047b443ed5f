"""The sets for benchmarks: what they are made of, that they cover the catalogue, and resuming."""

from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from coach_server.body.angles import Angle
from coach_server.errors import InputError
from scripts.build_sets import folder_of, show
from scripts.studio.asanas import ASANAS
from scripts.studio.draws import split_of
from scripts.studio.faults import KINDS, Fault, place_wrong
from scripts.studio.footwork import place
from scripts.studio.mishaps import MishapKind
from scripts.studio.posing import Poser
from scripts.studio.routine import DEMO, Routine
from scripts.studio.set_faults import (
    SHORTEST_S,
    SIZES_DEG,
    Wanted,
    carries,
    choose_faults,
    choose_mishaps,
    wanted_faults,
)
from scripts.studio.set_films import Plan, casting_of, plan_set, shoot
from scripts.studio.sets import SUBJECTS_OF, Film, SetName, films_of, mixed_routine
from scripts.studio.stance import LEFT, RIGHT
from scripts.studio.truth_file import PHASES, read

pytestmark = pytest.mark.film

SEED = 4
SETS: tuple[SetName, ...] = ("dev", "val")
WAYS = 34
"""Seventeen angles, each more and less."""


def way(fault: Fault | Wanted) -> tuple[str, int]:
    return fault.kind, fault.side


def test_sets_share_no_routine_no_seed_and_no_subject() -> None:
    dev, val = (films_of(split, SEED, None) for split in SETS)
    assert not {film.title for film in dev} & {film.title for film in val}
    assert not {film.routine for film in dev} & {film.routine for film in val}
    assert not {film.seed for film in dev} & {film.seed for film in val}
    assert len(set(SUBJECTS_OF.values()) - {"train"}) == len(SETS)
    for films in (dev, val):
        assert len({film.name for film in films}) == len(films)
        assert len({film.seed for film in films}) == len(films)
        assert {film.wide for film in films if film.role == "right"} == {False, True}
        for film in films:
            assert split_of(casting_of(film).shape) == film.split


def test_instructors_lead_and_are_filmed_from_the_front() -> None:
    for film in films_of("dev", SEED, None):
        casting = casting_of(film)
        if film.role == "instructor":
            assert casting.camera.yaw_deg == 0.0
            assert (casting.manner.lag_s, casting.manner.tempo) == (0.0, 1.0)
        else:
            assert casting.manner.lag_s > 0.0
        assert (film.role == "mishaps") == bool(casting.manner.mishaps)


def test_mixed_routines_are_seeded_and_have_every_pose_once() -> None:
    first, again, other = (mixed_routine(np.random.default_rng(s), "Mixed") for s in (1, 1, 2))
    assert first == again != other
    poses = [beat.pose for beat in first.beats]
    assert len(set(poses)) == len(poses)
    assert first.spans()[-1].end_s > 120.0


def test_every_quarter_of_what_is_wanted_has_every_angle_both_ways() -> None:
    wanted = wanted_faults(np.random.default_rng(SEED))
    assert len(set(wanted)) == len(wanted) == WAYS * len(SIZES_DEG)
    for i in range(0, len(wanted), WAYS):
        assert len({way(wish) for wish in wanted[i : i + WAYS]}) == WAYS
        assert {wish.degrees for wish in wanted[i : i + WAYS]} == set(SIZES_DEG)
    told = {(Fault(0, w.kind, w.side, w.degrees).angle, KINDS[w.kind].sign) for w in wanted}
    assert told == {(angle, sign) for angle in Angle for sign in (1, -1)}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("split", SETS)
def test_films_of_a_set_show_every_angle_both_ways(split: SetName, poser: Poser) -> None:
    left = wanted_faults(np.random.default_rng(SEED))[:WAYS]
    shown = set()
    for film in films_of(split, SEED, None):
        if film.role != "faults" or film.routine is None or not left:
            continue
        rng = np.random.default_rng(film.seed)
        faults, left = choose_faults(left, film.routine, poser, rng)
        beats = [fault.beat for fault in faults]
        assert np.all(np.diff(beats) > 1)
        for fault in faults:
            beat = film.routine.beats[fault.beat]
            assert beat.hold_s >= SHORTEST_S
            assert fault.mended_s is None or fault.mended_s < beat.hold_s
            assert not carries(beat.asana, fault)
        shown |= {way(fault) for fault in faults}
    assert len(shown) == WAYS


def test_chosen_faults_can_be_done(poser: Poser) -> None:
    wanted = wanted_faults(np.random.default_rng(SEED))
    faults, left = choose_faults(wanted, DEMO, poser, np.random.default_rng(1))
    assert len(faults) + len(left) == len(wanted)
    assert len(faults) == 5  # of thirteen beats, the first left out, no two in a row
    for fault in faults:
        before = None
        for beat in DEMO.beats[: fault.beat]:
            before = place(poser, beat.asana, before)
        _, off = place_wrong(poser, DEMO.beats[fault.beat].asana, fault, before)
        assert abs(off[fault.angle]) == pytest.approx(fault.degrees, abs=0.5)


def test_limbs_that_carry_are_not_wrong_by_themselves() -> None:
    plank, dog = ASANAS["plank"], ASANAS["three_legged_dog_left"]
    assert carries(plank, Fault(1, "elbow_flexion_more", LEFT, 20.0))
    assert carries(plank, Fault(1, "trunk_forward_more", LEFT, 20.0))
    assert not carries(plank, Fault(1, "neck_forward_more", LEFT, 20.0))
    assert {carries(dog, Fault(1, "knee_flexion_more", side, 20.0)) for side in (LEFT, RIGHT)} == {
        False,
        True,
    }


def test_mishaps_are_of_all_kinds_and_apart() -> None:
    kinds = set()
    for film in films_of("dev", SEED, None):
        if film.role == "mishaps" and film.routine is not None:
            mishaps = choose_mishaps(film.routine, np.random.default_rng(film.seed))
            assert len(mishaps) == 4
            assert len({mishap.kind for mishap in mishaps}) == 4
            assert np.all(np.diff([mishap.beat for mishap in mishaps]) > 1)
            kinds |= {mishap.kind for mishap in mishaps}
    assert kinds == set(MishapKind)


def test_what_would_be_made_is_shown(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    show(list(films_of("val", SEED, None, quick=True)), fps=2)
    told = capsys.readouterr().out
    assert "balance_set.instructor" in told
    assert "4 films" in told
    assert folder_of(tmp_path, "val", SEED) != folder_of(tmp_path, "val", SEED, quick=True)


@pytest.fixture
def brief() -> Film:
    """A film of some seconds, with a fault."""
    film = next(film for film in films_of("dev", SEED, None, quick=True) if film.role == "faults")
    return replace(film, routine=Routine("Brief", DEMO.beats[:3]))


def plan(film: Film, folder: Path, body_folder: Path) -> Plan:
    folder.mkdir(exist_ok=True)
    return plan_set("dev", SEED, 2, [film], folder, body_folder)


def make(film: Film, folder: Path, body_folder: Path) -> list[bytes]:
    planned, times = plan(film, folder, body_folder), count()
    if planned.missing(folder) == [film]:
        faults = planned.faults[film.name]
        shoot(film, faults, 2, folder, body_folder, None, lambda: next(times))
        assert next(times) == len(read(folder / f"{film.name}.json").tracks.time_s)
    return [(folder / f"{film.name}.{suffix}").read_bytes() for suffix in ("mp4", "npz", "json")]


def test_a_resumed_build_makes_the_same_files(
    brief: Film, tmp_path: Path, body_folder: Path
) -> None:
    try:
        first = make(brief, tmp_path / "one", body_folder)
    except InputError as error:
        pytest.skip(f"no EGL: {error.message}")
    (tmp_path / "one" / f"{brief.name}.json").unlink()
    (tmp_path / "one" / f"{brief.name}.mp4").write_bytes(first[0][:1000])  # as if it was stopped
    assert plan(brief, tmp_path / "one", body_folder).missing(tmp_path / "one") == [brief]
    assert make(brief, tmp_path / "one", body_folder) == first
    assert plan(brief, tmp_path / "one", body_folder).missing(tmp_path / "one") == []

    truth = read(tmp_path / "one" / f"{brief.name}.json")
    assert [held.pose for held in truth.holds] == [beat.pose for beat in DEMO.beats[:3]]
    (fault,) = truth.faults
    assert abs(fault.deviation_deg) in SIZES_DEG
    off = truth.tracks.fault == 0
    assert off.any()
    assert (truth.tracks.phase[off] == PHASES.index("hold")).all()
    assert (truth.pinhole.width, truth.pinhole.height) == ((640, 360) if brief.wide else (640, 480))

    with pytest.raises(InputError, match="another set"):
        plan_set("dev", SEED + 1, 2, [brief], tmp_path / "one", body_folder)
