"""The real application with a coach that follows a script: run as a program by the tests.

Its student stands still in the picture, or signs with the arms (`--signs`); what it says depends on
the routine's second, on how long it has looked, and on what was chosen.
"""

import argparse
import asyncio
import math
import signal
import sys
from pathlib import Path
from typing import Final

import numpy as np
from aiohttp import web

from coach_server.body.angles import Angle
from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.body.pose import Pose
from coach_server.coaching.choices import USUAL, Choices, Language, Tempo
from coach_server.coaching.cue import CueEvent, CueState, Direction, Joint, Side
from coach_server.coaching.deviation import Deviation
from coach_server.coaching.player import PlayerClock
from coach_server.coaching.report.practice import PlannedPose
from coach_server.coaching.routine import Mirror
from coach_server.coaching.silence import Silence
from coach_server.inference.batching.gathering import Counts
from coach_server.inference.protocols import (
    EngineSet,
    Frame,
    KeypointDetector,
    Lifter,
    Progress,
    frame_size,
)
from coach_server.library.demo import install_demo
from coach_server.library.store import RoutineLibrary
from coach_server.pipeline.student import FrameResult
from coach_server.sessions.coaches import Lesson, LessonMaker
from coach_server.sessions.one_process import OneProcess
from coach_server.settings import Settings
from coach_server.web.app import create_app

ENGINE: Final = {"device": "cpu", "keypoints": "scripted", "lifter": "scripted", "provider": "none"}

RAISED_S, FIXED_S, AGAIN_S = 2.0, 5.0, 12.0
"""Routine seconds at which the knee is cued, has been mended, and the arm is cued."""

WAITS_FROM_S, WAITS_FOR_S = 6.0, 10.0
"""The routine's second from which a student of free tempo is behind, and for how long."""

CALIBRATED_S, MIRRORED_S = 3.0, 3.0
"""Of looking until the stance is known; the routine's second at which the side is found out."""

SAID: Final = {
    Language.ENGLISH: (
        *("Bend your left knee more", "Good, that's it."),
        "Raise your right arm to shoulder height",
    ),
    Language.GERMAN: (
        *("Beuge dein linkes Knie mehr", "Genau so."),
        "Hebe deinen rechten Arm auf Schulterhöhe",
    ),
}

POSES: Final = (PlannedPose("Mountain pose", 0.0, 6.0), PlannedPose("Upward salute", 7.0, 30.0))
"""What the script holds; the student is in the first from the beginning, then in the second."""

STANDING: Final = np.array(
    [
        *((0.5, 0.2), (0.51, 0.19), (0.49, 0.19), (0.53, 0.2), (0.47, 0.2)),
        *((0.56, 0.32), (0.44, 0.32), (0.6, 0.44), (0.4, 0.44), (0.61, 0.55), (0.39, 0.55)),
        *((0.54, 0.56), (0.46, 0.56), (0.55, 0.74), (0.45, 0.74), (0.55, 0.92), (0.45, 0.92)),
    ],
    np.float32,
)
"""(17, 2) COCO-17, fractions of the picture."""

ARMS: Final = slice(7, 11)
"""Of COCO-17: elbows and wrists, left before right."""
ARMS_UP: Final = ((0.6, 0.2), (0.4, 0.2), (0.59, 0.06), (0.41, 0.06))
ARMS_CROSSED: Final = ((0.585, 0.44), (0.415, 0.44), (0.44, 0.37), (0.56, 0.37))

METRES: Final = 2.3
"""That the picture's height shows of the room at the student's place."""

SIGNS_FROM_S, CROSSES_AT_S, RESTS_S = 4.0, 3.0, 6.0
"""Of looking until arms are raised to start; the routine's second at which they are crossed; how
long they rest then, until they are raised to go on."""


