"""From deviations to cues: hysteresis, persistence, one at a time, core before limbs."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from coach_server.body.angles import Angle
from coach_server.body.keypoints import FloatArray
from coach_server.coaching.choices import Language
from coach_server.coaching.corrections import (
    CORE_FIRST,
    CORRECTIONS,
    EXPLAINED_BY,
    correction,
)
from coach_server.coaching.cue import CueEvent, CueState, Direction, Joint, Side
from coach_server.coaching.deviation import Deviation
from coach_server.coaching.memory import Key, Memory
from coach_server.coaching.wording import is_upright, praise, sentence

PERSISTENCE_S: Final = 0.5
"""A deviation must last this long: settling into a pose is no fault."""

STEADY_SHARE: Final = 0.6
"""A deviation that changes by more than this share of its band is somebody slowly moving on."""

LEAVE: Final = 0.7
"""Hysteresis: a cue is raised outside the band, and mended within this share of it."""

SETTLED_S: Final = 0.3
"""A mended deviation must stay mended this long before the coach says so."""

FORGOTTEN_S: Final = 4.0
"""A cue lapses when nothing could be judged for this long."""

SPOKEN_EVERY_S: Final = 6.0
"""At most one spoken cue in this time."""


@dataclass(frozen=True, slots=True)
class HeldPose:
    """The pose that a student is judged in.

    Attributes:
        hold: index of the hold.
        alike: the same for holds in which the same pose is held.
        angles: (17,) degrees, the instructor's.
        importance: (17,) 0..1, how much each angle makes the pose.
        name: of the pose; "" where it has none.
    """

    hold: int
    alike: int
    angles: FloatArray
    importance: FloatArray
    name: str = ""


@dataclass(slots=True)
class _Active:
    """The cue that is being worked on."""

    event: CueEvent
    key: Key
    alike: int
    angles: tuple[Angle, ...]
    inside_since: float | None = None


@dataclass(slots=True)
class CueEngine:
    """One student's cues: `update` with every frame that is judged, `interrupt` with the others.

    A cue belongs to the hold it was raised in: when the hold ends unmended it lapses silently,
    since the body has gone on. To mend it the student moves, so a short motion keeps it.
    """

    language: Language = Language.ENGLISH
    _memory: Memory = field(default_factory=Memory)
    _outside_since: dict[Angle, float] = field(default_factory=dict)
    _first_deg: dict[Angle, float] = field(default_factory=dict)
    _spoken_at: float = -np.inf
    _judged_at: float = -np.inf
    _hold: int = -1
    _named: int = -1
    _count: int = 0
    _active: _Active | None = None

    def update(
        self, t: float, routine_t: float, pose: HeldPose, deviation: Deviation, *, may_raise: bool
    ) -> tuple[CueEvent, ...]:
        """The events of one judged frame.

        Args:
            t: seconds since the student's first frame.
            routine_t: the matched instructor time in seconds.
            pose: that both are in.
            deviation: the student against it.
            may_raise: whether new cues may be raised (the player runs).
        """
        self._judged_at = t
        if pose.hold != self._hold:
            self.lapse()
            self._hold = pose.hold
        excess = deviation.excess
        self._watch(t, excess, deviation)
        if self._active:
            return self._mended(t, routine_t, excess, deviation, self._active)
        return self._raise(t, routine_t, pose, deviation) if may_raise else ()

    def interrupt(self, t: float) -> None:
        """Nothing can be judged at `t`: what was building up starts anew."""
        self._outside_since.clear()
        if self._active:
            self._active.inside_since = None
        if t - self._judged_at > FORGOTTEN_S:
            self.lapse()

    def lapse(self) -> None:
        """Something else is being done: an unmended cue is dropped."""
        self._outside_since.clear()
        if self._active:
            self._memory.unheeded(self._active.key, self._active.alike)
        self._active = None

    def _watch(self, t: float, excess: FloatArray, deviation: Deviation) -> None:
        """Since when each angle has been outside its band, and about as far outside."""
        for angle in Angle:
            known = angle in self._outside_since
            if excess[angle] < (LEAVE if known else 1.0):
                self._outside_since.pop(angle, None)
                continue
            degrees = float(deviation.degrees[angle])
            moved = abs(degrees - self._first_deg.get(angle, degrees))
            if not known or moved > STEADY_SHARE * deviation.band[angle]:
                self._outside_since[angle] = t
                self._first_deg[angle] = degrees

    def _mended(
        self, t: float, routine_t: float, excess: FloatArray, deviation: Deviation, active: _Active
    ) -> tuple[CueEvent, ...]:
        inside = all(excess[a] < LEAVE and deviation.judged[a] for a in active.angles)
        if not inside:
            active.inside_since = None
            return ()
        if active.inside_since is None:
            active.inside_since = t
        if t - active.inside_since < SETTLED_S:
            return ()
        self._active = None
        self._memory.mended(active.key)
        raised = active.event
        return (
            CueEvent(
                id=raised.id,
                t=t,
                routine_t=routine_t,
                joint=raised.joint,
                side=raised.side,
                direction=raised.direction,
                deviation_deg=float(deviation.degrees[active.angles[0]]),
                text=praise(raised.id, self.language),
                state=CueState.FIXED,
                spoken=raised.spoken,
            ),
        )

    def _raise(
        self, t: float, routine_t: float, pose: HeldPose, deviation: Deviation
    ) -> tuple[CueEvent, ...]:
        excess = deviation.excess
        lasting = [a for a, since in self._outside_since.items() if t - since >= PERSISTENCE_S]
        lasting = [a for a in lasting if excess[a] >= 1.0 and not self._explained(a)]
        lasting.sort(key=lambda a: (_order(a), -excess[a] * pose.importance[a], a))
        for angle in lasting:
            angles = self._with_other_side(angle, lasting, deviation)
            degrees, reference = float(deviation.degrees[angle]), float(pose.angles[angle])
            joint, side, direction = correction(angle, degrees, reference)
            key = joint, Side.BOTH if len(angles) == 2 else side, direction
            if not self._memory.may_raise(key, pose.alike, t, float(excess[angle])):
                continue
            spoken = t - self._spoken_at >= SPOKEN_EVERY_S and not self._memory.is_learnt(key)
            if spoken:
                self._spoken_at = t
            self._memory.raised(key, t)
            self._count += 1
            event = CueEvent(
                id=self._count,
                t=t,
                routine_t=routine_t,
                joint=joint,
                side=key[1],
                direction=direction,
                deviation_deg=degrees,
                text=self._words(joint, key[1], direction, pose, reference, degrees),
                state=CueState.RAISED,
                spoken=spoken,
            )
            self._active = _Active(event, key, pose.alike, angles)
            return (event,)
        return ()

    def _words(
        self,
        joint: Joint,
        side: Side,
        direction: Direction,
        pose: HeldPose,
        reference_deg: float,
        degrees: float,
    ) -> str:
        """What is said; the pose is named once, for its name takes time to say."""
        name = pose.name if pose.hold != self._named else ""
        self._named = pose.hold
        return sentence(
            joint,
            side,
            direction,
            reference_deg,
            degrees,
            pose=name,
            language=self.language,
            upright=is_upright(
                float(pose.angles[Angle.TRUNK_FORWARD]), float(pose.angles[Angle.TRUNK_SIDE])
            ),
        )

    def _explained(self, angle: Angle) -> bool:
        return any(cause in self._outside_since for cause in EXPLAINED_BY.get(angle, ()))

    @staticmethod
    def _with_other_side(
        angle: Angle, lasting: list[Angle], deviation: Deviation
    ) -> tuple[Angle, ...]:
        """The angle, with its counterpart where that is off the same way."""
        if CORRECTIONS[angle].side is Side.CENTER:
            return (angle,)
        other = Angle(angle ^ 1)  # left and right are neighbours, left even
        if other in lasting and deviation.degrees[other] * deviation.degrees[angle] > 0:
            return (angle, other)
        return (angle,)


def _order(angle: Angle) -> int:
    return CORE_FIRST.index(CORRECTIONS[angle].joint)
