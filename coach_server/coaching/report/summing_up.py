"""From what was counted to what it comes to."""

from collections import Counter
from typing import Final

import numpy as np

from coach_server.coaching.report.next_steps import next_steps
from coach_server.coaching.report.practice import HELD_S, MOST_OF_IT, Asked, PracticeReport
from coach_server.coaching.report.records import Correction, PoseSequence, WorstMoment
from coach_server.coaching.report.summary import Lag, Summary, Verdict
from coach_server.coaching.report.symmetry import balance
from coach_server.coaching.report.timeline import Timeline
from coach_server.coaching.report.visits import Visit

LEAST_JUDGED_S: Final = 5.0
"""Of less than this nothing can be said of a practice."""

GLIMPSE_S: Final = 0.3
"""A stay this short beside a longer one in the same pose is a slip in following."""

MOST_MOMENTS: Final = 6
"""More of them are not looked at."""


def sum_up(report: PracticeReport) -> Summary:
    """The practice so far; the half second under way is left out."""
    visits = _stays(report.visits)
    stays = _numbered(report, visits)
    sequences = tuple(sequence for sequence, _ in stays)
    corrections = _corrections(report)
    balances = balance([visit for visit in visits if visit.reached])
    timeline = report.timeline.rows()
    silent_s = {
        str(reason): seconds
        for reason, seconds in sorted(report.silent_s.items(), key=lambda item: -item[1])
    }
    reached = {each.hold for each in sequences if each.reached}
    ranked = sorted(
        (each for each in sequences if each.reached and each.excess is not None),
        key=lambda each: each.excess or 0.0,
    )
    told = len(ranked) > 1 and ranked[0].hold != ranked[-1].hold
    verdict = _verdict(report, visits)
    return Summary(
        title=report.title,
        began_t=report.began_t or 0.0,
        film_s=report.film_s,
        judged_s=report.judged_s,
        stood_s=report.stood_s,
        silent_s=silent_s,
        passed=len({each.hold for each in sequences}),
        reached=len(reached),
        lag=_lag(timeline),
        sequences=sequences,
        sequences_dropped=report.visits_dropped,
        balance=balances,
        best=ranked[0] if told else None,
        worst=ranked[-1] if told else None,
        corrections=corrections,
        cues=tuple(report.cues),
        cues_dropped=report.cues_dropped,
        timeline=timeline,
        verdict=verdict,
        steps=next_steps(
            corrections,
            sequences,
            balances,
            silent_s,
            report.film_s,
            is_judged=verdict is Verdict.JUDGED,
        ),
        moments=_moments(stays),
    )


def _verdict(report: PracticeReport, visits: list[Visit]) -> Verdict:
    if report.began_t is None:
        return Verdict.NOT_BEGUN
    judged_s = sum(visit.judged_s for visit in visits)
    return Verdict.JUDGED if judged_s >= LEAST_JUDGED_S else Verdict.TOO_LITTLE


def _stays(visits: list[Visit]) -> list[Visit]:
    longest: dict[int, float] = {}
    for visit in visits:
        longest[visit.hold] = max(longest.get(visit.hold, 0.0), visit.judged_s)
    return [
        visit for visit in visits if visit.judged_s >= GLIMPSE_S or longest[visit.hold] < GLIMPSE_S
    ]


def _numbered(
    report: PracticeReport, visits: list[Visit]
) -> tuple[tuple[PoseSequence, Visit], ...]:
    """A row for every stay, and for every pose that the film held and the student never did."""
    missed = [
        Visit(index, shown.t, report.plan[index].start_s, shown.t + shown.seconds)
        for index, shown in report.shown.items()
        if index not in report.entered and shown.seconds >= _enough(report, index)
    ]
    rows = [*visits, *missed]
    seen: Counter[int] = Counter()
    found = []
    for number, visit in enumerate(sorted(rows, key=lambda v: v.began_t), start=1):
        seen[visit.hold] += 1
        found.append((_sequence(report, visit, number, seen[visit.hold]), visit))
    return tuple(found)


def _enough(report: PracticeReport, index: int) -> float:
    pose = report.plan[index]
    return min(HELD_S, MOST_OF_IT * (pose.end_s - pose.start_s))


def _sequence(report: PracticeReport, visit: Visit, number: int, repeated: int) -> PoseSequence:
    counted = visit.counted_s > 0
    return PoseSequence(
        number=number,
        hold=visit.hold,
        name=_pose_name(report, visit.hold),
        visit=repeated,
        t=visit.began_t,
        end_t=visit.last_t,
        routine_t=0.0 if visit.routine_t is None else visit.routine_t,
        judged_s=visit.judged_s,
        reached=visit.reached,
        within=visit.within_s / visit.counted_s if counted else None,
        excess=visit.excess / visit.counted_s if counted else None,
        worst=visit.worst,
        raised=visit.raised,
        mended=visit.mended,
        lag_s=visit.lag / visit.known_s if visit.known_s > 0 else None,
    )


def _moments(stays: tuple[tuple[PoseSequence, Visit], ...]) -> tuple[WorstMoment, ...]:
    """The worst moments of the poses reached, as far as something was beyond its band."""
    off = sorted(
        (
            (visit.worst, visit.shot, sequence)
            for sequence, visit in stays
            if sequence.reached
            and visit.worst is not None
            and visit.shot is not None
            and visit.worst.excess >= 1.0
        ),
        key=lambda each: -each[0].excess,
    )
    return tuple(
        WorstMoment(
            t=shot.t,
            routine_t=0.0 if shot.routine_t is None else shot.routine_t,
            sequence=sequence.number,
            pose=sequence.name,
            worst=worst,
            off=shot.off,
            mirrored=shot.mirrored,
            joints=tuple(
                (round(float(x), 3), round(float(y), 3), round(float(z), 3))
                for x, y, z in shot.joints
            ),
        )
        for worst, shot, sequence in off[:MOST_MOMENTS]
    )


def _pose_name(report: PracticeReport, hold: int) -> str:
    planned = report.plan[hold].name if hold < len(report.plan) else ""
    return planned or f"Pose {hold + 1}"


def _corrections(report: PracticeReport) -> tuple[Correction, ...]:
    """The most often unmended first; of those alike, the furthest off."""

    def rank(asked: Asked) -> tuple[float, float, float]:
        return (asked.mended - asked.raised, -abs(asked.worst_deg), -asked.raised)

    return tuple(
        Correction(
            joint=joint,
            side=side,
            direction=direction,
            text=text,
            raised=asked.raised,
            mended=asked.mended,
            worst_deg=asked.worst_deg,
            poses=tuple(dict.fromkeys(_pose_name(report, hold) for hold in asked.holds)),
        )
        for (joint, side, direction, text), asked in sorted(
            report.asked.items(), key=lambda item: rank(item[1])
        )
    )


def _lag(timeline: Timeline) -> Lag | None:
    known = timeline.lag_s[np.isfinite(timeline.lag_s)]
    if not len(known):
        return None
    lower, median, upper = (float(q) for q in np.quantile(known, [0.25, 0.5, 0.75]))
    return Lag(median, lower, upper)
