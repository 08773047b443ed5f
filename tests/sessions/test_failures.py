"""What an engine raises is told once in a while, and holds nothing afterwards."""

import traceback
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from coach_server.errors import EngineStuckError, SupersededError
from coach_server.sessions import failures
from coach_server.sessions.failures import TELL_EVERY_S, FailedFrame, Failures

pytestmark = pytest.mark.unit


def caught(call: Callable[[], None]) -> Exception:
    try:
        call()
    except Exception as error:  # noqa: BLE001  # any that was asked for
        return error
    raise AssertionError("it raises")


def raised(make: Callable[[], Exception]) -> Exception:
    """From one error, while another was handled: both have been through frames."""

    def inside() -> None:
        raise ValueError("inside")

    def meanwhile() -> None:
        raise KeyError("meanwhile")

    cause = caught(inside)

    def outside() -> None:
        try:
            meanwhile()
        except KeyError:
            raise make() from cause

    return caught(outside)


def broken() -> Exception:
    return raised(lambda: RuntimeError("a tensor of the wrong shape"))


def code(failed: FailedFrame) -> str | None:
    return None if failed.message is None else failed.message["error"]["code"]


def test_all_that_led_to_it_is_logged_and_the_page_hears_plain_words() -> None:
    with capture_logs() as logs:
        failed = Failures("s1").told(broken())
    (event,) = logs
    assert event["event"] == "an engine raised"
    assert event["session"] == "s1"
    assert code(failed) == "internal"
    assert "tensor" not in str(failed.message)


def test_an_error_of_ours_is_told_in_its_own_words() -> None:
    failed = Failures("s1").told(raised(lambda: EngineStuckError("it hung", hint="go on")))
    assert failed.message is not None
    assert failed.message["error"]["message"] == "it hung"
    assert failed.message["error"]["hint"] == "go on"


def test_what_was_raised_holds_no_frames_and_nor_does_what_led_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    depths: list[int] = []

    class Log:
        def error(self, _event: str, *, session: str, exc_info: Exception) -> None:
            assert session == "s1"
            depths.append(len(list(traceback.walk_tb(exc_info.__traceback__))))

    monkeypatch.setattr(failures, "log", Log())
    error = broken()
    each_of_them = [error, error.__cause__, error.__context__]
    assert len(set(map(id, each_of_them))) == 3
    assert all(each is not None and each.__traceback__ is not None for each in each_of_them)
    Failures("s1").told(error)
    assert depths == [2], "it was there to be logged"
    for each in each_of_them:
        assert each is not None
        assert each.__traceback__ is None


def test_one_that_led_to_itself_is_cut_too() -> None:
    error = broken()
    error.__cause__ = error
    Failures("s1").told(error)
    assert error.__traceback__ is None


def test_what_is_raised_in_each_frame_is_told_once_in_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now_s = 100.0
    monkeypatch.setattr("coach_server.sessions.failures.time.monotonic", lambda: now_s)
    told = Failures("s1")
    with capture_logs() as logs:
        assert code(told.told(broken())) == "internal"
        for _ in range(3):
            now_s += TELL_EVERY_S / 4
            error = broken()
            assert code(told.told(error)) is None
            assert error.__traceback__ is None
        now_s += TELL_EVERY_S / 4
        assert code(told.told(broken())) == "internal"
    assert len(logs) == 2


def test_nobody_hears_of_a_frame_whose_student_has_gone() -> None:
    told = Failures("s1")
    with capture_logs() as logs:
        assert code(told.told(raised(lambda: SupersededError("the student has gone")))) is None
        assert not logs
        assert code(told.told(broken())) == "internal", "and it takes nobody's turn"
