"""Films of real people become routines, with real weights; skipped where the clips are not here."""

from pathlib import Path

import numpy as np
import pytest

from coach_server.inference.engines import Engines
from coach_server.library.prepare import prepare_routine
from coach_server.library.store import RoutineLibrary, StoredRoutine
from coach_server.library.track_file import load_track

pytestmark = pytest.mark.engine


def prepared(film: Path, engines: Engines, folder: Path) -> StoredRoutine:
    library = RoutineLibrary.of(folder)
    return library.open(prepare_routine(library, film, engines, title=film.stem))


def test_three_squats_are_three(shared_clips: Path, engines: Engines, tmp_path: Path) -> None:
    stored = prepared(shared_clips / "squat_tfjs.mp4", engines, tmp_path)
    track = load_track(stored.track)
    assert track.image_size == (720, 1280)
    assert track.present.all()
    (repeated,) = (s for s in stored.meta.segments if s.kind == "repetitions")
    assert repeated.count == 3
    assert repeated.start_s < 1.5
    assert repeated.end_s > 11.0
    (warning,) = stored.meta.warnings  # it has five pictures a second
    assert (warning.code, warning.spans) == ("low_rate", ())


def test_one_raise_of_the_arms_is_none_repeated(
    shared_clips: Path, engines: Engines, tmp_path: Path
) -> None:
    stored = prepared(shared_clips / "raise_tfjs.mp4", engines, tmp_path)
    track = load_track(stored.track)
    assert track.present.mean() > 0.95
    assert np.isfinite(track.joints[track.present]).all()
    assert all(segment.kind != "repetitions" for segment in stored.meta.segments)
    assert stored.meta.duration_s == pytest.approx(4.0, abs=0.1)
    assert stored.meta.warnings == ()
    assert stored.poster.stat().st_size > 1000
