"""What trials show: routines, every fault of the catalogue from several sides, and stillness.

In still trials nothing moves but the noise of the picture.

In a trial of a fault someone holds a pose right, then has the fault; `VIEWS_DEG` are cameras that
see the very same movement. Another body does the same pose right before a camera that is straight
on: it is to the first what an instructor is to a student.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from coach_server.errors import InputError
from scripts.studio import figure
from scripts.studio.asanas import ASANAS
from scripts.studio.draws import FOUR_TO_THREE, SIXTEEN_TO_NINE, Size, draw_casting
from scripts.studio.faults import Fault, place_wrong
from scripts.studio.footwork import place
from scripts.studio.performance import MENDING_S, Manner
from scripts.studio.posing import Poser
from scripts.studio.proportions import proportioned
from scripts.studio.routine import Beat, Routine
from scripts.studio.scene import Casting
from scripts.studio.set_faults import carries, every_way
from scripts.studio.sets import NUMBER_OF, SetName, routines_of
from scripts.studio.stance import LEFT, RIGHT

SEED: Final = 2026
FPS: Final = 15
VIEWS_DEG: Final = (0.0, 15.0, 30.0, 45.0)
FAULTS_OF: Final = {"dev": 34, "val": 70}
"""Of the catalogue in a random order; 34 are each way in which a joint can be off, once."""
SIZES_DEG: Final = (12.0, 18.0, 25.0, 35.0)
ALWAYS: Final = (("chair", "knee_flexion_less", LEFT), ("chair", "knee_flexion_less", RIGHT))
ALWAYS_DEG: Final = 30.0
"""What only depth shows from the front, and every set has to have: a chair that is too shallow."""
TRIES: Final = 12
RIGHT_S, WRONG_S = 1.2, 1.5
"""A pose is held so long as it should be, and then with the fault."""
HOLD_S: Final = RIGHT_S + MENDING_S + WRONG_S
INSTRUCTOR_S: Final = 1.8
READ_S: Final = 0.6
"""The last part of what is held, in which it is read."""
LONGEST_HOLD_S: Final = 2.0
"""Routines are shortened to this: what is held tells nothing new."""
STILL_POSES: Final = ("mountain", "star", "warrior_two_left", "tree_right", "chair", "goddess")
STILL_S: Final = 3.0
STILL_FPS: Final = 30
ROUTINE, FAULT, BODY, STILL = 4, 5, 6, 7
"""Tell the draws of trials from those of films."""


@dataclass(frozen=True, slots=True)
class RoutineTrial:
    """Someone who does a routine right, or keeps perfectly still in one pose.

    Attributes:
        name: of its file.
        routine: with short holds.
        casting: who and where.
        fps: frames a second.
    """

    name: str
    routine: Routine
    casting: Casting
    fps: int = FPS


@dataclass(frozen=True, slots=True)
class FaultTrial:
    """A pose right and then wrong.

    Attributes:
        name: of its files.
        pose: key of the asana.
        fault: of the only beat.
        student: who has the fault; the camera stands straight on.
        instructor: who does it right.
        aside: which way the cameras of `VIEWS_DEG` stand, 1 or -1.
    """

    name: str
    pose: str
    fault: Fault
    student: Casting
    instructor: Casting
    aside: int

    def routine(self, seconds: float) -> Routine:
        """The pose held for some time."""
        return Routine(self.pose, (Beat(self.pose, 0.0, seconds),))

    def seen_from(self, view_deg: float) -> Casting:
        """The student before a camera so far aside."""
        camera = replace(self.student.camera, yaw_deg=self.aside * view_deg)
        manner = replace(self.student.manner, faults=(self.fault,))
        return replace(self.student, camera=camera, manner=manner)


def routine_trials(split: SetName) -> list[RoutineTrial]:
    """The routines of a set."""
    trials = []
    for number, (key, routine) in enumerate(routines_of(split, SEED).items()):
        beats = tuple(replace(b, hold_s=min(b.hold_s, LONGEST_HOLD_S)) for b in routine.beats)
        casting = _casting((SEED, NUMBER_OF[split], ROUTINE, number), split, wide=number % 3 == 2)
        trials.append(RoutineTrial(f"routine-{key}", Routine(routine.title, beats), casting))
    return trials


def still_trials(split: SetName) -> list[RoutineTrial]:
    """People who do not even breathe."""
    trials = []
    for number, pose in enumerate(STILL_POSES):
        casting = _casting((SEED, NUMBER_OF[split], STILL, number), split, wide=False)
        casting = replace(casting, manner=replace(casting.manner, sway=0.0))
        routine = Routine(pose, (Beat(pose, 0.0, STILL_S),))
        trials.append(RoutineTrial(f"still-{pose}", routine, casting, STILL_FPS))
    return trials


def fault_trial(split: SetName, number: int, body_folder: Path) -> FaultTrial:
    """The trial of a number, always the same.

    Args:
        split: of which set.
        number: below `FAULTS_OF[split]`.
        body_folder: the body data, since not every body can have every fault in every pose.

    Raises:
        InputError: no pose was found in which the fault is possible.
    """
    rng = np.random.default_rng([SEED, NUMBER_OF[split], FAULT, number])
    kind, side = _ways(split)[number]
    wide = number % 3 == 2
    seed = (SEED, NUMBER_OF[split], BODY, number)
    student = _casting((*seed, 0), split, wide=wide)
    instructor = _casting((*seed, 1), split, wide=wide)
    fixed = [pose for pose, *way in ALWAYS if number < len(ALWAYS) and way == [kind, side]]
    degrees = ALWAYS_DEG if fixed else float(rng.choice(SIZES_DEG))
    aside = int(rng.choice((-1, 1)))
    poser = Poser(proportioned(figure.build(body_folder, student.shape), student.proportions))
    for pose in fixed or [str(key) for key in rng.permutation(sorted(ASANAS))[:TRIES]]:
        fault = Fault(0, kind, side, degrees, onset_s=RIGHT_S)
        if carries(ASANAS[pose], fault):
            continue
        try:
            place_wrong(poser, ASANAS[pose], fault, None)
        except InputError:
            continue
        return FaultTrial(f"fault-{number:03d}", pose, fault, student, instructor, aside)
    raise InputError(f"No pose was found for {kind}.", hint="Leave this number out.")


def can_be_done(trial: FaultTrial, body_folder: Path) -> bool:
    """Whether the instructor's body can do the pose."""
    body = trial.instructor
    poser = Poser(proportioned(figure.build(body_folder, body.shape), body.proportions))
    try:
        place(poser, ASANAS[trial.pose], None)
    except InputError:
        return False
    return True


@lru_cache
def _ways(split: SetName) -> Sequence[tuple[str, int]]:
    """(kind, side) of all faults of a set: the whole catalogue, again and again."""
    rng = np.random.default_rng([SEED, NUMBER_OF[split], FAULT])
    every = every_way()
    ways = [(kind, side) for _, kind, side in ALWAYS]
    while len(ways) < FAULTS_OF[split]:
        ways += [every[i] for i in rng.permutation(len(every))]
    return ways[: FAULTS_OF[split]]


def _casting(seed: tuple[int, ...], split: SetName, *, wide: bool) -> Casting:
    """Someone who keeps to the beat."""
    size: Size = SIXTEEN_TO_NINE if wide else FOUR_TO_THREE
    casting = draw_casting(seed, split, size=size)
    manner = Manner(seed=casting.manner.seed, sway=casting.manner.sway)
    return replace(casting, manner=manner)
