"""What is made of an answer of pip-audit, of the kinds that it gives."""

import tomllib
from datetime import date
from typing import Any, Final

import pytest

from coach_server.errors import InputError
from scripts import audit
from scripts.audit import judged

pytestmark = pytest.mark.unit

TODAY: Final = date(2026, 11, 26)
SOUND: Final = {"name": "numpy", "version": "2.4.0", "vulns": []}
SKIPPED: Final = {"name": "av", "skip_reason": "Dependency not found on PyPI"}
OURS: Final = {"name": "coach-server", "skip_reason": "Dependency not found on PyPI"}


def faulty(*fixes: str) -> dict[str, Any]:
    fault = {"id": "PYSEC-2026-7", "aliases": ["CVE-2026-1"], "fix_versions": list(fixes)}
    return {"name": "aiohttp", "version": "3.14.0", "vulns": [fault]}


def test_a_fault_is_named_with_what_mends_it() -> None:
    found = judged({"dependencies": [SOUND, faulty("3.14.1")]}, {}, TODAY)
    assert found.faults == ["aiohttp 3.14.0: PYSEC-2026-7; mended in: 3.14.1"]
    assert found.known == 2


@pytest.mark.parametrize("name", ["PYSEC-2026-7", "CVE-2026-1"])
def test_what_is_accepted_counts_again_once_its_time_is_over(name: str) -> None:
    answer = {"dependencies": [faulty()]}
    because = {"reason": "never called", "until": date(2026, 11, 26)}
    found = judged(answer, {name: because}, TODAY)
    assert not found.faults
    assert "never called" in found.accepted[0]
    over = judged(answer, {name: because | {"until": date(2026, 11, 25)}}, TODAY)
    assert "which is over" in over.faults[0]


def test_what_a_service_does_not_know_is_not_sound() -> None:
    found = judged({"dependencies": [SKIPPED, OURS]}, {}, TODAY)
    assert (found.known, found.unknown, found.faults) == (0, ["av"], [])


def run(
    monkeypatch: pytest.MonkeyPatch, answers: dict[str, dict[str, Any] | None], *flags: str
) -> None:
    monkeypatch.setattr(audit, "_auditor", lambda folder: folder)
    monkeypatch.setattr(audit, "asked", lambda service, *_: answers[service])
    monkeypatch.setattr("sys.argv", ["audit", *flags])
    audit.main()


def test_a_network_that_is_not_there_fails_the_strict_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    unreachable = {"osv": None, "pypi": {"dependencies": [SKIPPED]}}
    run(monkeypatch, unreachable)
    assert "nothing was audited" in capsys.readouterr().out
    with pytest.raises(InputError, match="nothing was audited"):
        run(monkeypatch, unreachable, "--strict")


def test_the_second_service_is_asked_where_the_first_knows_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers: dict[str, dict[str, Any] | None]
    answers = {"osv": None, "pypi": {"dependencies": [SOUND, faulty("3.14.1")]}}
    with pytest.raises(InputError, match="PYSEC-2026-7"):
        run(monkeypatch, answers)


def test_every_accepted_fault_has_its_reason_and_its_date() -> None:
    accepted = tomllib.loads(audit.ACCEPTED.read_text())["accepted"]
    for each in accepted:
        assert each["id"]
        assert each["reason"]
        assert isinstance(each["until"], date)
