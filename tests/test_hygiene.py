"""What every test is held to fails by name, also where several processes share the tests."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

SHARED = ("-n", "2", "--dist", "loadfile")
ROOT = Path(__file__).resolve().parents[1]
UNTIDY = """
import asyncio
import os
import time
from pathlib import Path

import pytest
from coach_server.files import write_whole

kept = []


def test_is_tidy() -> None:
    assert kept == []


def test_leaves_a_file_open(tmp_path: Path) -> None:
    kept.append(os.open(tmp_path, os.O_RDONLY))


def test_leaves_a_file_in_a_circle(tmp_path: Path) -> None:
    circle = [(tmp_path / "file").open("w")]
    circle.append(circle)


async def test_leaves_a_task_running() -> None:
    kept.append(asyncio.create_task(asyncio.sleep(60)))


async def test_blocks_the_loop(tmp_path: Path) -> None:
    write_whole(tmp_path / "file", b"content")


@pytest.mark.timeout(1)
def test_hangs() -> None:
    time.sleep(60)
"""
SAID = {
    "test_leaves_a_file_open": "descriptors left open",
    "test_leaves_a_file_in_a_circle": "FileIO",
    "test_leaves_a_task_running": "tasks left running",
    "test_blocks_the_loop": "Blocking call",
    "test_hangs": "Timeout",
}


def test_what_a_test_leaves_behind_is_held_against_it(tmp_path: Path) -> None:
    for name in ("test_one.py", "test_two.py"):
        (tmp_path / name).write_text(UNTIDY)
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "-p", "conftest"]
    command += ["-p", "no:cacheprovider", "--rootdir", str(tmp_path), *SHARED, str(tmp_path)]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'tests'}{os.pathsep}{ROOT}", "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )
    told = re.findall(r"^(?:FAILED|ERROR) (test_\w+\.py)::(\w+) - (.*)$", done.stdout, re.MULTILINE)
    assert done.returncode == 1, done.stdout
    for file in ("test_one.py", "test_two.py"):
        reasons = {name: reason for where, name, reason in told if where == file}
        assert reasons.keys() == SAID.keys(), done.stdout
        for name, reason in SAID.items():
            assert reason in reasons[name]
