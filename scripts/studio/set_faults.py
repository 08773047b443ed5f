"""Which faults the films of a set show: in all of them together every one of the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach_server.errors import InputError
from scripts.studio.asana import Asana, other_side
from scripts.studio.faults import CATALOGUE, UNPAIRED, Fault, place_wrong
from scripts.studio.mishaps import Mishap, MishapKind
from scripts.studio.performance import Held, Manner, Performance
from scripts.studio.posing import Poser
from scripts.studio.routine import Routine
from scripts.studio.stance import LEFT, RIGHT, SIDES

SIZES_DEG: Final = (10.0, 15.0, 20.0, 30.0)
FAULTS_OF_A_FILM: Final = 14
SHORTEST_S: Final = 3.0
"""A pose that is held for less is too short to be wrong in."""
LONG_S: Final = 4.0
"""In a pose held for so long a fault may come or go, and in one half as long again, both."""
TRIES: Final = 8
"""In so many poses a fault is tried before it is left to another film."""
MISHAPS_OF_A_FILM: Final = 4
WALKING_S: Final = 4.5
"""Who leaves a pose that is held for less is not back in time."""
ARM, LEG = ("hand", "forearm"), ("foot", "knee")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A fault that some film is to show: a key of `faults.KINDS`, a side and a size."""

    kind: str
    side: int
    degrees: float


def every_way() -> list[tuple[str, int]]:
    """(key of `faults.KINDS`, side) of all ways in which an angle that can be cued can be off."""
    ways = []
    for angle, *_ in CATALOGUE:
        name = angle.name.lower().removeprefix("left_")
        sides = (LEFT,) if angle in UNPAIRED else (LEFT, RIGHT)
        ways += [(f"{name}_{way}", side) for way in ("more", "less") for side in sides]
    return ways


def wanted_faults(rng: np.random.Generator) -> list[Wanted]:
    """Every joint angle that can be cued, more and less, in every size.

    The first quarter of them has every angle both ways; each quarter has all sizes.
    """
    ways = every_way()
    wanted = []
    for turn in range(len(SIZES_DEG)):
        for i in rng.permutation(len(ways)):
            kind, side = ways[i]
            wanted.append(Wanted(kind, side, SIZES_DEG[(int(i) + turn) % len(SIZES_DEG)]))
    return wanted


def choose_faults(
    wanted: Sequence[Wanted],
    routine: Routine,
    poser: Poser,
    rng: np.random.Generator,
    most: int = FAULTS_OF_A_FILM,
) -> tuple[tuple[Fault, ...], list[Wanted]]:
    """Faults for one film, no two in poses that follow each other.

    Args:
        wanted: what is to be shown, the most urgent first.
        routine: what is done.
        poser: the body that does it.
        rng: draws.
        most: how many.

    Returns:
        The faults, and what is still to be shown.
    """
    held = Performance(poser, routine, Manner(seed=0)).held
    free = [i for i in range(1, len(routine.beats)) if routine.beats[i].hold_s >= SHORTEST_S]
    faults: list[Fault] = []
    left: list[Wanted] = []
    for wish in wanted:
        fault = None
        if free and len(faults) < most:
            for beat in [free[i] for i in rng.permutation(len(free))][:TRIES]:
                fault = _possible(wish, routine, poser, held, beat, rng)
                if fault is not None:
                    break
        if fault is None:
            left.append(wish)
        else:
            faults.append(fault)
            free = [beat for beat in free if abs(beat - fault.beat) > 1]
    return tuple(sorted(faults, key=lambda fault: fault.beat)), left


def choose_mishaps(routine: Routine, rng: np.random.Generator) -> tuple[Mishap, ...]:
    """Mishaps for one film, of different kinds and not in poses that follow each other."""
    beats = routine.beats
    chosen: list[Mishap] = []
    kinds = [list(MishapKind)[i] for i in rng.permutation(len(MishapKind))]
    for kind in kinds:
        can = [
            i
            for i in range(1, len(beats))
            if all(abs(i - other.beat) > 1 for other in chosen) and _happens(kind, routine, i)
        ]
        if can and len(chosen) < MISHAPS_OF_A_FILM:
            beat = can[rng.integers(len(can))]
            late_s = float(rng.uniform(0.5, 0.75) * beats[beat].hold_s)
            chosen.append(Mishap(beat, kind, late_s))
    return tuple(sorted(chosen, key=lambda mishap: mishap.beat))


def _possible(
    wish: Wanted,
    routine: Routine,
    poser: Poser,
    held: Sequence[Held],
    beat: int,
    rng: np.random.Generator,
) -> Fault | None:
    """The fault in a beat, None where its pose cannot be off so."""
    asana, hold_s = routine.beats[beat].asana, routine.beats[beat].hold_s
    onset_s, mended_s = _when(hold_s, rng)
    fault = Fault(beat, wish.kind, wish.side, wish.degrees, mended_s=mended_s, onset_s=onset_s)
    if carries(asana, fault):
        return None
    try:
        place_wrong(poser, asana, fault, held[beat - 1].placed)
    except InputError:
        return None
    return fault


def carries(asana: Asana, fault: Fault) -> bool:
    """Whether the limb of a fault lies on the floor or carries weight: it cannot go by itself."""
    name = fault.angle.name
    if fault.angle in UNPAIRED:
        return name.startswith("TRUNK") and any(c.endswith(ARM) for c in asana.rests_on)
    parts = ARM if "SHOULDER" in name or "ELBOW" in name else LEG
    side = SIDES[fault.side]
    return any(c.startswith(side) and c.endswith(parts) for c in asana.rests_on)


def _when(hold_s: float, rng: np.random.Generator) -> tuple[float | None, float | None]:
    """Onset and mending of a fault in a hold: there all along, from the start, to the end, amid."""
    if hold_s < LONG_S:
        return None, None
    comes, goes = rng.random(2) < 0.5
    if comes and goes and hold_s < 1.5 * LONG_S:
        goes = False
    return (0.12 * hold_s if comes else None), (0.65 * hold_s if goes else None)


def _happens(kind: MishapKind, routine: Routine, beat: int) -> bool:
    """Whether it makes a difference in a beat, and can be done."""
    now, last = routine.beats[beat], routine.beats[beat - 1]
    if kind is MishapKind.WRONG_SIDE:
        return other_side(now.pose) != now.pose
    if kind is MishapKind.FROZEN:
        return now.pose != last.pose
    if kind is MishapKind.LEAVING:
        return now.hold_s >= WALKING_S and not now.asana.rests_on
    if kind is MishapKind.TURNED_AWAY:
        return not now.asana.rests_on
    return now.hold_s >= SHORTEST_S
