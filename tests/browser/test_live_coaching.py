"""The main job, end to end: a student before a camera is coached through the whole routine."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from browser.chromium import OpenPage
from browser.conftest import DEMO, LEAD_S
from browser.practice_page import COUNTDOWN_S, PracticePage, after, noted, until
from browser.server_process import ServerProcess
from browser.witness import SCRIPT, Witness
from playwright.sync_api import Page
from support.kept_cues import kept

from coach_server.coaching.wording.english import WORDS
from coach_server.inference.engines import Engines
from coach_server.library.demo import demo_folder
from coach_server.library.replay import replay
from coach_server.library.store import StoredRoutine

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.timeout(900)]

SUMMARY_TIMEOUT_MS: Final = 120_000
START_MS: Final = (LEAD_S - COUNTDOWN_S) * 1000
"""From the camera's opening to the countdown."""

IN_FLIGHT: Final = 15
"""Frames that may be on their way when the page leaves, or be sent after the last look at it."""


@dataclass(frozen=True, slots=True)
class Practice:
    """A whole routine as practised."""

    witness: Witness
    report: dict[str, Any]


def practise(page: Page, server: ServerProcess, screenshots: Path, name: str) -> Practice:
    """Go through the routine with the film in the camera in step with the instructor."""
    judged_before = server.metric('coach_frames_total{fate="judged"}')
    practice = PracticePage(page)
    practice.meet(server.address)
    # The camera's film begins with the camera; the instructor is to begin with its lead's end.
    left = page.evaluate("window.witness.cameraAt - performance.now()") + START_MS
    assert left > 0
    page.wait_for_timeout(left)
    practice.start()
    _picture_of_first_cue(page, screenshots / f"practice-{name}.png")
    practice.stage("summary", timeout_ms=SUMMARY_TIMEOUT_MS)
    while server.metric("coach_sessions") > 0:
        time.sleep(0.05)
    judged = server.metric('coach_frames_total{fate="judged"}')
    report = server.get_json(f"/api/sessions/{practice.session}/report")
    assert judged - judged_before == report["frames"]["judged"]
    return Practice(Witness.of(page), report)


def _picture_of_first_cue(page: Page, path: Path) -> None:
    page.wait_for_selector("#band[data-tone=correct], body[data-stage=summary]", timeout=90_000)
    page.wait_for_timeout(400)
    page.screenshot(path=path)


def check_frames(practice: Practice) -> None:
    """Poses kept coming, the size stayed, and nothing was lost uncounted."""
    frames, witness = practice.report["frames"], practice.witness
    fates = frames["judged"] + frames["replaced"] + frames["late"] + frames["failed"]
    assert frames["failed"] == 0
    assert abs(frames["received"] - fates) <= 1  # the one being judged when the page left
    assert frames["still"] > 0.1 * frames["judged"]  # the student holds, and a third is read
    assert frames["poses_sent"] + frames["poses_skipped"] == frames["judged"]
    assert abs(witness.sent - frames["received"] - frames["undecoded"]) <= IN_FLIGHT
    assert len(witness.poses) >= 0.97 * frames["poses_sent"]  # the channel may lose some
    assert witness.longest_gap_ms() < 2000
    assert set(witness.sizes) == {(640, 480)}


def told(cues: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    """What the student was told, in order."""
    return [(cue["joint"], cue["side"], cue["direction"], cue["state"]) for cue in cues]


def replayed(student: str, engines: Engines) -> list[dict[str, Any]]:
    """The cues of the same film without the live path."""
    cues = kept(student)
    if cues is None:
        routine = StoredRoutine(demo_folder()).load()
        film = DEMO / f"student_{student}.mp4"
        cues = [cue.as_dict() for cue in replay(routine, film, engines)]
    return cues


def test_each_fault_raises_its_cue_and_mended_ones_are_praised(
    coach: ServerProcess,
    open_page: OpenPage,
    faulty_camera: Path,
    screenshots: Path,
    engines: Engines,
) -> None:
    faults = json.loads((DEMO / "truth.json").read_text())["student_faults"]["faults"]
    with open_page(coach, init=SCRIPT, camera=faulty_camera) as page:
        practice = practise(page, coach, screenshots, "faults")
        page.screenshot(path=screenshots / "summary-faults.png")
    check_frames(practice)
    cues = practice.report["cues"]
    raised = [cue for cue in cues if cue["state"] == "raised"]
    fixed = {cue["id"] for cue in cues if cue["state"] == "fixed"}
    assert [(cue["joint"], cue["side"], cue["direction"]) for cue in raised] == [
        (fault["joint"], fault["side"], fault["direction"]) for fault in faults
    ]
    for cue, fault in zip(raised, faults, strict=True):
        if fault["mended"] is not None:
            assert cue["id"] in fixed
    assert told(cues) == told(replayed("faults", engines))
    assert practice.witness.cues == [
        {"v": 1, "type": "cue", **cue} for cue in practice.report["cues"]
    ]


def test_the_student_who_is_right_hears_nothing(
    coach: ServerProcess, open_page: OpenPage, right_camera: Path, screenshots: Path
) -> None:
    with open_page(coach, init=SCRIPT, camera=right_camera) as page:
        practice = practise(page, coach, screenshots, "right")
        page.screenshot(path=screenshots / "summary-right.png")
        verdict = page.inner_text("#summary-verdict")
    check_frames(practice)
    assert practice.report["cues"] == []
    assert verdict.startswith("Nothing to correct, from beginning to end.")


def test_who_raises_both_arms_starts_the_film(
    coach: ServerProcess, open_page: OpenPage, right_camera: Path
) -> None:
    """The routine's second pose, an upward salute, as the coach's own eyes see it."""
    with open_page(coach, camera=right_camera) as page:
        practice = PracticePage(page)
        practice.meet(coach.address)
        practice.stage("countdown", timeout_ms=60_000)


def test_the_demo_is_coached_on_a_machine_without_a_webcam(
    coach: ServerProcess, open_page: OpenPage, screenshots: Path
) -> None:
    with open_page(coach, init=SCRIPT) as page:
        practice = PracticePage(page)
        practice.meet(coach.address, "routine=demo&camera=demo-faults")
        lines = noted(page, "#band")
        practice.start()
        cue = practice.tone("correct", timeout_ms=60_000)
        assert "right arm" in cue
        page.wait_for_timeout(600)
        page.screenshot(path=screenshots / "demo.png")
        until(page, lambda: set(WORDS.praise) & set(after(cue, lines())))
        witness = Witness.of(page)
    assert set(witness.sizes) == {(640, 480)}
    assert any(found for *_, found in witness.poses)
