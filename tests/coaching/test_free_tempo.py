"""A student in their own time: they stop, slow down, hurry and skip, and the film waits."""

import numpy as np
import pytest
from support.practice import FPS, POSES, ROUTINE
from support.stick_figure import Limbs, joints_of

from coach_server.body.registration import limb_directions
from coach_server.coaching.alignment import distances_deg
from coach_server.coaching.free_tempo import BEHIND_S, FreeTempo

pytestmark = pytest.mark.unit

JOINTS = ROUTINE.track.joints
GRID = ROUTINE.resampled


def follow(rows: np.ndarray, player_t: np.ndarray | None = None) -> tuple[np.ndarray, list[bool]]:
    """Where a student is taken to be who is at these rows of the track, frame by frame."""
    tempo = FreeTempo(GRID)
    places, waits = [], []
    for i, row in enumerate(rows):
        row = int(row)
        at = i / FPS if player_t is None else float(player_t[i])
        still = bool(GRID.hold[row] >= 0)
        match = tempo.step(limb_directions(JOINTS[row]), i / FPS, at, still=still)
        assert match is not None
        places.append(match.routine_t)
        waits.append(tempo.waits)
    return np.array(places), waits


def moving(rows: np.ndarray) -> np.ndarray:
    return np.asarray(GRID.hold[rows] < 0)


@pytest.mark.parametrize("pace", [0.6, 1.0, 1.4])
def test_any_pace_is_followed(pace: float) -> None:
    rows = (np.arange((len(JOINTS) - 1) / pace) * pace).astype(int)
    places, _ = follow(rows)
    off = np.abs(places - rows / FPS)[moving(rows)]
    assert np.median(off) < 0.12
    assert np.percentile(off, 90) < 0.5


def test_it_is_as_near_as_warping_with_all_of_time_at_hand() -> None:
    """The oracle sees the whole practice (dynamic time warping, Sakoe and Chiba 1978)."""
    rng = np.random.default_rng(3)
    paces = np.repeat(rng.uniform(0.5, 1.6, 40), 30)
    rows = np.cumsum(paces)
    rows = rows[rows < len(JOINTS) - 1].astype(int)
    places, _ = follow(rows)
    step = 5
    costs = np.stack(
        [distances_deg(GRID.directions[::step], limb_directions(JOINTS[r])) for r in rows[::step]]
    )
    total = np.full(costs.shape, np.inf)
    total[0, 0] = costs[0, 0]
    for i in range(1, len(costs)):
        for j in range(costs.shape[1]):
            before = total[i - 1, max(j - 3, 0) : j + 1].min()
            total[i, j] = costs[i, j] + before
    way = [int(np.argmin(total[-1]))]
    for i in range(len(costs) - 2, -1, -1):
        j = way[-1]
        way.append(max(j - 3, 0) + int(np.argmin(total[i, max(j - 3, 0) : j + 1])))
    oracle = np.array(way[::-1]) * step / FPS
    on_the_way = moving(rows)[::step]
    ours, best = (
        np.abs(seen - rows[::step] / FPS)[on_the_way].mean() for seen in (places[::step], oracle)
    )
    assert ours < best + 0.15


def test_who_stops_on_the_way_is_waited_for_there() -> None:
    stop = round(10.2 * FPS)  # in the middle of the way into the warrior
    rows = np.concatenate([np.arange(stop), np.full(150, stop), np.arange(stop, stop + 90)])
    places, _ = follow(rows)
    assert np.abs(places[stop + 20 : stop + 140] - stop / FPS).max() < 0.4
    assert np.abs(places[-20:] - rows[-20:] / FPS).max() < 0.4


def test_who_skips_a_pose_is_found_again_within_four_seconds() -> None:
    skip_from, skip_to = round(6.0 * FPS), round(19.5 * FPS)
    rows = np.concatenate([np.arange(skip_from), np.arange(skip_to, len(JOINTS))])
    places, _ = follow(rows, rows / FPS)
    taken_for = GRID.hold[np.round(places[skip_from:] * FPS).astype(int)]
    done = GRID.hold[rows[skip_from:]]
    right = taken_for == done
    assert right[round(4.0 * FPS) : np.flatnonzero(done == 3)[-1]].all()
    assert not right[0]  # it is looked for, not known


def test_the_film_waits_for_who_is_behind_and_goes_on_when_they_come() -> None:
    stop = round(10.2 * FPS)
    rows = np.concatenate([np.arange(stop), np.full(90, stop)])
    player = np.arange(len(rows)) / FPS
    _, waits = follow(rows, player)
    assert not any(waits[:stop])
    began = waits.index(True)
    assert player[began] - stop / FPS == pytest.approx(BEHIND_S, abs=0.3)
    held = np.concatenate([player[: began + 1], np.full(90, player[began])])
    comes = np.concatenate([rows[: began + 1], stop + np.arange(90)])
    _, waits = follow(comes, held)
    assert not waits[-1]


def test_who_does_something_else_is_lost_and_not_taken_anywhere() -> None:
    tempo = FreeTempo(GRID)
    for i in range(60):
        tempo.step(limb_directions(JOINTS[i]), i / FPS, i / FPS, still=True)
    away = limb_directions(joints_of(Limbs(trunk_forward=85.0, shoulder=(160.0, 20.0))))
    for i in range(60, 240):
        match = tempo.step(away, i / FPS, 2.0, still=True)
    assert match is not None
    assert match.distance_deg > 20
    assert match.routine_t < POSES[0][2] + 4.0  # frozen where it was, give or take the band
