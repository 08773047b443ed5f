"""Who practises what: instructors, students who are right, and students with known faults."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import numpy as np

from scripts.studio import figure
from scripts.studio.draws import FOUR_TO_THREE, SIXTEEN_TO_NINE, draw_casting
from scripts.studio.faults import Fault
from scripts.studio.posing import Poser
from scripts.studio.proportions import proportioned
from scripts.studio.routine import Routine
from scripts.studio.scene import Casting
from scripts.studio.set_faults import Wanted, choose_faults, every_way
from scripts.studio.sets import NUMBER_OF, SetName, routines_of

SEED: Final = 2026
FPS: Final = 15
YAW_DEG: Final = 30.0
"""How far aside a student's camera stands at the most; an instructor's is straight on."""
FAULT_DEG: Final = 20.0
ONE_IN: Final = 3
"""One pose in so many has a fault."""
STUDENTS: Final = {"dev": 1, "val": 2}
"""Right ones a routine, and as many with faults."""
PRACTICE, FAULT = 8, 9
"""Tell the draws of practices from those of films and trials."""

Role = Literal["instructor", "right", "faults"]


@dataclass(frozen=True, slots=True)
class Practice:
    """One person doing a routine.

    Attributes:
        name: of its file.
        role: what the person is there for.
        key: of the routine.
        routine: what is done.
        casting: who, where and how.
    """

    name: str
    role: Role
    key: str
    routine: Routine
    casting: Casting


def practices(split: SetName) -> list[Practice]:
    """All of a set, without their faults (`with_faults`); those first that the others need."""
    found = []
    for turn in range(STUDENTS[split] + 1):
        roles: tuple[Role, ...] = ("right", "faults") if turn else ("instructor",)
        for number, (key, routine) in enumerate(routines_of(split, SEED).items()):
            for role in roles:
                name = f"{key}.{role}" + (f"_{turn}" if turn else "")
                found.append(Practice(name, role, key, routine, _casting(split, number, name)))
    return found


def with_faults(practice: Practice, split: SetName, body_folder: Path) -> Practice:
    """The practice with its faults, all of `FAULT_DEG`, always the same."""
    if practice.role != "faults":
        return practice
    casting, routine = practice.casting, practice.routine
    body = proportioned(figure.build(body_folder, casting.shape), casting.proportions)
    ways = every_way()
    rng = np.random.default_rng([*_seed(split, practice.name), FAULT])
    drawn = (ways[i] for i in rng.permutation(len(ways)))
    wanted = [Wanted(kind, side, FAULT_DEG) for kind, side in drawn]
    faults: tuple[Fault, ...]
    faults, _ = choose_faults(wanted, routine, Poser(body), rng, len(routine.beats) // ONE_IN)
    return replace(
        practice, casting=replace(casting, manner=replace(casting.manner, faults=faults))
    )


def _seed(split: SetName, name: str) -> tuple[int, ...]:
    return (SEED, NUMBER_OF[split], PRACTICE, *name.encode())


def _casting(split: SetName, number: int, name: str) -> Casting:
    """Someone who keeps up with the film: behind it by their own lag, at its tempo."""
    is_instructor = name.endswith("instructor")
    casting = draw_casting(
        _seed(split, name),
        split,
        size=SIXTEEN_TO_NINE if number % 3 == 2 else FOUR_TO_THREE,
        yaw_deg=0.0 if is_instructor else YAW_DEG,
    )
    manner = replace(casting.manner, tempo=1.0)
    if is_instructor:
        manner = replace(manner, lag_s=0.0, lag_spread_s=0.0)
    return replace(casting, manner=manner)
