"""The figures of `coach bench capacity` as markdown."""

from collections.abc import Iterator
from typing import Any


def table(result: dict[str, Any]) -> str:
    """All that a reader asks first; the rest is in the JSON."""
    climbs = [_climbed(climb) for climb in [*result["climbs"], *result["each_frame_read"]]]
    heads = (
        "keypoints, fps, workers",
        "still frames not read",
        "CPU s per student-second",
        "students a core",
        "students in time (every frame)",
        "age there, ms, p50 / p95",
    )
    rest = [*_compared(result), *_ingests(result["ingest"]), *_overload(result)]
    return "\n\n".join([_markdown([heads, *climbs]), _markdown([("", ""), *rest])])


def _climbed(climb: dict[str, Any]) -> tuple[str, ...]:
    most = climb["students_in_time"]
    at = next((step for step in climb["steps"] if step["students"] == most), climb["steps"][0])
    return (
        f"{climb['keypoints']}, {climb['fps']:g}, {climb['workers']}",
        "none is left out" if not climb["skip_still"] else f"{climb['still'] or 0:.0%}",
        f"{climb['cpu_s_per_student_s']:.3f}",
        f"{climb['students_per_core']:.2f}",
        f"{most} ({climb['students_served']})",
        _spread(at["age_ms"]),
    )


def _compared(result: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for pair in result["two_to_one"]:
        whom = f"{pair['keypoints']}, {pair['fps']:g} fps"
        at = ", ".join(map(str, pair["students"]))
        yield f"two workers / one, CPU, {whom}, at {at} students", f"{pair['ratio']:.2f}"
    if "mediapipe" in result:
        call = result["mediapipe"]["call_cpu_ms"]
        yield "MediaPipe's own call, CPU ms, mean / p95", _spread(call, "mean")
        for keypoints, ratio in result["ratio"].items():
            yield f"the whole server / MediaPipe's call, {keypoints}", f"{ratio:.2f}"
        for keypoints, ratio in result["ratio_each_frame_read"].items():
            yield f"the same with each frame read, {keypoints}", f"{ratio:.2f}"
    joins = result["joins"]
    yield (
        f"joining, offer to first pose, ms, p50 / p95 of {joins['joins']}",
        _spread(joins["join_first_pose_ms"]),
    )


def _ingests(ingests: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for which, told in ingests.items():
        cost = told["free"]["server_cpu_s_per_student_s"]
        yield f"ingest alone, {which}: CPU s per student-second", f"{cost:.3f}"
        yield f"ingest alone, {which}: age, ms, p50 / p95", _spread(told["free"]["age_ms"])
        seconds = told["slow"]["seconds"]
        yield (
            f"{which}, consumer of 100 ms: age, ms, first / last third of {seconds:.0f} s",
            _thirds(told["slow"]["age_growth"]),
        )


def _overload(result: dict[str, Any]) -> Iterator[tuple[str, str]]:
    over, shed = result["overload"], result["shedding"]
    yield from _growing(f"{over['students']} students at once for {over['seconds']:.0f} s", over)
    asked = shed["students"] + shed["turned_away"]
    yield f"{asked} with admission: who came in", f"{shed['students']}"
    yield "frames a second of each of them", f"{shed['sent_per_s']:.1f}"
    yield from _growing(f"they, for {shed['seconds']:.0f} s", shed)


def _growing(whom: str, told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield f"{whom}: age, ms, p50 / p95", _spread(told["age_ms"])
    yield f"{whom}: age, ms, p50, first / last third", _thirds(told["age_growth"])
    yield f"{whom}: that server's memory, MB, first / last third", _thirds(told["rss_growth"])
    yield f"{whom}: connections lost, joining included", f"{told['lost']}"
    yield f"{whom}: connected at the end", f"{told['connected']}"


def _thirds(growth: dict[str, float | None]) -> str:
    first, last = growth["first"], growth["last"]
    return "none" if first is None or last is None else f"{first:.0f} / {last:.0f}"


def _spread(told: dict[str, Any], middle: str = "p50") -> str:
    return "none" if told[middle] is None else f"{told[middle]:.1f} / {told['p95']:.1f}"


def _markdown(rows: list[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "| --- " * len(rows[0]) + "|", *lines[1:]])
