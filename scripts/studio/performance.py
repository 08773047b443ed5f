"""Someone doing a routine: their lag, sway, breath and faults, sampled at any time."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from scripts.studio.faults import Fault, angles_of, place_wrong
from scripts.studio.footwork import place, stand
from scripts.studio.holding import Spot
from scripts.studio.mishaps import WALK_S, Mishap, MishapKind, fidgets_in, instead, walked
from scripts.studio.passage import Passage, between
from scripts.studio.placed import Placed, kept, touches
from scripts.studio.posing import Poser
from scripts.studio.rotations import Array, about
from scripts.studio.routine import Routine, Span
from scripts.studio.stance import LEFT, RIGHT

MENDING_S: Final = 0.9
"""How long it takes to mend a fault."""
BREATH_S: Final = 4.2
SWAY_M: Final = 0.003
FIRM_M: Final = 0.3
"""Feet as far apart as this halve the sway of the hips; further apart they all but stop it."""
SWAY_DEG: Final = 0.5
RESTING: Final = 0.3
"""Who rests on hands, knees or the floor sways by this share."""
SHORTEST_HOLD_S: Final = 0.1
"""Who is very late still holds the pose for so long."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How someone follows.

    Attributes:
        seed: of everything that varies.
        lag_s: behind the instructor on the average; 0 for the instructor.
        lag_spread_s: the lag of each pose differs by up to this.
        faults: what goes wrong, at most one fault a beat.
        mishaps: what else happens, at most one a beat and none where there is a fault.
        pauses: beat -> how much longer it is held; what follows is put off by as much.
        tempo: 1.1 does everything a tenth faster.
        sway: of someone who stands still, 1 is usual.
        fidgets: whether a hand goes through the hair now and then.
    """

    seed: int
    lag_s: float = 0.0
    lag_spread_s: float = 0.0
    faults: tuple[Fault, ...] = ()
    mishaps: tuple[Mishap, ...] = ()
    pauses: Mapping[int, float] = field(default_factory=dict)
    tempo: float = 1.0
    sway: float = 1.0
    fidgets: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A pose as it was held.

    Attributes:
        pose: key of the asana.
        span: on the performer's own clock.
        placed: the pose done right, as this body does it.
        wrong: the pose with the fault, None without one.
        off_deg: (17,) by how much each joint angle is off while the fault lasts.
        fault: the fault, None without one.
        right_deg: (17,) the joint angles of the pose done right; zeros without a fault.
        mishap: what else happened, None where nothing did.
    """

    pose: str
    span: Span
    placed: Placed
    wrong: Placed | None
    off_deg: Array
    fault: Fault | None
    right_deg: Array
    mishap: Mishap | None = None

    @property
    def wrong_from_s(self) -> float:
        """When the fault is there in full, on the performer's clock."""
        if self.fault is None or self.fault.onset_s is None:
            return self.span.start_s
        return self.span.start_s + self.fault.onset_s + MENDING_S

    @property
    def mended_at_s(self) -> float | None:
        """When the mending begins, on the performer's clock."""
        if self.fault is None or self.fault.mended_s is None:
            return None
        return self.span.start_s + self.fault.mended_s

    def at(self, poser: Poser, t: float) -> Placed:
        """The body at a time within the hold."""
        if self.wrong is None:
            return self.placed
        mended, wrong_from = self.mended_at_s, self.wrong_from_s
        if t < wrong_from:
            share = ease((t - wrong_from + MENDING_S) / MENDING_S)
            late = self.fault is not None and self.fault.onset_s is not None
            return between(poser, self.placed, self.wrong, share) if late else self.wrong
        if mended is None or t <= mended:
            return self.wrong
        return between(poser, self.wrong, self.placed, ease((t - mended) / MENDING_S))


