"""When a process has room, and what it asks of pages before it refuses anybody."""

import pytest

from coach_server.sessions.load import (
    FLOOR_FPS,
    LADDER,
    LATE_S,
    LOOK_S,
    Camera,
    Load,
    LoadMeter,
    Shedding,
)

pytestmark = pytest.mark.unit

MOST = 0.8


def test_who_comes_first_is_always_served() -> None:
    assert Load(cpu=5.0, age_s=3.0, frame_cpu=1.0).takes_one_more(MOST)


def test_room_is_counted_with_all_pages_asked_for_as_little_as_may_be() -> None:
    load = Load(students=3, cpu=0.95, frame_cpu=0.2 / FLOOR_FPS)
    assert load.takes_one_more(MOST)  # 3 at 30 frames a second fill it, 4 at the floor do not
    assert not load.takes_one_more(MOST, joining=1)
    assert load.takes_one_more(0.0, joining=50)  # not measured


def test_late_results_refuse_whatever_the_processor_says() -> None:
    load = Load(students=1, cpu=0.1, age_s=LATE_S + 0.01, frame_cpu=0.001)
    assert not load.takes_one_more(MOST)
    assert load.busy(MOST) > MOST


def asked(shedding: Shedding, *loads: Load) -> list[Camera]:
    return [shedding.look(load) for load in loads]


def test_pages_are_asked_for_less_step_by_step_and_for_more_once_it_fits() -> None:
    shedding = Shedding(MOST)
    hot, cool = Load(1, cpu=0.9), Load(1, cpu=0.3)
    while_hot = asked(shedding, *[hot] * 40)
    assert list(dict.fromkeys(while_hot)) == list(LADDER)
    assert while_hot[0] == LADDER[0], "a moment is no load"
    assert list(dict.fromkeys(asked(shedding, *[cool] * 80))) == list(LADDER[::-1])


def test_what_fits_only_now_is_not_asked_for_again() -> None:
    shedding = Shedding(MOST)
    asked(shedding, *[Load(1, cpu=0.9)] * 2)
    assert shedding.rung == 1
    # at 20 frames it takes 0.6: at 30 it would take 0.9 again
    asked(shedding, *[Load(1, cpu=0.6)] * 60)
    assert shedding.rung == 1


def test_results_that_are_a_little_late_keep_nobody_on_a_low_rung() -> None:
    """How late they are does not follow the frames: who was never asked for less is no later."""
    shedding = Shedding(MOST)
    asked(shedding, *[Load(1, cpu=0.2, age_s=2 * LATE_S)] * 30)
    assert shedding.rung > 0
    asked(shedding, *[Load(1, cpu=0.2, age_s=0.7 * LATE_S)] * 60)
    assert shedding.rung == 0


def test_what_is_late_at_every_climb_is_tried_ever_more_rarely() -> None:
    """An engine that is late from 25 frames a second on, with a processor that has little to do."""
    shedding = Shedding(MOST)

    def looks(count: int, students: int = 2) -> list[bool]:
        """Of each, whether results are late."""
        late = []
        for _ in range(count):
            late.append(shedding.camera.max_fps > 25)
            shedding.look(Load(students, cpu=0.2, age_s=2 * LATE_S if late[-1] else 0.1 * LATE_S))
        return late

    looks(600)
    assert sum(looks(600)) < 30, "a twentieth of the time, and less by and by"
    looks(1, students=1)
    assert sum(looks(60, students=1)) > 0, "with a student less it is worth a try"


def test_no_picture_is_made_smaller_for_what_others_take() -> None:
    shedding = Shedding(MOST)
    late = Load(1, cpu=0.2, age_s=2 * LATE_S)
    assert asked(shedding, *[late] * 60)[-1] == Camera(FLOOR_FPS, 1.0)


def test_work_without_students_asks_nobody_for_less() -> None:
    shedding = Shedding(MOST)
    asked(shedding, *[Load(0, cpu=2.0)] * 10)
    assert shedding.rung == 0


def test_without_a_measure_nothing_is_asked() -> None:
    shedding = Shedding(0.0)
    asked(shedding, *[Load(9, cpu=2.0, age_s=5.0)] * 20)
    assert shedding.rung == 0


def test_the_meter_knows_the_price_of_a_frame_and_how_late_results_are() -> None:
    clock = {"now": 0.0, "cpu": 0.0}
    meter = LoadMeter(2.0, now=lambda: clock["now"], cpu=lambda: clock["cpu"])
    for _ in range(10):
        for frame in range(30):
            meter.judged(0.2 if frame == 0 else 0.02)
        clock["now"] += LOOK_S
        clock["cpu"] += 0.6
        load = meter.look(students=1)
    assert load.cpu == pytest.approx(0.3)  # of two cores
    assert load.frame_cpu == pytest.approx(0.02 / 2)
    assert load.age_s == 0.02  # one in thirty is no load
    for _ in range(10):
        clock["now"] += LOOK_S
        load = meter.look(students=0)
    assert (load.age_s, load.cpu) == (0.0, 0.0)
    assert load.frame_cpu == pytest.approx(0.02 / 2), "what was learnt is kept"


def test_a_frame_is_priced_as_if_all_moved() -> None:
    """Students hold still together, and move together again."""
    clock = {"now": 0.0, "cpu": 0.0}
    meter = LoadMeter(1.0, now=lambda: clock["now"], cpu=lambda: clock["cpu"])

    def second(*, still: bool) -> Load:
        for frame in range(30):
            repeated = still and frame % 3 > 0
            meter.judged(0.02, still=repeated)
            clock["cpu"] += 0.017 * (0.4 if repeated else 1.0)
        clock["now"] += LOOK_S
        return meter.look(students=1)

    moving = [second(still=False) for _ in range(8)][-1]
    holding = [second(still=True) for _ in range(8)][-1]
    assert holding.cpu < 0.7 * moving.cpu
    assert moving.frame_cpu == pytest.approx(0.017)
    assert 0.017 <= holding.frame_cpu < 0.02  # rather too dear
    assert moving.moving_cpu == pytest.approx(moving.cpu)
    assert holding.moving_cpu == pytest.approx(30 * holding.frame_cpu)


def test_a_hold_asks_nobody_for_more_than_fits_after_it() -> None:
    shedding = Shedding(MOST)
    asked(shedding, *[Load(3, cpu=1.0, moving_cpu=1.0)] * 10)
    rung = shedding.rung
    assert rung > 0
    asked(shedding, *[Load(3, cpu=0.3, moving_cpu=0.7)] * 60)
    assert shedding.rung == rung
