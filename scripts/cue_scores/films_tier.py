"""The figures of T2: what coach and rivals say of filmed practices, and which stage loses what."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from coach_server.coaching.routine import Routine
from coach_server.inference.lifters import LoadedLifter
from scripts.bench.cpu import spread
from scripts.cue_scores.builds import differences
from scripts.cue_scores.faults import Fault
from scripts.cue_scores.films import PLAIN, WAYS, Way, cues_in, routine_of, watched
from scripts.cue_scores.kept import Kept, source_digest
from scripts.cue_scores.practices import Practice, pairs
from scripts.cue_scores.rivals import NAMES
from scripts.cue_scores.tally import Tally

Seen: TypeAlias = list[tuple[Practice, tuple[Fault, ...], dict[str, Any]]]
"""Students with what is true of them and what is said of them."""
COACH: Final = "coach"
RIGHT: Final = "right"


@dataclass(frozen=True, slots=True)
class Films:
    """The practices of a set.

    Attributes:
        practices: all of them.
        lifter: the product's.
        kept: results of a run that was cut short.
        advance: told of each practice that is done.
        quick: only the first student, and only as filmed: whether it runs.
    """

    practices: list[Practice]
    lifter: LoadedLifter
    kept: Kept
    advance: Callable[[str], None]
    quick: bool = False

    def run(self) -> dict[str, Any]:
        """All figures; those as filmed at the top, with the rivals."""
        every = {
            name: self._watched(Way(name, self.lifter))
            for name in (WAYS[:1] if self.quick else WAYS)
        }
        plain = every[PLAIN]
        return {
            **_figures(plain, COACH),
            "students": len(plain),
            "silences": _shares(plain),
            "cost_ms": spread([ms for _, _, known in plain for ms in known["cost_ms"]]),
            "rivals": {name: _figures(plain, name) for name in NAMES},
            "swapped_in": {
                name: _figures(known, COACH) for name, known in every.items() if name != PLAIN
            },
        }

    def _watched(self, way: Way) -> Seen:
        routines: dict[str, Routine] = {}
        source, found = source_digest(), []
        every = list(pairs(self.practices))
        for lead, student in every[:1] if self.quick else every:

            def make(lead: Practice = lead, student: Practice = student) -> dict[str, Any]:
                if lead.key not in routines:
                    routines.clear()  # one at a time is enough: they come by name
                    routines[lead.key] = routine_of(way, lead)
                return watched(way, routines[lead.key], student)

            parts = (source, self.lifter.fingerprint, way.name, lead.digest, student.digest)
            known = self.kept.get(parts, make)
            found.append((student, (*student.faults(), *differences(lead, student)), known))
            self.advance(f"{way.name}: {student.name}")
        return found


def _figures(seen: Seen, who: str) -> dict[str, Any]:
    """Of students with faults, and beside them of those who are right."""
    faulty, right = Tally(), Tally()
    by_yaw: dict[str, Tally] = {}
    for student, faults, known in seen:
        cues = cues_in(known, who)
        if student.role != RIGHT:
            faulty.add(cues, faults, student.duration_s)
            continue
        right.add(cues, faults, student.duration_s)
        by_yaw.setdefault(student.aside, Tally()).add(cues, faults, student.duration_s)
    yaws = {yaw: tally.figures()["false_per_min"] for yaw, tally in sorted(by_yaw.items())}
    return faulty.figures() | {"perfect": right.figures(), "perfect_by_yaw": yaws}


def _shares(seen: Seen) -> dict[str, float]:
    """Share of the frames in which the coach is silent, by reason."""
    total: Counter[str] = Counter()
    for _, _, known in seen:
        total.update(known["silences"])
    every = sum(total.values())
    return {reason: count / every for reason, count in sorted(total.items())}
