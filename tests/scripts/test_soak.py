"""What a soak keeps, sums up and draws, and what its students are to do."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import cv2
import pytest

from coach_server.errors import InputError
from scripts.soak import goals
from scripts.soak.curve import DPI, SIZE_IN, draw
from scripts.soak.samples import EVERY_S, Process, Sample, append, read, segments, soaked_s
from scripts.soak.soaking import PLAN, Soak, begin
from scripts.soak.students import CUT_S, PRACTICE_S, WAYS, Way, plan_of
from scripts.soak.summary import growth, longest_gap_s, longest_silence_s, summary

pytestmark = pytest.mark.unit

FRONT: Final = Process(1, "front", 200.0, 9, 7, 1.0)
ONE: Final = Sample(
    at=1e9,
    segment=1,
    up_s=10.0,
    students=3,
    came=3,
    rss_mb=1000.0,
    fds=32,
    threads=33,
    processes=(FRONT, replace(FRONT, pid=2, role="worker", rss_mb=800.0)),
    cpu=1.2,
    webcams_cpu=0.1,
    load_1min=1.5,
    poses_per_s=88.0,
    age_p50_ms=16.0,
    age_p95_ms=30.0,
    joins=1,
    resumed=0,
    left={"bye": 1},
    refused={"503": 2},
)
HOUR: Final = [
    replace(ONE, at=ONE.at + n * EVERY_S, up_s=(n + 1) * EVERY_S, came=n) for n in range(360)
]


def test_what_is_kept_is_read_again_though_a_line_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    assert read(path) == []
    append(path, ONE)
    append(path, replace(ONE, up_s=20.0))
    with path.open("a") as file:
        file.write('{"at": 3')
    assert len(read(path)) == 2
    append(path, replace(ONE, segment=2))
    kept = read(path)
    assert [(s.segment, s.up_s) for s in kept] == [(1, 10.0), (1, 20.0), (2, 10.0)]
    assert kept[0] == ONE
    assert soaked_s(kept) == 30.0
    assert [len(run) for run in segments(kept)] == [2, 1]
    path.write_text('{"at": 3}\n')
    with pytest.raises(InputError, match="Line 1"):
        read(path)


def test_it_goes_on_the_same_or_says_why_not(tmp_path: Path) -> None:
    wanted = Soak(0.8, 2, "blazepose-full", 1)
    assert begin(tmp_path / "new", wanted) is wanted
    (tmp_path / PLAN).write_text(
        '{"load": 0.8, "workers": 2, "keypoints": "blazepose-full", "seed": 1, '
        '"student_cores": 0.47, "webcam_cores": 0.03}'
    )
    kept = begin(tmp_path, wanted)
    assert kept.at_once > 1.0
    with pytest.raises(InputError, match="Another soak"):
        begin(tmp_path, replace(wanted, load=0.5))


def test_growth_is_of_medians_and_spikes_and_the_start_are_none() -> None:
    assert growth(HOUR[:30]) is None
    steady = growth(HOUR)
    assert steady is not None
    assert steady["percent"] == 0.0
    odd = [
        replace(s, rss_mb=100.0 if n < 20 else 5000.0 if n % 50 == 0 else 1000.0)
        for n, s in enumerate(HOUR)
    ]
    assert (growth(odd) or {})["percent"] == 0.0
    leaks = [replace(s, rss_mb=1000.0 + n) for n, s in enumerate(HOUR)]
    assert (growth(leaks) or {})["percent"] == pytest.approx(27.3, abs=0.3)


def test_a_server_that_stood_or_served_nobody_is_seen() -> None:
    stood = [*HOUR[:10], *(replace(s, at=s.at + 25.0) for s in HOUR[10:20])]
    assert longest_gap_s(stood) == 35.0
    silent = [replace(s, poses_per_s=0.0) for s in HOUR[:3]]
    nobody = [replace(s, poses_per_s=0.0, students=0) for s in HOUR[3:9]]
    assert longest_silence_s([*silent, *nobody, *HOUR[9:]]) == 30.0


@pytest.mark.parametrize("fault", ["errors", "unserved", "broken", "replaced", "died"])
def test_each_fault_is_one(fault: str) -> None:
    assert summary(HOUR)["no_fault"]
    told = summary([*HOUR, replace(HOUR[-1], **{fault: 1})])  # type: ignore[arg-type]  # by name
    assert not told["no_fault"]
    assert told["left"] == {"bye": 361}
    assert told["refused"] == {"503": 722}
    assert (told["hours"], told["memory_growth_percent"]) == (1.0, 0.0)


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Matplotlib keeps the files of its fonts open once it has drawn."""
    draw(HOUR[:3], tmp_path_factory.mktemp("fonts") / "few.png", "few")


