"""People moved through asanas at random: no two do one alike, and few do it as it is written."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from coach_server.errors import InputError
from scripts.studio import changes
from scripts.studio.asanas import ASANAS
from scripts.studio.faults import CATALOGUE, KINDS, UNPAIRED, Fault
from scripts.studio.footwork import rest, stand
from scripts.studio.heading import Turned
from scripts.studio.motion import Motion
from scripts.studio.performance import Manner, Performance
from scripts.studio.placed import Placed
from scripts.studio.posing import Poser
from scripts.studio.rotations import Array, about
from scripts.studio.routine import Beat, Routine
from scripts.studio.stance import LEFT, RIGHT, Stance

HELD_OUT: Final = (
    "side_bend",
    "reverse_warrior",
    "crescent_lunge",
    "dancer",
    "archer",
    "three_legged_dog",
    "bird_dog",
    "sphinx",
    "boat",
    "dead_bug",
    "camel",
)
"""Poses that no training sequence shows: how well others are read is told by these."""
MOVE_S: Final = (0.9, 2.2)
HOLD_S: Final = (0.6, 2.4)
ALIKE_SHARE: Final = 0.6
"""How often the next pose is of the same group: people seldom go from their feet to their back."""
FAULT_SHARE: Final = 0.35
FAULT_DEG: Final = (8.0, 35.0)
TRIES: Final = 4
STRAIGHT_SHARE: Final = 0.5
"""The share of the people whose elbows are as straight as the pose has them."""
RATES_HZ: Final = (0.05, 0.35)


@dataclass(frozen=True, slots=True)
class Flow:
    """Some poses, one after the other, by someone who is not exact.

    Attributes:
        beats: the poses.
        faults: what is wrong in them.
        heading_deg: which way the person faces.
        loose_deg: how far trunk, head and limbs are from where they should be (one sigma).
        elbows_deg: how far the elbows are bent besides.
        seed: of how it changes in time.
    """

    beats: tuple[Beat, ...]
    faults: tuple[Fault, ...]
    heading_deg: float
    loose_deg: float
    elbows_deg: float
    seed: int

    def motion(self, poser: Poser, manner: Manner) -> Motion:
        """The flow as a body does it; faults that this body cannot have are left out."""
        routine = Routine("", self.beats)
        own = replace(manner, lag_s=0.0, lag_spread_s=0.0, faults=self.faults, pauses={})
        try:
            performance = Performance(poser, routine, own)
        except InputError:
            performance = Performance(poser, routine, replace(own, faults=()))
        return Turned(Loose(performance, poser, self), self.heading_deg)


def draw_flow(rng: np.random.Generator, seconds: float, heading_deg: float) -> Flow:
    """A flow that lasts for at least `seconds`."""
    keys = [key for key in ASANAS if not key.startswith(HELD_OUT)]
    now = str(rng.choice(keys))
    beats = [Beat(now, 0.0, float(rng.uniform(*HOLD_S)))]
    faults: list[Fault] = []
    lasts = beats[0].hold_s
    while lasts < seconds * 1.3:  # who is quick is through earlier
        alike = [key for key in keys if ASANAS[key].group == ASANAS[now].group and key != now]
        now = str(rng.choice(alike if rng.random() < ALIKE_SHARE else keys))
        beats.append(Beat(now, float(rng.uniform(*MOVE_S)), float(rng.uniform(*HOLD_S))))
        lasts += beats[-1].move_s + beats[-1].hold_s
    kinds = list(KINDS)[-2 * len(CATALOGUE) :]
    for i in range(len(beats)):
        if rng.random() < FAULT_SHARE:
            kind = str(rng.choice(kinds))
            side = LEFT if KINDS[kind].angle in UNPAIRED else int(rng.integers(2))
            faults.append(Fault(i, kind, side, float(rng.uniform(*FAULT_DEG))))
    return Flow(
        beats=tuple(beats),
        faults=tuple(faults),
        heading_deg=heading_deg,
        loose_deg=float(rng.uniform(0.0, 9.0)),
        elbows_deg=0.0 if rng.random() < STRAIGHT_SHARE else float(rng.uniform(0.0, 30.0)),
        seed=int(rng.integers(2**31)),
    )


class Loose:
    """A motion in which trunk, head, arms and free legs wander about where they should be.

    Args:
        motion: what should be done.
        poser: the body.
        flow: how far it is from that.
    """

    def __init__(self, motion: Motion, poser: Poser, flow: Flow) -> None:
        self._motion = motion
        self._poser = poser
        rng = np.random.default_rng(flow.seed)
        shape = (4 + 2, 3)  # trunk, head, arms and legs, about three axes each
        self._offsets = rng.normal(0.0, flow.loose_deg * 0.8, shape)
        self._swings = rng.normal(0.0, flow.loose_deg * 0.6, shape)
        self._rates = 2.0 * np.pi * rng.uniform(*RATES_HZ, shape)
        self._phases = rng.uniform(0.0, 2.0 * np.pi, shape)
        self._elbows = flow.elbows_deg * rng.uniform(0.5, 1.0, 2)

    @property
    def end_s(self) -> float:
        """When it is over, seconds."""
        return self._motion.end_s

    def at(self, t: float) -> Placed:
        """The body at a time, seconds from the start."""
        placed = self._motion.at(t)
        turns = self._offsets + self._swings * np.sin(self._rates * t + self._phases)
        stance = changes.carried(placed.stance, _turn(turns[0] * 0.5))
        stance = replace(stance, head=_turn(turns[1]) @ stance.head)
        for side in (LEFT, RIGHT):
            stance = _swung(stance, ARM, side, _turn(turns[2 + side]))
            stance = changes.elbow(stance, side, float(self._elbows[side]))
            if side not in placed.planted and not placed.rests_on:
                stance = _swung(stance, LEG, side, _turn(turns[4 + side]))
        wrong = replace(placed, stance=stance)
        return rest(self._poser, wrong) if placed.rests_on else stand(self._poser, wrong)


ARM: Final = ("upper_arm", "forearm", "hand", "inner_elbow")
LEG: Final = ("thigh", "shin", "toes", "soles")


def _turn(degrees: Array) -> Array:
    """A rotation about an axis, by the length of the vector (3,)."""
    angle = float(np.linalg.norm(degrees))
    return about(degrees / angle, angle) if angle > 0.0 else np.eye(3)


def _swung(stance: Stance, limb: tuple[str, ...], side: int, by: Array) -> Stance:
    """The stance with one limb turned as a whole."""
    parts = {name: getattr(stance, name).copy() for name in limb}
    for directions in parts.values():
        directions[side] = by @ directions[side]
    return replace(stance, **parts)
