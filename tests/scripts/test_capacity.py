"""What the measurements of capacity are taken for, and what CPU and memory are counted."""

import subprocess
import sys
from typing import Any

import pytest

from scripts.bench.capacity_overload import growth
from scripts.bench.capacity_steps import _summary, two_to_one
from scripts.bench.capacity_table import table
from scripts.bench.cpu import tree_cpu_s, tree_rss_mb
from scripts.load.crowd import told, windows
from scripts.load.seen import Seen

pytestmark = pytest.mark.unit

PARENT = """
import subprocess, sys, time
def burn(s):
    end = time.process_time() + s
    while time.process_time() < end: pass
if sys.argv[1] == "child":
    burn(0.2); sys.exit()
subprocess.run([sys.executable, __file__, "child"])
runs = "print(flush=True); input()"
pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
stays = subprocess.Popen([sys.executable, "-c", runs], **pipes)
stays.stdout.readline()
print(stays.pid, flush=True)
input()
stays.communicate(b"x")
"""


def step(students: int, cpu: float, p95: float, poses: float = 30.0) -> dict[str, Any]:
    return {
        "students": students,
        "turned_away": 0,
        "seconds": 6.0,
        "sent_per_s": 30.0,
        "poses_per_s": poses,
        "age_ms": {"mean": p95 / 2, "p50": p95 / 2, "p95": p95, "most": p95},
        "server_cpu_s_per_student_s": cpu,
        "server_cpu_ms_per_pose": 1000 * cpu / poses,
    }


def climbed(workers: int, *steps: dict[str, Any]) -> dict[str, Any]:
    who = {"keypoints": "blazepose-full", "fps": 30, "workers": workers}
    who |= {"skip_still": True, "still": 0.4}
    return {**who, "steps": list(steps), **_summary(list(steps))}


ONE = climbed(1, step(1, 0.5, 25), step(2, 0.5, 80), step(3, 0.3, 140, 18), step(4, 0.2, 300, 9))
TWO = climbed(2, step(1, 0.6, 25), step(2, 0.55, 40), step(3, 0.2, 160, 12))


def test_capacity_is_what_is_in_time_and_its_price_that_of_frames_all_answered() -> None:
    assert (ONE["students_in_time"], ONE["students_served"]) == (3, 2)
    assert ONE["cpu_s_per_student_s"] == 0.5
    assert ONE["students_per_core"] == 2.0
    none = climbed(1, step(1, 0.4, 200))
    assert (none["students_in_time"], none["cpu_s_per_student_s"]) == (0, 0.4)


def test_two_workers_are_compared_with_one_at_the_same_numbers() -> None:
    assert two_to_one(ONE, TWO) == {"students": [2], "ratio": 1.1}
    assert two_to_one(climbed(1, step(1, 0.5, 25)), TWO) == {"students": [1], "ratio": 1.2}
    assert two_to_one(climbed(1, step(1, 0.5, 200)), TWO) is None


def test_growth_is_told_by_the_minute() -> None:
    grows = growth([(float(second), 100.0 + second) for second in range(60)])
    assert grows == {"per_min": pytest.approx(60), "first": 109.5, "last": 149.5}
    assert growth([(0, 1), (1, 2)])["per_min"] is None


def test_ages_are_told_by_when_they_came() -> None:
    seen = Seen()
    for index in range(24):
        seen.at_s.append(100 + index)
        seen.ages_ms.append(10.0 if index < 12 else 50.0)
    parts = windows([seen], began_s=100, took_s=24)
    assert [part["p50"] for part in parts] == [10.0] * 6 + [50.0] * 6
    assert told([]) == {"mean": None, "p50": None, "p95": None, "most": None}


def test_the_table_says_what_was_found_and_what_was_not() -> None:
    slow = {"first": 1296.0, "last": 3094.6, "per_min": 40_000.0}
    ingest = {"free": step(2, 0.06, 42), "slow": {**step(2, 0.06, 42), "age_growth": slow}}
    grown = {
        **step(9, 0.2, 450),
        "age_growth": slow,
        "rss_growth": growth([]),
        "lost": 7,
        "connected": 8,
    }
    result = {
        "climbs": [ONE, TWO],
        "each_frame_read": [{**ONE, "skip_still": False, "still": 0.0}],
        "two_to_one": [{"keypoints": "blazepose-full", "fps": 30, "students": [2], "ratio": 1.1}],
        "joins": {"joins": 25, "join_first_pose_ms": {"p50": 100.0, "p95": 300.0}},
        "ingest": {"stock": ingest},
        "overload": grown,
        "shedding": {**grown, "students": 0, "age_ms": told([]), "turned_away": 9},
    }
    text = table(result)
    assert "| blazepose-full, 30, 1 | 40% | 0.500 | 2.00 | 3 (2) | 70.0 / 140.0 |" in text
    assert "| blazepose-full, 30, 1 | none is left out | 0.500 |" in text
    assert "| two workers / one, CPU, blazepose-full, 30 fps, at 2 students | 1.10 |" in text
    assert "| stock, consumer of 100 ms: age, ms, first / last third of 6 s | 1296 / 3095 |" in text
    assert "that server's memory, MB, first / last third | none |" in text
    assert "| 9 students at once for 6 s: connections lost, joining included | 7 |" in text
    assert "| 9 with admission: who came in | 0 |" in text
    assert "| they, for 6 s: age, ms, p50 / p95 | none |" in text
    assert "| they, for 6 s: connected at the end | 8 |" in text
    assert "MediaPipe" not in text
    call = {"mean": 20.0, "p50": 20.0, "p95": 22.0}
    beside = {
        **result,
        "mediapipe": {"call_cpu_ms": call},
        "ratio": {"blazepose-full": 0.77},
        "ratio_each_frame_read": {"blazepose-full": 0.92},
    }
    assert "| the whole server / MediaPipe's call, blazepose-full | 0.77 |" in table(beside)
    assert "| the same with each frame read, blazepose-full | 0.92 |" in table(beside)


def test_a_process_is_counted_with_all_that_it_started(tmp_path: Any) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, script, "parent"], **pipes) as parent:
        child = int(parent.stdout.readline())  # type: ignore[union-attr]  # it is a pipe
        whole_s, whole_mb = tree_cpu_s(parent.pid), tree_rss_mb(parent.pid)
        child_mb = tree_rss_mb(child)
        parent.communicate(b"\n")
    assert whole_s >= 0.2  # of the child that has ended
    assert whole_mb > child_mb > 1
    assert tree_cpu_s(parent.pid) == tree_rss_mb(parent.pid) == 0.0
