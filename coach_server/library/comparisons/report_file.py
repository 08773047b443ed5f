"""`report.json`: what a comparison found, for programs and for the page."""

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from coach_server.coaching.comparing.comparison import Comparison
from coach_server.coaching.comparing.findings import Finding
from coach_server.coaching.comparing.summary import (
    AngleSummary,
    PoseSummary,
    angle_summaries,
    mean_error_deg,
    pose_summaries,
)
from coach_server.coaching.comparing.warping import Alignment
from coach_server.coaching.corrections import CORRECTIONS
from coach_server.coaching.report.names import name_of, off_by
from coach_server.library.comparisons.side import Side

FORMAT: Final = 1


def report_of(
    comparison: Comparison,
    found: Sequence[Finding],
    instructor: Side,
    student: Side,
    *,
    title: str,
    created_at: str,
    alignment: Alignment,
) -> dict[str, Any]:
    """The report, as JSON holds it. Findings come the greatest first."""
    aligned = comparison.frame >= 0
    shown = comparison.yoga_pose[np.isfinite(comparison.yoga_pose)]
    return {
        "format": FORMAT,
        "title": title,
        "created_at": created_at,
        "alignment": str(alignment),
        "mirrored": comparison.mirrored,
        "instructor": _side(instructor),
        "student": _side(student),
        "aligned_share": round(float(aligned.mean()), 3),
        "judged_share": round(float(comparison.judged.mean()), 3),
        "mean_error_deg": _rounded(mean_error_deg(comparison), 2),
        "yoga_pose_error": {
            "mean": _rounded(float(shown.mean()) if len(shown) else None, 3),
            "greatest": _rounded(float(shown.max()) if len(shown) else None, 3),
        },
        "findings": [finding_dict(one) for one in found],
        "joints": [_angle(one) for one in angle_summaries(comparison)],
        "poses": [_pose(one) for one in pose_summaries(comparison, instructor.routine)],
    }


def finding_dict(one: Finding) -> dict[str, Any]:
    """A finding, as JSON holds it: times to the millisecond, degrees to a tenth."""
    return {
        "joint": str(one.joint),
        "side": str(one.side),
        "direction": str(one.direction),
        "deviation_deg": round(one.deviation_deg, 1),
        "text": one.text,
        "off": one.off,
        "angle": one.angle.name.lower(),
        "excess": round(one.excess, 2),
        "t": round(one.t, 3),
        "routine_t": round(one.routine_t, 3),
        "from": round(one.start_s, 3),
        "to": round(one.end_s, 3),
        "hold": one.hold,
        "pose": one.pose,
    }


def _side(side: Side) -> dict[str, Any]:
    track = side.routine.track
    return {
        "title": side.title,
        "routine": side.routine_id,
        "frames": len(track.time_s),
        "fps": round(track.fps, 3),
        "duration_s": round(side.routine.duration_s, 3),
        "engines": side.fingerprints,
    }


def _angle(one: AngleSummary) -> dict[str, Any]:
    entry = CORRECTIONS[one.angle]
    return {
        "angle": one.angle.name.lower(),
        "name": name_of(one.angle),
        "joint": str(entry.joint),
        "side": str(entry.side),
        "judged_share": round(one.judged, 3),
        "mean_deg": round(one.mean_deg, 2),
        "mean_abs_deg": round(one.mean_abs_deg, 2),
        "worst_deg": round(one.worst_deg, 2),
        "within_share": round(one.within, 3),
    }


def _pose(one: PoseSummary) -> dict[str, Any]:
    worst = one.worst
    return {
        "hold": one.hold,
        "name": one.name,
        "routine_t": round(one.start_s, 3),
        "routine_end_t": round(one.end_s, 3),
        "t": _rounded(one.t, 3),
        "end_t": _rounded(one.end_t, 3),
        "mean_abs_deg": _rounded(one.mean_abs_deg, 2),
        "worst": None
        if worst is None
        else {
            "angle": worst.angle.name.lower(),
            "deviation_deg": round(worst.degrees, 1),
            "excess": round(worst.excess, 2),
            "off": off_by(worst.angle, worst.degrees),
        },
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, digits)
