"""The container, the launcher and the package's extras set up one and the same GPU environment."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from coach_server.inference.devices import DETECTRON2_COMMIT
from coach_server.settings import Settings

pytestmark = pytest.mark.unit

ROOT: Final = Path(__file__).resolve().parents[2]
PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS: Final[dict[str, list[str]]] = PROJECT["project"]["optional-dependencies"]
LAUNCHER: Final = (ROOT / "coach").read_text("utf-8")


def instructions() -> list[tuple[str, str]]:
    """Each instruction of the Containerfile with its arguments, lines joined."""
    text = (ROOT / "Containerfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(word, rest.strip()) for word, rest in (x.split(" ", 1) for x in joined.splitlines())]


def arguments(word: str) -> list[str]:
    return [rest for name, rest in instructions() if name == word]


def environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for rest in arguments("ENV") for pair in rest.split())


def distributions(extra: str) -> dict[str, str]:
    split = (re.fullmatch(r"([\w-]+)(?:\[.*\])?(.*)", line) for line in EXTRAS[extra])
    return {found[1]: found[2] for found in split if found}


def test_the_image_has_the_extra_that_the_launcher_installs_for_the_gpu() -> None:
    (runtime,) = re.findall(r"\n    runtime=(\w+)\n", LAUNCHER)
    (installed,) = [rest for rest in arguments("RUN") if rest.startswith("pip install")]
    assert installed.endswith(f"'.[{runtime}]'")
    assert {"torch", "torchvision", "torch-tensorrt", "onnxruntime-gpu"} <= set(
        distributions(runtime)
    )


def test_the_gpu_has_one_onnxruntime_and_one_torch() -> None:
    base = {re.split(r"[<>=\[]", line)[0] for line in PROJECT["project"]["dependencies"]}
    wanted = distributions("gpu")
    assert "onnxruntime" not in base | set(wanted)
    assert wanted["torch"] == wanted["torch-tensorrt"]


def test_image_and_launcher_ask_for_the_same_device() -> None:
    (device,) = re.findall(r"COACH_DEVICE=\"\$\{COACH_DEVICE:-(\w+)\}\"", LAUNCHER)
    assert environment()["COACH_DEVICE"] == device
    assert Settings(device=device)


def test_the_image_sets_settings_that_there_are_and_keeps_what_must_last() -> None:
    set_here = {name for name in environment() if name.startswith("COACH_")}
    assert set_here <= {f"COACH_{name.upper()}" for name in Settings.model_fields}
    (volumes,) = arguments("VOLUME")
    assert json.loads(volumes) == [environment()["COACH_DATA"], environment()["COACH_CACHE"]]


def test_the_image_is_made_of_all_that_the_package_is_built_of() -> None:
    copied = {name for rest in arguments("COPY") for name in rest.split()[:-1]}
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    project = PROJECT["project"]
    needed = {*wheel["packages"], *wheel["force-include"], *project["license-files"]}
    assert copied == {"pyproject.toml", project["readme"], *needed}
    kept = (ROOT / ".containerignore").read_text("utf-8").splitlines()
    assert {line[1:] for line in kept if line.startswith("!")} == copied
    assert all((ROOT / name).exists() for name in copied)


def test_the_image_runs_as_nobody_special_what_the_package_calls_the_coach() -> None:
    words = [word for word, _ in instructions()]
    (user,) = arguments("USER")
    assert user not in ("root", "0")
    assert words.index("USER") < words.index("ENTRYPOINT")
    (entry,) = arguments("ENTRYPOINT")
    assert json.loads(entry)[0] in PROJECT["project"]["scripts"]


def test_the_base_is_a_plain_python_that_will_do() -> None:
    (base,) = arguments("FROM")
    found = re.fullmatch(r"python:3\.(\d+)-slim", base)  # a short name: no host
    assert found is not None
    oldest = PROJECT["project"]["requires-python"].removeprefix(">=3.")
    assert int(found[1]) >= int(oldest)


def test_the_health_check_asks_the_server_where_it_listens() -> None:
    (check,) = arguments("HEALTHCHECK")
    command = json.loads(check[check.index("[") :])
    compile(command[2], "healthcheck", "exec")
    assert f"http://{Settings().host}:{Settings().port}/healthz" in command[2]


def test_the_readme_has_the_lines_of_the_container_and_of_detectron2() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    head = re.findall(
        r"^#   (docker .*)$", (ROOT / "Containerfile").read_text("utf-8"), re.MULTILINE
    )
    assert len(head) == 2
    assert all(line in readme for line in (*head, "./coach --gpu serve", DETECTRON2_COMMIT))