@pytest.mark.usefixtures("fonts")
def test_the_curve_is_drawn_over_both_servers(tmp_path: Path) -> None:
    again = [replace(s, segment=2, rss_mb=900.0, age_p95_ms=None) for s in HOUR[:80]]
    path = tmp_path / "soak.png"
    draw([*HOUR, *again], path, "a soak")
    picture = cv2.imread(str(path))
    assert picture is not None
    assert picture.shape[:2] == (round(SIZE_IN[1] * DPI), round(SIZE_IN[0] * DPI))
    assert len({tuple(pixel) for pixel in picture[:300, :600].reshape(-1, 3)[::7]}) > 8


def test_students_are_the_same_again_and_go_in_every_way() -> None:
    plans = [plan_of(1, number) for number in range(300)]
    assert plans == [plan_of(1, number) for number in range(300)]
    assert plans[0] != plan_of(2, 0)
    assert {plan.way for plan in plans} == set(Way) == set(WAYS)
    assert all(PRACTICE_S[0] <= plan.practice_s <= PRACTICE_S[1] for plan in plans)
    assert all(CUT_S[0] <= plan.cut_s <= CUT_S[1] for plan in plans)
    assert all((plan.served_s > plan.practice_s) == (plan.way in "reloaded cut") for plan in plans)


def test_a_soak_that_misses_its_goals_says_which() -> None:
    told = summary(HOUR)
    assert goals.of_soak(told, 1.0) == []
    assert goals.of_soak(told, 2.0) == ["1.0 of 2.0 hours"]
    in_two = summary(
        [*HOUR[:200], *(replace(s, segment=2, up_s=s.up_s - 2000.0) for s in HOUR[200:])]
    )
    assert in_two["hours"] == 1.0
    assert len(goals.of_soak(in_two, 1.0)) == 1, "two servers say nothing of one's whole time"
    assert goals.of_soak({**told, "memory_growth_percent": 5.1}, 1.0) == ["memory grew by 5.1 %"]
    assert len(goals.of_soak({**told, "memory_growth_percent": None}, 1.0)) == 1
    assert goals.of_soak({**told, "no_fault": False}, 1.0) == ["there were errors"]
    assert goals.of_soak({**told, "poses_per_s": 0.0}, 1.0) == ["nobody was served"]


def test_connects_that_leave_something_say_what() -> None:
    told: dict[str, Any] = {
        **dict.fromkeys(("descriptors", "tasks", "connections"), 0),
        "rss_mb": [400.0, 401.0],
        "rss_mb_late": 1.0,
        "first_pose_ms": {"p95": 80.0},
    }
    assert goals.of_connects(told) == []
    for worse in (
        {"descriptors": 3},
        {"descriptors": -3},
        {"tasks": 1},
        {"connections": 1},
        {"rss_mb_late": 21.0},
        {"first_pose_ms": {"p95": None}},
    ):
        assert len(goals.of_connects({**told, **worse})) == 1


def test_a_slow_engine_is_judged_by_ages_memory_and_whether_frames_are_accounted_for() -> None:
    frames = {"received": 1800, "undecoded": 0, "judged": 600, "dropped": 1199, "replaced": 1199}
    told = {"age_ms": {"p95": 150.0}, "rss_mb": [400.0, 410.0], "frames": frames}
    assert goals.of_slow(told) == []
    for worse in (
        {"age_ms": {"p95": 200.0}},
        {"age_ms": {"p95": None}},
        {"rss_mb": [400.0, 421.0]},
        {"frames": {**frames, "dropped": 1100}},
        {"frames": {**frames, "replaced": 0}},
    ):
        assert len(goals.of_slow({**told, **worse})) == 1
