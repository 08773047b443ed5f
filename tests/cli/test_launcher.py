"""`./coach`: sets up once, again only when pyproject changes, from any folder, and says so."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

PROGRAMS = "coach_server/cli/programs.py"
"""Runs beside the installation, so its place among the calls is not known."""

LAUNCHER = Path(__file__).resolve().parents[2] / "coach"

FAKE_PYTHON = """#!/bin/sh
# Stands for python3, and for the interpreter of the environment it makes.
[ "$1" = -c ] && exit ${TOO_OLD:-0}
echo "$*" >> "$LOG"
[ "$2" = venv ] && { mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; }
[ "$2" = pip ] && exit ${PIP_FAILS:-0}
echo "device ${COACH_DEVICE:-unset}"
exit 0
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the launcher, a pyproject and a stand-in for python3."""
    root = tmp_path / "check out"  # with a space
    root.mkdir()
    shutil.copy(LAUNCHER, root / "coach")
    (root / "pyproject.toml").write_text("[project]\n")
    fake = tmp_path / "bin" / "fake-python"
    fake.parent.mkdir()
    fake.write_text(FAKE_PYTHON)
    fake.chmod(0o755)
    return root


def launch(
    checkout: Path, *arguments: str, cwd: Path | None = None, **env: str
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run the launcher; gives its outcome and the calls of the stand-in since the last run."""
    log = checkout.parent / "log"
    log.unlink(missing_ok=True)
    done = subprocess.run(
        [env.pop("launcher", str(checkout / "coach")), *arguments],
        cwd=cwd or checkout,
        env={
            "PATH": os.environ["PATH"],
            "PYTHON": str(checkout.parent / "bin" / "fake-python"),
            "LOG": str(log),
            **env,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    calls = log.read_text().splitlines() if log.exists() else []
    return done, [call for call in calls if not call.endswith(PROGRAMS)]


def kinds(calls: list[str]) -> list[str]:
    return [call.removeprefix("-P ").split()[1] for call in calls]


def test_the_first_run_sets_up_and_the_second_does_not(checkout: Path) -> None:
    done, calls = launch(checkout, "serve", "--port", "0")
    assert done.returncode == 0
    assert kinds(calls) == ["venv", "pip", "coach_server"]
    assert calls[1].endswith("check out[cpu]")
    assert calls[2] == "-P -m coach_server serve --port 0"
    assert "setting up .venv" in done.stderr
    done, calls = launch(checkout, "serve")
    assert kinds(calls) == ["coach_server"]
    assert done.stderr == ""


def test_it_installs_again_when_pyproject_changes(checkout: Path) -> None:
    launch(checkout, "serve")
    (checkout / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    assert kinds(launch(checkout, "serve")[1]) == ["pip", "coach_server"]


def test_the_tests_bring_their_own_extras_into_the_same_environment(checkout: Path) -> None:
    launch(checkout, "serve")
    _, calls = launch(checkout, "test")
    assert kinds(calls) == ["pip", "coach_server"]
    assert calls[0].endswith("[cpu,test,studio,train]")
    assert kinds(launch(checkout, "serve")[1]) == ["coach_server"]


def test_the_tests_fetch_the_programs_they_need_before_they_begin(checkout: Path) -> None:
    launch(checkout, "serve")
    assert PROGRAMS not in (checkout.parent / "log").read_text()
    launch(checkout, "test")
    calls = (checkout.parent / "log").read_text().splitlines()
    assert any(call.endswith(PROGRAMS) for call in calls)
    assert calls[-1] == "-P -m coach_server test"


def test_the_gpu_has_an_environment_of_its_own(checkout: Path) -> None:
    _, calls = launch(checkout, "--gpu", "serve")
    assert calls[0].endswith(".venv-gpu")
    assert calls[1].endswith("[gpu]")
    assert calls[2] == "-P -m coach_server serve"
    _, calls = launch(checkout, "--gpu", "test")
    assert calls[0].endswith("[gpu,test,studio]")  # torch comes with gpu, in another version


def test_who_asks_for_the_gpu_gets_it_or_is_told_why_not(checkout: Path) -> None:
    def device(done: tuple[subprocess.CompletedProcess[str], list[str]]) -> str:
        return done[0].stdout.splitlines()[-1]

    assert device(launch(checkout, "serve")) == "device unset"
    assert device(launch(checkout, "--gpu", "serve")) == "device cuda"
    assert device(launch(checkout, "--gpu", "serve", COACH_DEVICE="auto")) == "device auto"
    tests = launch(checkout, "--gpu", "test")
    assert device(tests) == "device unset"  # tests choose for themselves


def test_a_failed_install_for_the_gpu_names_the_index_that_pip_must_reach(checkout: Path) -> None:
    done, _ = launch(checkout, "--gpu", "serve", PIP_FAILS="1")
    assert done.returncode == 2
    assert "several gigabytes" in done.stderr
    assert "NVIDIA's own index" in done.stderr
    done, _ = launch(checkout, "serve", PIP_FAILS="1")
    assert "NVIDIA" not in done.stderr


def test_it_runs_from_any_folder_and_through_links(checkout: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "coach").symlink_to("../check out/coach")
    done, calls = launch(checkout, "doctor", cwd=tmp_path, launcher=str(elsewhere / "coach"))
    assert done.returncode == 0
    assert calls[0].endswith("check out/.venv")


def test_a_failed_install_says_so_and_is_tried_again(checkout: Path) -> None:
    done, _ = launch(checkout, "serve", PIP_FAILS="1")
    assert done.returncode == 2
    assert "could not be installed" in done.stderr
    assert kinds(launch(checkout, "serve")[1]) == ["pip", "coach_server"]


def test_a_python_too_old_is_named(checkout: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("dirname", "sh", "cat", "cksum", "readlink"):
        (tools / name).symlink_to(shutil.which(name) or name)
    done, calls = launch(checkout, "serve", TOO_OLD="1", PATH=str(tools))
    assert done.returncode == 2
    assert "Python 3.11" in done.stderr
    assert calls == []