class Performance:
    """One person's way through a routine.

    Args:
        poser: the body.
        routine: what is done.
        manner: how.
    """

    def __init__(self, poser: Poser, routine: Routine, manner: Manner) -> None:
        self._poser = poser
        rng = np.random.default_rng(manner.seed)
        self._phases = rng.uniform(0.0, 2.0 * np.pi, size=(6, 3))
        self._rates = rng.uniform(0.8, 1.25, size=(6, 3)) * (0.17, 0.31, 0.53)
        self._sway = manner.sway
        self.held = self._hold_all(routine, manner, rng)
        holds = [(held.span.start_s, held.span.end_s) for held in self.held]
        self._passages: dict[int, Passage] = {}
        extra = np.random.default_rng([manner.seed, 1])  # leaves the draws above as they are
        self.fidgets = fidgets_in(holds, extra) if manner.fidgets else ()

    @property
    def end_s(self) -> float:
        """When the last pose has been held, on the performer's clock."""
        return self.held[-1].span.end_s

    def at(self, t: float) -> Placed:
        """The body at a time, sway and breath included."""
        i = next((i for i, h in enumerate(self.held) if t <= h.span.end_s), len(self.held) - 1)
        now = self.held[i]
        calm = _calm(now.placed)
        if i == 0 or t >= now.span.start_s:
            placed = now.at(self._poser, t)
        else:
            last = self.held[i - 1]
            share = ease((t - last.span.end_s) / (now.span.start_s - last.span.end_s))
            placed = self._passage(i).at(share)
            calm = _calm(last.placed) + share * (calm - _calm(last.placed))
        for fidget in self.fidgets:
            placed = fidget.on(placed, t)
        alive = self._alive(placed, t, self._sway * calm)
        if now.mishap is not None and now.mishap.kind is MishapKind.LEAVING:
            into = min(t - now.span.start_s, now.span.end_s - t) / WALK_S
            alive = walked(alive, ease(into))
        return alive

    def _passage(self, beat: int) -> Passage:
        """The way into a pose."""
        if beat not in self._passages:
            last, now = self.held[beat - 1], self.held[beat]
            leaving = last.at(self._poser, last.span.end_s)
            arriving = now.at(self._poser, now.span.start_s)
            self._passages = {beat: Passage(self._poser, leaving, arriving)}
        return self._passages[beat]

    def _hold_all(
        self, routine: Routine, manner: Manner, rng: np.random.Generator
    ) -> tuple[Held, ...]:
        spans = routine.spans()
        lags = manner.lag_s + manner.lag_spread_s * rng.uniform(-1.0, 1.0, size=(len(spans), 2))
        lags[0, 0] = 0.0
        faults = {fault.beat: fault for fault in manner.faults}
        mishaps = {mishap.beat: mishap for mishap in manner.mishaps}
        held: list[Held] = []
        before: Placed | None = None
        put_off = 0.0
        for i, (beat, span) in enumerate(zip(routine.beats, spans, strict=True)):
            fault, mishap = faults.get(i), mishaps.get(i)
            done = instead(routine.beats, mishap) if mishap else beat
            late = mishap.seconds if mishap and mishap.kind is MishapKind.LATE else 0.0
            right = place(self._poser, done.asana, before)
            wrong, off, right_deg = None, np.zeros(17), np.zeros(17)
            if fault is not None:
                wrong, off = place_wrong(self._poser, done.asana, fault, before)
                right_deg = angles_of(self._poser, right)
            start = span.start_s / manner.tempo + lags[i, 0] + put_off + late
            put_off += manner.pauses.get(i, 0.0)
            end = span.end_s / manner.tempo + lags[i, 1] + put_off
            own = Span(start, max(end, start + SHORTEST_HOLD_S))
            held.append(Held(done.pose, own, right, wrong, off, fault, right_deg, mishap))
            before = right
        return tuple(held)

    def _alive(self, placed: Placed, t: float, sway: float) -> Placed:
        """The same with the small movements of someone who stands still."""
        wave = sway * np.sin(2.0 * np.pi * self._rates * t + self._phases).mean(axis=1)
        resting = touches(self._poser, placed).items() if placed.rests_on else ()
        spots = {contact: Spot(0, touch.points[0], touch.height) for contact, touch in resting}
        stance = placed.stance
        breath = sway * np.sin(2.0 * np.pi * t / BREATH_S + self._phases[0, 0])
        chest = about((1, 0, 0), SWAY_DEG * wave[0] - 0.6 * breath) @ stance.chest
        chest = about((0, 0, 1), SWAY_DEG * wave[1]) @ chest
        head = about((0, 1, 0), 4.0 * SWAY_DEG * wave[2]) @ about((1, 0, 0), wave[0]) @ stance.head
        arms = {"upper_arm": stance.upper_arm.copy(), "forearm": stance.forearm.copy()}
        arms["hand"] = stance.hand.copy()
        for side in (LEFT, RIGHT):
            by = about((0, 0, 1), 1.6 * SWAY_DEG * wave[3 + side] + 0.3 * breath)
            by = by @ about((1, 0, 0), SWAY_DEG * wave[4 - side])
            for name, directions in arms.items():
                arms[name][side] = by @ directions[side]
        apart = float(np.linalg.norm(placed.ankles[LEFT] - placed.ankles[RIGHT]))
        firm = 1.0 / (1.0 + (apart / FIRM_M) ** 3)
        pelvis = placed.pelvis + SWAY_M * firm * np.array([wave[5], 0.0, wave[4]])
        swayed = replace(stance, chest=chest, head=head, **arms)
        placed = replace(placed, stance=swayed, pelvis=pelvis)
        if not placed.rests_on:
            return stand(self._poser, placed)
        return kept(self._poser, placed, spots, passes=2)


def _calm(placed: Placed) -> float:
    """The share of the usual by which someone sways."""
    return RESTING if placed.rests_on else 1.0


def ease(share: float) -> float:
    """Time made into way: slow at both ends (Perlin's smootherstep)."""
    u = min(max(share, 0.0), 1.0)
    return u * u * u * (u * (6.0 * u - 15.0) + 10.0)
