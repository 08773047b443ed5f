"""Stick figures that practise: a routine, and students who follow it each in their own way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np

from coach_server.body.keypoints import FloatArray
from coach_server.body.pose import Pose
from coach_server.body.registration import mirrored_joints
from coach_server.coaching.choices import USUAL, Choices
from coach_server.coaching.coach import Coach, Judgement
from coach_server.coaching.cue import CueEvent
from coach_server.coaching.holds import find_holds
from coach_server.coaching.player import PlayerClock
from coach_server.coaching.routine import Routine
from support.stick_figure import ARMS_OUT, ARMS_UP, WARRIOR, Limbs, keypoints_of, track_of

Poses: TypeAlias = Sequence[tuple[Limbs, float, float]]
"""(pose, seconds to get there, seconds held)."""

FPS: Final = 30.0
SIGMA_M: Final = 0.004
"""What the figures' joints are said to be sure to."""
POSES: Final[list[tuple[Limbs, float, float]]] = [
    (Limbs(), 0.0, 3.0),
    (ARMS_OUT, 1.5, 5.0),
    (WARRIOR, 2.0, 6.0),
    (ARMS_UP, 2.0, 5.0),
    (Limbs(), 1.5, 2.0),
]


def routine_of(poses: Poses, fps: float = FPS) -> Routine:
    """A routine of which a figure is the instructor."""
    track = track_of(list(poses), fps=fps)
    track = replace(track, joints_sigma=np.full_like(track.joints, SIGMA_M))
    return Routine(track, find_holds(track))


ROUTINE: Final = routine_of(POSES)


def with_fault(index: int, fault: Limbs) -> list[tuple[Limbs, float, float]]:
    """`POSES` with another pose in one place."""
    poses = list(POSES)
    poses[index] = (fault, *poses[index][1:])
    return poses


@dataclass(frozen=True)
class Student:
    """How the student differs from the instructor."""

    lag_s: float = 0.7
    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    scale: float = 1.0
    jitter_m: float = 0.0
    stops_at_s: float = np.inf
    mirrored: bool = False
    fps: float = FPS

    def seen(self, joints: FloatArray) -> FloatArray:
        """(17, 3) joints of the figure as this student's camera has them."""
        shown = mirrored_joints(joints) if self.mirrored else joints
        yaw, pitch = np.radians([self.yaw_deg, self.pitch_deg])
        turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
        tilt = np.array(
            [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
        )
        return np.asarray(shown @ (tilt @ turn).T * self.scale, np.float32)


def practise(
    poses: Poses,
    student: Student = Student(),
    *,
    routine: Routine = ROUTINE,
    choices: Choices = USUAL,
    coach: Coach | None = None,
) -> list[Judgement]:
    """What the coach says while a student does `poses`."""
    joints = track_of(list(poses), fps=student.fps).joints
    late = round(student.lag_s * student.fps)
    joints = np.concatenate([np.repeat(joints[:1], late, axis=0), joints])
    rng = np.random.default_rng(1)
    coach = coach or Coach(routine, choices)
    clock = PlayerClock(0.0, True, 1.0, 0.0, routine.duration_s)
    heard = []
    for i, row in enumerate(joints):
        t = i / student.fps
        if t > student.stops_at_s:
            break
        here = student.seen(row)
        here += rng.normal(0, student.jitter_m, here.shape).astype(np.float32)
        pose = Pose(here, np.full((17, 3), SIGMA_M, np.float32))
        heard.append(
            coach.judge(keypoints_of(here), pose, t, clock.position(t), runs=clock.runs(t))
        )
    return heard


def events(heard: Sequence[Judgement]) -> list[CueEvent]:
    """All cue events of a practice."""
    return [event for judgement in heard for event in judgement.cues]
