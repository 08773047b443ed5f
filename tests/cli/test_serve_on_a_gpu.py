"""`coach serve --device cuda` where there is no GPU: it says why not and what to do, and ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from coach_server.inference.machine import this_machine

pytestmark = pytest.mark.unit


def test_cuda_without_a_gpu_is_exit_2_with_the_reason_and_the_way_out(tmp_path: Path) -> None:
    if this_machine().gpus:
        pytest.skip("there is a GPU here")
    command = ["serve", "--device", "cuda", "--keypoints", "blazepose-full", "--port", "0"]
    done = subprocess.run(
        [sys.executable, "-m", "coach_server", *command],
        env={**os.environ, "COACH_CACHE": str(tmp_path), "COACH_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    (said,) = [line for line in done.stderr.splitlines() if line.startswith("coach: ")]
    assert done.returncode == 2, done.stderr
    assert said.startswith("coach: the device cuda is asked for, but ")
    reason, _, way_out = said.partition(". ")
    assert "GPU" in reason or "CPU build" in reason
    assert way_out
    assert "Traceback" not in done.stderr
