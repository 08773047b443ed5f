"""A frame's way from the camera to its pose in the page, from what both sides noted."""

import bisect
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from scripts.bench.cpu import spread

SAME_FRAME_MS: Final = 12.0
"""As the page has it: a pose and a frame whose capture times are this near are one."""

STAGES: Final = {
    "browser": "capture to the frame's last packet at the server (encoder, pacer, network)",
    "reorder": "jitter buffer and the decoder's queue",
    "decode": "decode",
    "handed": "from the decoder's thread to the loop",
    "mailbox": "in the mailbox",
    "colours": "colours",
    "keypoints": "keypoints",
    "lifter": "lifter",
    "coaching": "coaching",
    "threads": "to the coach's thread and back, and the rest of it",
    "message": "message, until it leaves",
    "way_back": "way back to the page",
}
"""The stages, in their order; they add up to the whole."""

PARTS: Final = ("colours", "keypoints", "lifter", "coaching")


@dataclass(frozen=True, slots=True)
class Journey:
    """One frame whose pose arrived; milliseconds.

    Attributes:
        number: of the frame.
        total: from its capture to its pose in the page.
        ours: from its last packet until its message left, without keypoints; None unless noted.
        stages: by the names of `STAGES`; without those that nobody noted.
        capture_error: the capture time that the message bears, less the true one; None without.
        drawn_on: the number of the frame that the page draws the pose on; None for no frame.
    """

    number: int
    total: float
    ours: float | None
    stages: Mapping[str, float]
    capture_error: float | None
    drawn_on: int | None


def journeys(
    frames: Sequence[tuple[int, float]],
    poses: Sequence[tuple[int, float | None, float]],
    samples: Sequence[Mapping[str, Any]],
    clock_ms: float,
) -> list[Journey]:
    """Join what the page and the server noted, but for frames that the page never saw.

    Args:
        frames: (number, captured) of the page's own camera, in their order.
        poses: (seq, capture time as the message says, arrived).
        samples: of the server, see `latency_trace`.
        clock_ms: the page's clock less the server's.
    """
    captured: dict[int, list[float]] = defaultdict(list)
    for number, at in frames:
        captured[number].append(at)
    by_seq = {sample["seq"]: sample for sample in samples if sample["number"] is not None}
    made = []
    for seq, said_ms, arrived_ms in poses:
        sample = by_seq.get(seq)
        if sample is None:
            continue
        earlier = [at for at in captured[sample["number"]] if at < arrived_ms]
        if not earlier:
            continue
        capture_ms = earlier[-1]  # the film is looped: numbers come again
        made.append(
            Journey(
                number=sample["number"],
                total=arrived_ms - capture_ms,
                ours=_ours(sample),
                stages=stages_of(sample, capture_ms - clock_ms, arrived_ms - clock_ms),
                capture_error=None if said_ms is None else said_ms - capture_ms,
                drawn_on=None if said_ms is None else _nearest(frames, said_ms),
            )
        )
    return made


def stages_of(sample: Mapping[str, Any], captured_ms: float, arrived_ms: float) -> dict[str, float]:
    """How long a frame was in each stage, ms; both times on the server's clock.

    The stages add up to the whole where the server noted all stations, and keypoints and the like
    are taken out of the time in the coach's thread.
    """
    stations = {
        "browser": captured_ms,
        "reorder": sample.get("last"),
        "decode": sample.get("decoding"),
        "handed": sample.get("decoded"),
        "mailbox": sample["arrived"],
        "threads": sample["taken"],
        "message": sample["said"],
        "way_back": sample["out"],
        "": arrived_ms,
    }
    noted = [(name, at) for name, at in stations.items() if at is not None]
    stages = {name: after - at for (name, at), (_, after) in pairwise(noted)}
    for part in PARTS:
        if part in sample:
            stages[part] = sample[part]
            stages["threads"] -= sample[part]
    return stages


def _ours(sample: Mapping[str, Any]) -> float | None:
    if "last" not in sample:
        return None
    whole: float = sample["out"] - sample["last"] - sample.get("keypoints", 0.0)
    return whole


def _nearest(frames: Sequence[tuple[int, float]], said_ms: float) -> int | None:
    """The number of the frame that was captured then, as the page decides it."""
    after = bisect.bisect(frames, said_ms, key=lambda frame: frame[1])
    near = frames[max(0, after - 1) : after + 1]
    number, at = min(near, key=lambda frame: abs(frame[1] - said_ms), default=(0, float("inf")))
    return number if abs(at - said_ms) <= SAME_FRAME_MS else None


def summary(made: Sequence[Journey], seconds: float) -> dict[str, Any]:
    """The figures of a run: the whole, the stages, and whether poses belong to their frames."""
    told: dict[str, Any] = {
        "poses": len(made),
        "poses_per_s": round(len(made) / seconds, 2),
        "total_ms": spread([journey.total for journey in made]),
        "stages_ms": {
            name: spread(values)
            for name in STAGES
            if (values := [each.stages[name] for each in made if name in each.stages])
        },
    }
    ours = [journey.ours for journey in made if journey.ours is not None]
    if ours:
        told["ours_besides_keypoints_ms"] = spread(ours)
    errors = [each.capture_error for each in made if each.capture_error is not None]
    if errors:
        drawn = [each for each in made if each.drawn_on is not None]
        told["frames"] = {
            "capture_error_ms": spread([abs(error) for error in errors]),
            "bias_ms": round(sorted(errors)[len(errors) // 2], 2),
            "compared": len(errors),
            "on_their_own": sum(each.drawn_on == each.number for each in drawn),
            "within_one": sum(abs((each.drawn_on or 0) - each.number) <= 1 for each in drawn),
            "on_none": len(errors) - len(drawn),
        }
    return told
