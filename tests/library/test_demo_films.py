"""The shipped demo, from pixels to cues, with real weights: what is known to be wrong is named."""

import json
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.kept_cues import keep

from coach_server.coaching.cue import CueEvent, CueState
from coach_server.inference.engines import Engines
from coach_server.library.demo import demo_folder
from coach_server.library.prepare import is_stale
from coach_server.library.replay import replay
from coach_server.library.store import StoredRoutine
from coach_server.library.tracking import track_film

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

DEMO = demo_folder().parent
TRUTH: dict[str, Any] = json.loads((DEMO / "truth.json").read_text())


def cues_of(student: str, engines: Engines) -> list[CueEvent]:
    routine = StoredRoutine(demo_folder()).load()
    return list(replay(routine, DEMO / f"student_{student}.mp4", engines))


@pytest.fixture(scope="module")
def faulty(engines: Engines) -> list[CueEvent]:
    cues = cues_of("faults", engines)
    keep("faults", cues)
    return cues


def test_the_shipped_routine_is_of_the_default_engines(engines: Engines) -> None:
    assert not is_stale(StoredRoutine(demo_folder()), engines)


def test_the_shipped_track_is_what_the_engines_say(engines: Engines) -> None:
    shipped = StoredRoutine(demo_folder())
    track = track_film(shipped.video, engines.new_detector(), engines.new_lifter())
    difference = np.linalg.norm(track.joints - shipped.load().track.joints, axis=-1)
    assert np.quantile(difference, 0.99) < 0.01  # metres: other processors round otherwise


def test_the_holds_are_those_that_were_rendered() -> None:
    found = StoredRoutine(demo_folder()).load().holds
    truth = TRUTH["instructor"]["holds"]
    assert len(found) == len(truth)
    for hold, known in zip(found, truth, strict=True):
        assert hold.start_s == pytest.approx(known["start"], abs=0.4)
        assert hold.end_s == pytest.approx(known["end"], abs=0.6)


def test_the_right_student_hears_nothing(engines: Engines) -> None:
    assert cues_of("right", engines) == []


def test_each_fault_raises_its_own_cue_and_no_other(faulty: list[CueEvent]) -> None:
    raised = [cue for cue in faulty if cue.state is CueState.RAISED]
    named = [(cue.joint, cue.side, cue.direction) for cue in raised]
    faults = TRUTH["student_faults"]["faults"]
    assert named == [(fault["joint"], fault["side"], fault["direction"]) for fault in faults]
    for cue, fault in zip(raised, faults, strict=True):
        assert fault["start"] < cue.t < fault["start"] + 2.5
        assert np.sign(cue.deviation_deg) == np.sign(fault["deviation_deg"])
        assert abs(cue.deviation_deg - fault["deviation_deg"]) < 15


def test_the_mended_fault_is_acknowledged(faulty: list[CueEvent]) -> None:
    mended = [fault for fault in TRUTH["student_faults"]["faults"] if fault["mended"]]
    fixed = [cue for cue in faulty if cue.state is CueState.FIXED]
    assert [cue.joint for cue in fixed] == [fault["joint"] for fault in mended]
    for cue, fault in zip(fixed, mended, strict=True):
        assert fault["mended"] - 0.5 < cue.t < fault["mended"] + 1.5


def test_the_same_film_gives_the_same_bytes(engines: Engines, faulty: list[CueEvent]) -> None:
    """To the second cue: a figure that differed once would differ in its deviation."""
    routine = StoredRoutine(demo_folder()).load()
    again = list(islice(replay(routine, DEMO / "student_faults.mp4", engines), 2))
    assert [cue.as_dict() for cue in again] == [cue.as_dict() for cue in faulty[:2]]
    assert len(again) == 2


def test_the_films_stay_small() -> None:
    films: list[Path] = [*DEMO.glob("*.mp4"), *DEMO.glob("routine/*.mp4")]
    assert len(films) >= 3
    assert {film.name: film.stat().st_size for film in films if film.stat().st_size > 2e6} == {}
