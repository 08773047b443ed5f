"""The film that a comparison draws plays in a browser, to its end and in its own time."""

from pathlib import Path

import numpy as np
import pytest
from browser.chromium import chromium
from support.films import ScriptedEngines
from support.stick_figure import ARMS_OUT, ARMS_UP, Limbs, track_of

from coach_server.library.comparisons import compare_films
from coach_server.library.track_file import save_track

pytestmark = pytest.mark.browser

FPS = 10.0


def test_the_overlay_plays(tmp_path: Path, executable: str) -> None:
    for name, pose in (("instructor", ARMS_OUT), ("student", ARMS_UP)):
        track = track_of([(Limbs(), 0.0, 0.8), (pose, 0.6, 0.6)], fps=FPS)
        save_track(track, tmp_path / f"{name}.npz")
    nobody = ScriptedEngines(np.zeros((0, 17, 3), np.float32))
    compare_films(tmp_path / "instructor.npz", tmp_path / "student.npz", nobody, tmp_path)
    with chromium(executable) as context:
        page = context.pages[0]
        page.goto((tmp_path / "overlay.mp4").as_uri())
        page.wait_for_function("() => document.querySelector('video').ended", timeout=30_000)
        told = page.evaluate(
            """() => {
                const film = document.querySelector('video');
                return [film.videoWidth, film.videoHeight, film.duration, film.error];
            }"""
        )
    assert told[:2] == [1280, 720]
    assert told[2] == pytest.approx(2.0, abs=0.15)
    assert told[3] is None
