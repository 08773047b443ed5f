"""The figures of sessions and of what somebody said of them."""

from typing import Any, TypeAlias

import numpy as np

from scripts.bench.cpu import spread
from scripts.cue_scores.coached import Outcome
from scripts.cue_scores.following import lag_errors
from scripts.cue_scores.sessions import Session
from scripts.cue_scores.tally import Tally

Done: TypeAlias = list[tuple[Session, Outcome]]


def figures_of(faulty: Done, right: Done) -> dict[str, Any]:
    """Of students with faults, and beside them of those who are right."""
    following = following_of([*faulty, *right])
    return cues_of(faulty) | {"perfect": cues_of(right), "following": following}


def cues_of(done: Done) -> dict[str, Any]:
    """What the cues are worth."""
    tally = Tally()
    for one, said in done:
        tally.add(said.cues, one.faults, one.duration_s, one.hidden)
    return tally.figures()


def brief(figures: dict[str, Any]) -> dict[str, Any]:
    """What is told of rows and controls."""
    kept = ("f1", "precision", "false_per_min", "false_spoken_per_min", "on_hidden_joints", "tf")
    found = {name: figures[name] for name in kept}
    return found | {"recall": figures["recall"].get("all"), "sign_right": figures["sign_right"]}


def following_of(done: Done) -> dict[str, Any]:
    """How well the students are followed."""
    parts = [lag_errors(one, said.routine_t) for one, said in done]
    errors = np.concatenate([errors for errors, _ in parts])
    silent = sum(silent for _, silent in parts)
    return {
        "lag_error_ms": float(1000 * errors.mean()) if len(errors) else None,
        "lag_error_p95_ms": float(1000 * np.percentile(errors, 95)) if len(errors) else None,
        "frames": len(errors),
        "silent": silent / max(len(errors) + silent, 1),
    }


def cost_of(done: Done) -> dict[str, float]:
    """CPU milliseconds a frame."""
    return spread(np.concatenate([said.cpu_ms for _, said in done]).tolist())


def quantiles(values: list[float]) -> dict[str, Any]:
    """Median and 95 %, None without values."""
    if not values:
        return {"median": None, "p95": None, "count": 0}
    return {
        "median": float(np.median(values)),
        "p95": float(np.percentile(values, 95)),
        "count": len(values),
    }
