"""A practice as it goes: every frame is counted in, in bounded memory."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from coach_server.body.keypoints import FloatArray
from coach_server.coaching.cue import CueEvent, CueState, Direction, Joint, Side
from coach_server.coaching.deviation import Deviation
from coach_server.coaching.report.timeline import TimelineBuilder
from coach_server.coaching.report.visits import MOMENT_S, Moment, Seen, Visit
from coach_server.coaching.routine import Routine
from coach_server.coaching.silence import Silence

LONGEST_FRAME_S: Final = 1.0
"""A frame stands for the time since the one before, but no more: then the line was down."""

RESUMED_S: Final = 4.0
"""Who is back in a pose within this has not left it."""

HELD_S: Final = 2.0
"""A pose counts as passed when the film has held it for this long, or for most of a short hold."""

MOST_OF_IT: Final = 0.8

MAX_VISITS: Final = 600
"""Stays in poses that a report keeps: more than an hour of them."""

LOOKED_BACK: Final = 4
"""As many stays are looked through for the one that is taken up again."""

MAX_OPEN: Final = 64
"""Cues that may still be mended; the coach works on one at a time."""

MAX_CUES: Final = 5000
"""Events a report keeps; a session of hours raises some hundreds."""


@dataclass(frozen=True, slots=True)
class PlannedPose:
    """A pose that the routine holds, seconds on its clock; "" where nobody has named it."""

    name: str
    start_s: float
    end_s: float


def plan_of(routine: Routine) -> tuple[PlannedPose, ...]:
    """The poses of a routine in order."""
    return tuple(
        PlannedPose(routine.name(index), hold.start_s, hold.end_s)
        for index, hold in enumerate(routine.holds)
    )


@dataclass(slots=True)
class Asked:
    """All cues that asked for the same in the same words, so far.

    Attributes:
        raised, mended: how often.
        worst_deg: the greatest deviation at which it was raised.
        holds: those in which it was raised, each once.
    """

    raised: int = 0
    mended: int = 0
    worst_deg: float = 0.0
    holds: dict[int, None] = field(default_factory=dict)


@dataclass(slots=True)
class Shown:
    """A pose that the film has held.

    Attributes:
        t: when it first came, seconds since the student's first frame.
        seconds: for how long in all.
    """

    t: float
    seconds: float = 0.0


class PracticeReport:
    """Counts a practice; `summing_up` sums it up.

    What its attributes hold is for there; only `add` changes it.
    """

    def __init__(self, title: str = "", plan: Sequence[PlannedPose] = ()) -> None:
        self.title = title
        self.plan = tuple(plan)
        self._starts = [pose.start_s for pose in self.plan]
        self._t: float | None = None
        self._visit: Visit | None = None
        self._moment: Moment | None = None
        self._open: dict[int, tuple[Visit | None, Asked]] = {}
        self.began_t: float | None = None
        self.film_s = 0.0
        self.judged_s = 0.0
        self.stood_s = 0.0
        self.silent_s: dict[Silence, float] = {}
        self.shown: dict[int, Shown] = {}
        self.visits: list[Visit] = []
        self.visits_dropped = 0
        self.entered: set[int] = set()
        self.asked: dict[tuple[Joint, Side, Direction, str], Asked] = {}
        self.cues: list[CueEvent] = []
        self.cues_dropped = 0
        self.timeline = TimelineBuilder()

    def add(
        self,
        t: float,
        *,
        routine_t: float | None,
        lag_s: float | None,
        hold: int,
        measured: Deviation | None,
        cues: Sequence[CueEvent],
        silence: Silence | None,
        player_t: float | None,
        runs: bool,
        joints: FloatArray | None = None,
        mirrored: bool = False,
    ) -> None:
        """Count one frame in.

        Args:
            t: seconds since the student's first frame, increasing.
            routine_t: the matched instructor time; None where there is no match.
            lag_s: the player's time minus that.
            hold: index of the hold that the student is in, -1 in none.
            measured: the whole comparison; None while nothing is judged.
            cues: what is new with this frame.
            silence: why nothing is judged; None while the student is.
            player_t: where the film is, seconds on the routine's clock; None before it begins.
            runs: whether it runs.
            joints: (17, 3) the student's; None where they are not known.
            mirrored: whether the student follows as in a mirror.
        """
        passed_s = 0.0 if self._t is None else min(max(t - self._t, 0.0), LONGEST_FRAME_S)
        self._t = t
        if runs:
            self._count(t, passed_s, player_t, silence)
        elif self.began_t is not None:
            self.stood_s += passed_s
        if self.began_t is not None:
            judged = measured if runs and silence is None and hold >= 0 else None
            visit = None
            if judged is not None:
                visit = self._visit_to(hold, t, routine_t)
                visit.judged_s += passed_s
                visit.last_t = t
            moment = self._moment_at(t, visit)
            moment.add(passed_s, lag_s if runs else None, judged, Seen(routine_t, joints, mirrored))
        for cue in cues:
            self._note(cue, hold)

    def _count(
        self, t: float, passed_s: float, player_t: float | None, silence: Silence | None
    ) -> None:
        if self.began_t is None:
            self.began_t, passed_s = t, 0.0
        self.film_s += passed_s
        if silence is None:
            self.judged_s += passed_s
        else:
            self.silent_s[silence] = self.silent_s.get(silence, 0.0) + passed_s
        index = -1 if player_t is None else bisect_right(self._starts, player_t) - 1
        if player_t is not None and index >= 0 and player_t <= self.plan[index].end_s:
            self.shown.setdefault(index, Shown(t)).seconds += passed_s

    def _visit_to(self, hold: int, t: float, routine_t: float | None) -> Visit:
        """The visit that a frame in `hold` belongs to."""
        if self._visit is None or self._visit.hold != hold or t - self._visit.last_t > RESUMED_S:
            before = next((v for v in reversed(self.visits[-LOOKED_BACK:]) if v.hold == hold), None)
            if before is not None and t - before.last_t <= RESUMED_S:
                self._visit = before
            else:
                self._visit = Visit(hold, t, routine_t, t)
                self.entered.add(hold)
                if len(self.visits) < MAX_VISITS:
                    self.visits.append(self._visit)
                else:
                    self.visits_dropped += 1
        return self._visit

    def _moment_at(self, t: float, visit: Visit | None) -> Moment:
        """The moment under way, or a new one when that is over."""
        moment = self._moment
        if moment is None or moment.visit is not visit or moment.t // MOMENT_S != t // MOMENT_S:
            if moment is not None:
                self._close(moment)
            self._moment = moment = Moment(t, visit)
        return moment

    def _close(self, moment: Moment) -> None:
        if moment.visit is not None:
            moment.visit.take(moment)
        row = moment.row()
        if row is not None:
            self.timeline.add(moment.t, row)

    def _note(self, cue: CueEvent, hold: int) -> None:
        if len(self.cues) < MAX_CUES:
            self.cues.append(cue)
        else:
            self.cues_dropped += 1
        if cue.state is CueState.RAISED:
            self._raised(cue, hold)
        elif cue.id in self._open:
            visit, asked = self._open.pop(cue.id)
            asked.mended += 1
            if visit is not None:
                visit.mended += 1

    def _raised(self, cue: CueEvent, hold: int) -> None:
        visit = self._visit if self._visit is not None and self._visit.hold == hold else None
        key = cue.joint, cue.side, cue.direction, cue.text
        asked = self.asked.setdefault(key, Asked())
        asked.raised += 1
        if abs(cue.deviation_deg) > abs(asked.worst_deg):
            asked.worst_deg = cue.deviation_deg
        if hold >= 0:
            asked.holds[hold] = None
        if visit is not None:
            visit.raised += 1
        self._open[cue.id] = visit, asked
        if len(self._open) > MAX_OPEN:
            del self._open[next(iter(self._open))]
