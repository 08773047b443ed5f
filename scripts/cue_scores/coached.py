"""The coach on a session: what it says, where it takes the student to be, and what it costs."""

import time
from dataclasses import dataclass

import numpy as np

from coach_server.body.pose import Pose
from coach_server.coaching.coach import Coach
from coach_server.coaching.cue import CueEvent
from scripts.cue_scores.figure import Array
from scripts.cue_scores.scoring import Cue, cues_of
from scripts.cue_scores.sessions import Session


@dataclass(frozen=True, slots=True)
class Outcome:
    """What someone who watches a session of T frames says.

    Attributes:
        cues: all of them.
        routine_t: (T,) seconds on the routine's clock that the student is taken to be at; NaN
            where that is not said.
        cpu_ms: (T,) of this thread.
    """

    cues: list[Cue]
    routine_t: Array
    cpu_ms: Array


def coached(session: Session) -> Outcome:
    """Let the product's coach watch a session."""
    played, coach = session.played, Coach(session.instructor.routine, session.choices)
    places, cost = np.full(len(played.t), np.nan), np.zeros(len(played.t))
    events: list[CueEvent] = []
    skips = list(played.skips)
    for i, (t, player_t, runs) in enumerate(
        zip(played.t.tolist(), played.player_t.tolist(), played.runs.tolist(), strict=True)
    ):
        pose = Pose(session.joints[i], session.sigma[i])
        if skips and t >= skips[0]:
            skips.pop(0)
            coach.seeked()
        start = time.thread_time_ns()
        judgement = coach.judge(session.keypoints[i], pose, t, player_t, runs=runs)
        cost[i] = (time.thread_time_ns() - start) / 1e6
        events += judgement.cues
        if judgement.match is not None:
            places[i] = judgement.match.routine_t
    return Outcome(cues_of(events), places, cost)