class ScriptedCoach:
    """Cues by the clock."""

    def __init__(self, *, signs: bool = False) -> None:
        self._signs = signs
        self._rests_until_s: float | None = None
        self._told: set[float] = set()
        self._choices = USUAL
        self._behind_until = math.inf

    def configure(self, choices: Choices) -> None:
        self._choices = choices

    def close(self) -> None:
        pass

    takes_planes = False

    def step(self, frame: Frame, t: float, clock: PlayerClock | None) -> FrameResult:
        position = clock.position(t) if clock is not None else 0.0
        runs = clock is not None and clock.runs(t)
        off = runs and (RAISED_S <= position < FIXED_S or position >= AGAIN_S)
        points = np.column_stack([self._body(t, position, runs=runs), np.ones(17, np.float32)])
        return FrameResult(
            t=t,
            keypoints=Keypoints(points, points[:, 2], None, frame_size(frame)),
            pose=_in_space(points),
            routine_t=position,
            lag_s=0.0,
            deviations=_deviations(position) if off else {},
            cues=tuple(self._cues(t, position)) if runs else (),
            silence=None if runs else Silence.PAUSED,
            hold=0 if position < POSES[1].start_s else 1,
            measured=_measured(_deviations(position) if off else {}),
            wait=self._waits(t, position),
            mirrored=self._mirrored(position),
            calibrated=t > CALIBRATED_S,
        )

    def _body(self, t: float, position: float, *, runs: bool) -> FloatArray:
        """(17, 2) as `STANDING`: arms are raised while the film stands, and crossed once."""
        points = STANDING.copy()
        if not self._signs:
            return points
        if self._rests_until_s is None and not runs and position > CROSSES_AT_S:
            self._rests_until_s = t + RESTS_S
        if runs and position > CROSSES_AT_S and self._rests_until_s is None:
            points[ARMS] = ARMS_CROSSED
        if not runs and t > (self._rests_until_s or SIGNS_FROM_S):
            points[ARMS] = ARMS_UP
        return points

    def _waits(self, t: float, position: float) -> bool:
        if self._choices.tempo is not Tempo.FREE or position < WAITS_FROM_S:
            return False
        self._behind_until = min(self._behind_until, t + WAITS_FOR_S)
        return t < self._behind_until

    def _mirrored(self, position: float) -> bool:
        found = self._choices.mirror is Mirror.AUTO and position > MIRRORED_S
        return found or self._choices.mirror is Mirror.MIRRORED

    def _cues(self, t: float, position: float) -> list[CueEvent]:
        knee = (1, Joint.KNEE, Side.LEFT, Direction.BEND, -24.0)
        arm = (2, Joint.SHOULDER, Side.RIGHT, Direction.RAISE, -30.0)
        bend, good, higher = SAID.get(self._choices.language, SAID[Language.ENGLISH])
        script = (
            (RAISED_S, knee, bend, CueState.RAISED),
            (FIXED_S, knee, good, CueState.FIXED),
            (AGAIN_S, arm, higher, CueState.RAISED),
        )
        due = []
        for at_s, (number, joint, side, direction, deviation), text, state in script:
            if position >= at_s and at_s not in self._told:
                self._told.add(at_s)
                due.append(
                    CueEvent(
                        number, t, position, joint, side, direction, deviation, text, state, True
                    )
                )
        return due


def _in_space(points: FloatArray) -> Pose:
    """A flat body of (17, 3) COCO-17 keypoints."""
    flat = np.column_stack([points[:, 0] * 4 / 3, points[:, 1], np.zeros(17)]) * METRES
    hips, shoulders, nose = (flat[11] + flat[12]) / 2, (flat[5] + flat[6]) / 2, flat[0]
    middle = [(hips + shoulders) / 2, shoulders, (shoulders + nose) / 2, nose]
    joints = [hips, *flat[[12, 14, 16, 11, 13, 15]], *middle, *flat[[5, 7, 9, 6, 8, 10]]]
    return Pose((np.array(joints) - hips).astype(np.float32), np.full((17, 3), np.nan, np.float32))


def _deviations(position: float) -> dict[str, float]:
    return {"right_shoulder": -30.0} if position >= AGAIN_S else {"left_knee": -24.0}


def _measured(deviations: dict[str, float]) -> Deviation:
    degrees = np.zeros(len(Angle), np.float32)
    degrees[Angle.LEFT_KNEE_FLEXION] = deviations.get("left_knee", 0.0)
    degrees[Angle.RIGHT_SHOULDER_ELEVATION] = deviations.get("right_shoulder", 0.0)
    return Deviation(
        degrees=degrees,
        band=np.full(len(Angle), 12.0, np.float32),
        judged=np.ones(len(Angle), bool),
        far_off=np.zeros(len(Angle), bool),
    )


class NoEngines:
    """The scripted coach needs none."""

    def new_detector(self) -> KeypointDetector:
        raise AssertionError("a scripted coach asks for no engine")

    def new_lifter(self) -> Lifter:
        raise AssertionError("a scripted coach asks for no engine")

    def counts(self) -> dict[str, Counts]:
        return {}

    def close(self) -> None:
        pass

    def fingerprints(self) -> dict[str, str]:
        return {"keypoints": "scripted", "lifter": "scripted"}

    def describe(self) -> dict[str, str]:
        return ENGINE


class ScriptedLessons:
    """Lessons on whatever is asked for."""

    def __init__(self, *, signs: bool) -> None:
        self._signs = signs

    async def make(self, routine_id: str) -> Lesson:
        del routine_id
        return Lesson(
            ScriptedCoach(signs=self._signs), 60.0, ENGINE, title="Scripted routine", plan=POSES
        )


def _load(_progress: Progress) -> NoEngines:
    return NoEngines()


async def _serve(settings: Settings, *, signs: bool) -> None:
    def lessons_of(_engines: EngineSet) -> LessonMaker:
        return ScriptedLessons(signs=signs)

    library = RoutineLibrary(settings.data / "routines")
    install_demo(library)
    practices = OneProcess(settings, load=_load, lessons_of=lessons_of)
    runner = web.AppRunner(create_app(settings, practices=practices, library=library))
    await runner.setup()
    await web.TCPSite(runner, settings.host, settings.port).start()
    sys.stdout.write(f"http://{settings.host}:{runner.addresses[0][1]}/\n")
    sys.stdout.flush()
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    await told.wait()
    await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--places", type=int, default=4)
    parser.add_argument("--job-workers", type=int, default=1)
    parser.add_argument("--signs", action="store_true")
    given = parser.parse_args()
    settings = Settings(
        data=given.data,
        port=given.port,
        max_sessions=given.places,
        max_load=0.0,  # nobody is refused for the load of other tests
        job_workers=given.job_workers,
    )
    asyncio.run(_serve(settings, signs=given.signs))


if __name__ == "__main__":
    main()
