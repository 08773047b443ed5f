"""`coach jobs`: what is under way, from beside the server."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from support.fake_jobs import ledger_of

from coach_server.cli import app
from coach_server.library.jobs.job import State
from coach_server.library.jobs.ledger import Ledger
from coach_server.settings import Settings

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("COACH_DATA", str(tmp_path))
    yield
    structlog.reset_defaults()  # the command line sends logs to a stderr that is gone by now


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return ledger_of(Settings(data=tmp_path))


def coach(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["coach", "jobs", *arguments])
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_jobs_are_listed_cancelled_and_retried(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    job = ledger.create("prepare", "Sun salutation", {})
    assert coach(monkeypatch) == 0
    assert f"{job.id}  prepare  queued" in capsys.readouterr().out
    assert coach(monkeypatch, "cancel", job.id) == 0
    assert ledger.get(job.id).state is State.CANCELLED
    assert coach(monkeypatch, "retry", job.id) == 0
    assert ledger.get(job.id).state is State.QUEUED
    capsys.readouterr()
    assert coach(monkeypatch, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"jobs": [ledger.get(job.id).as_dict()]}


@pytest.mark.parametrize("command", ["cancel", "retry"])
def test_what_is_not_there_is_exit_2(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert coach(monkeypatch, command, "nobody") == 2
    assert "There is no job 'nobody'" in capsys.readouterr().err
