"""Converted models on disk: whole or not there, and checked."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import structlog
from support.carrier import recipe, source

from coach_server.errors import EngineError
from coach_server.inference.cache import EngineCache

pytestmark = pytest.mark.unit

ORIGIN = source("pypi")
TINY = recipe(ORIGIN)


@pytest.fixture
def cache(tmp_path: Path) -> EngineCache:
    made = EngineCache(tmp_path)
    made.prepare()
    return made


def blob(cache: EngineCache) -> Path:
    (path,) = cache.folder.glob("*.onnx")
    return path


def test_what_was_stored_is_loaded(cache: EngineCache) -> None:
    assert not cache.has(TINY)
    assert cache.load(TINY) is None
    cache.store(TINY, b"model", sha256=ORIGIN.sha256)
    assert cache.has(TINY)
    assert cache.load(TINY) == b"model"


def test_only_the_model_and_its_manifest_are_left(cache: EngineCache) -> None:
    cache.store(TINY, b"model", sha256=ORIGIN.sha256)
    cache.store(TINY, b"model", sha256=ORIGIN.sha256)
    assert sorted(path.suffix for path in cache.folder.iterdir()) == [".json", ".onnx"]


@pytest.mark.parametrize("content", [b"", b"mod", b"other", b"model and more"])
def test_a_damaged_model_is_not_loaded(cache: EngineCache, content: bytes) -> None:
    cache.store(TINY, b"model", sha256=ORIGIN.sha256)
    blob(cache).write_bytes(content)
    with structlog.testing.capture_logs() as logs:
        assert cache.load(TINY) is None
    assert [entry["model"] for entry in logs] == ["tiny"]


def test_a_missing_model_is_not_loaded(cache: EngineCache) -> None:
    cache.store(TINY, b"model", sha256=ORIGIN.sha256)
    blob(cache).unlink()
    assert not cache.has(TINY)
    assert cache.load(TINY) is None


@pytest.mark.parametrize("manifest", ["", "{", "[]", '{"name": "tiny"}', "\x00"])
def test_a_damaged_manifest(cache: EngineCache, manifest: str) -> None:
    cache.store(TINY, b"model", sha256=ORIGIN.sha256)
    (cache.folder / "tiny.json").write_text(manifest)
    assert cache.load(TINY) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [("converter", 0), ("source_sha256", "0" * 64), ("blob", "../../elsewhere.onnx")],
)
def test_a_manifest_of_something_else(cache: EngineCache, key: str, value: str | int) -> None:
    cache.store(TINY, b"model", sha256=ORIGIN.sha256)
    path = cache.folder / "tiny.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    assert cache.load(TINY) is None


def test_an_unusable_folder(tmp_path: Path) -> None:
    (tmp_path / "engines").write_text("a file where the folder should be")
    cache = EngineCache(tmp_path)
    attempts: list[Callable[[], object]] = [
        cache.prepare,
        lambda: cache.load(TINY),
        lambda: cache.store(TINY, b"model", sha256=ORIGIN.sha256),
    ]
    for attempt in attempts:
        with pytest.raises(EngineError, match="cannot be used") as failure:
            attempt()
        assert "COACH_CACHE" in failure.value.hint


def test_many_may_write_and_read_at_once(cache: EngineCache) -> None:
    models = [bytes([n]) * 200_000 for n in range(4)]
    cache.store(TINY, models[0], sha256=ORIGIN.sha256)

    def write_and_read(n: int) -> bytes | None:
        cache.store(TINY, models[n % 4], sha256=ORIGIN.sha256)
        return cache.load(TINY)

    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(write_and_read, range(40)))
    assert all(model in models for model in seen)
