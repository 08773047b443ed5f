"""What `engines check` prints of what it proved."""

import json
import subprocess
import sys
from typing import Any

import pytest

from scripts.engine_proofs import __main__ as proofs
from scripts.engine_proofs.cases import Case
from scripts.engine_proofs.row import CONTROLS
from scripts.engine_proofs.table import is_proven, table

pytestmark = pytest.mark.unit

PROVEN: dict[str, Any] = {
    "name": "lifter shipped streaming b1",
    "precision": "fp16",
    "target": "SM86",
    "level_1": {"operations": 20},
    "level_2": {"mb": 5.4, "seconds": 0.1},
}
CASE = Case("r50", "rcnn", 1, half=False, variant="480x640")
FAILED = {**PROVEN, "reason": "level 3: no parser for Det"}


def test_a_row_says_what_was_proven_and_what_not() -> None:
    assert is_proven(PROVEN)
    assert not is_proven(FAILED)
    head, rule, proven, failed = table([PROVEN, FAILED]).splitlines()
    assert head.count("|") == rule.count("|") == proven.count("|") == failed.count("|")
    assert "| 20 | 5.4 / 0.1 | - | yes" in proven
    assert "NO: level 3: no parser for Det" in failed


def test_a_row_whose_process_dies_is_a_row_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], -11, "", "note\nSegmentation fault\n")

    monkeypatch.setattr(subprocess, "run", killed)
    assert proofs.run_apart({}) == {"reason": "its process ended with -11: Segmentation fault"}


def test_what_the_compiler_prints_is_not_taken_for_the_row(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = f"Dry-Run Results\n{{}}\n\n{json.dumps(PROVEN)}\n"

    def noisy(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 0, printed, "")

    monkeypatch.setattr(subprocess, "run", noisy)
    assert proofs.run_apart({}) == PROVEN


@pytest.mark.parametrize(
    ("row", "controls", "code"), [(PROVEN, "", 0), (FAILED, "", 1), (PROVEN, "it passed", 1)]
)
def test_it_fails_where_a_graph_does_or_a_control_does_not(
    monkeypatch: pytest.MonkeyPatch, row: dict[str, Any], controls: str, code: int
) -> None:
    monkeypatch.setattr(sys, "argv", ["engine_proofs"])
    monkeypatch.setattr(proofs, "quick", lambda: [CASE])
    monkeypatch.setattr(
        proofs,
        "run_apart",
        lambda asked: {"reason": controls} if asked == CONTROLS else row,
    )
    with pytest.raises(SystemExit) as ended:
        proofs.main()
    assert ended.value.code == code
