"""What tests need of the machine is installed where that is allowed, one part without another."""

import os
import shutil
import subprocess
from subprocess import CompletedProcess
from typing import Any

import pytest

from coach_server.cli import programs

pytestmark = pytest.mark.unit


class Machine:
    """A Debian without any of the programs, on which some packages cannot be had."""

    def __init__(self, patch: pytest.MonkeyPatch, *, lacks: str = "", root: bool = True) -> None:
        self.present = {"apt-get"}
        self._lacks = lacks
        patch.setattr(shutil, "which", lambda name: name if name in self.present else None)
        patch.setattr(subprocess, "run", self._run)
        patch.setattr(os, "geteuid", lambda: 0 if root else 1000)

    def _run(self, command: list[str], **_how: Any) -> CompletedProcess[str]:
        if self._lacks in command:
            return CompletedProcess(command, 100)
        self.present |= set(command)
        return CompletedProcess(command, 0)


def test_all_is_installed_for_root(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch)
    assert programs.missing() == ["Chromium", "Firefox", "Redis"]
    assert programs.provide() == []
    assert machine.present >= {"libavcodec-extra", "libegl1"}


def test_who_is_not_root_is_told_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, root=False)
    assert programs.provide() == ["Chromium", "Firefox", "Redis"]
    assert machine.present == {"apt-get"}


def test_where_firefox_is_called_otherwise_the_others_are_there_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Machine(monkeypatch, lacks="firefox-esr")
    assert programs.provide() == ["Firefox"]


def test_a_machine_that_has_all_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, lacks="update")
    machine.present |= {"google-chrome", "firefox", "redis-server"}
    before = set(machine.present)
    assert programs.provide() == []
    assert machine.present == before
