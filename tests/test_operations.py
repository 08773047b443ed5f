"""What operators are given is what the code has: settings, flags, metrics, unit, image."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import pytest
import typer
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from coach_server.cli.app import app
from coach_server.errors import EngineStuckError, InternalError
from coach_server.inference.batching.gathering import Counts
from coach_server.rtc.aiortc_patches import CLOSE_TIMEOUT_S
from coach_server.rtc.peer import PeerLimits
from coach_server.sessions.metrics import Metrics
from coach_server.sessions.registry import LAST_FRAMES_S
from coach_server.sessions.tally import Tally
from coach_server.sessions.workers.child import STOP_S
from coach_server.sessions.workers.samples import FrontMetrics, told
from coach_server.settings import Settings, environment_of, load_settings
from coach_server.web import job_workers
from coach_server.web.metrics import ServerMetrics
from coach_server.web.server import DRAIN_S

pytestmark = pytest.mark.unit

ROOT: Final = Path(__file__).resolve().parents[1]
DEPLOY: Final = ROOT / "deploy"
CONFIG: Final = (DEPLOY / "coach.toml").read_text("utf-8")
UNIT: Final = DEPLOY / "coach.service"
PAGE: Final = (ROOT / "docs" / "RUNNING.md").read_text("utf-8")
HOME: Final = "/home/YOU"
"""Whose folders the sample names."""


@pytest.fixture
def untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings as the code has them: no variable of whoever runs the tests counts."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"COACH_{name.upper()}", raising=False)
    for folder in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(folder, raising=False)
    monkeypatch.setenv("HOME", HOME)


def plain(value: object) -> object:
    """A setting as TOML has it."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value) if isinstance(value, Path) else value


def defaults() -> dict[str, object]:
    return {name: plain(value) for name, value in Settings()}


def shown(value: object) -> str:
    """As TOML has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def rows(heading: str) -> dict[str, list[str]]:
    """The table under a heading of the page: its other cells by what stands in backquotes first."""
    section = PAGE.split(f"\n{heading}\n")[1].split("\n#")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {first.strip("`"): others for first, *others in cells}


@pytest.mark.usefixtures("untouched")
def test_the_sample_changes_nothing() -> None:
    assert tomllib.loads(CONFIG) == {}
    assert load_settings(DEPLOY / "coach.toml") == Settings()


@pytest.mark.usefixtures("untouched")
def test_the_sample_has_every_setting_with_its_default(tmp_path: Path) -> None:
    named = re.findall(r"^# (\w+ = .*)$", CONFIG, re.MULTILINE)
    assert tomllib.loads("\n".join(named)) == defaults()
    uncommented = tmp_path / "coach.toml"
    uncommented.write_text("\n".join(named), "utf-8")
    assert load_settings(uncommented) == Settings()


@pytest.mark.usefixtures("untouched")
def test_the_page_has_every_setting_with_its_default() -> None:
    folders = {"data": "the user's data folder", "cache": "the user's cache folder"}
    written = {name: cells[0].strip("`| ") for name, cells in rows("## Settings").items()}
    assert written == {name: shown(value) for name, value in defaults().items()} | folders


def test_the_page_has_every_flag_of_every_command() -> None:
    written = {
        command: set(re.findall(r"`(--[\w-]+)`", " ".join(cells)))
        for command, cells in rows("## Every command's flags").items()
    }
    assert written == dict(flags(typer.main.get_command(app)))


def flags(command: Any, path: str = "") -> Iterator[tuple[str, set[str]]]:
    """Each command with its flags; of a group its own, where it has some."""
    named = {name for each in command.params for name in each.opts if name.startswith("--")}
    parts = getattr(command, "commands", {})
    if path and (named - {"--help"} or not parts):
        yield path, named - {"--help"}
    for name, part in parts.items():
        yield from flags(part, f"{path} {name}".strip())


@pytest.fixture(scope="module")
def metrics() -> dict[str, set[str]]:
    """All names that /metrics shows when everything has happened once, with their labels."""
    shown = Metrics()
    front = FrontMetrics(lambda: 0)
    server = ServerMetrics(front.registry)
    for counter in (shown.connections, server.refusals, shown.cues, server.jobs, front.replaced):
        counter.labels("once").inc()
    tally = Tally(judged=1)
    tally.ignored["flood"] += 1
    shown.add(tally)
    shown.age.observe(0.02)
    shown.watch(lambda: {"engine": Counts()})
    front.take("a worker", told(shown.registry.collect()))
    families = text_string_to_metric_families(server.exposition().decode())
    return {
        sample.name: set(sample.labels) - {"le"}
        for family in families
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def test_the_page_has_every_metric_with_its_labels(metrics: dict[str, set[str]]) -> None:
    counted = re.compile(r"_(bucket|sum|count)$")
    written = {
        name: set(re.findall(r"`(\w+)`", cells[0]))
        for name, cells in rows("## Metrics and the dashboard").items()
    }
    assert written == {counted.sub("", name): labels for name, labels in metrics.items()}


def queries() -> list[str]:
    board = json.loads((DEPLOY / "dashboard.json").read_text("utf-8"))
    return [target["expr"] for panel in board["panels"] for target in panel["targets"]]


def test_every_query_of_the_dashboard_names_metrics_and_labels_that_there_are(
    metrics: dict[str, set[str]],
) -> None:
    used: set[str] = set()
    for query in queries():
        named = re.findall(r"coach_\w+", query)
        assert named, query
        assert set(named) <= metrics.keys(), query
        labels = set().union(*(metrics[name] for name in named)) | {"instance", "le"}
        grouped = re.findall(r"by \((\w+)\)", query)
        chosen = re.findall(r"[{,](\w+)=", query)
        assert set(grouped) | set(chosen) <= labels, query
        used.update(named)
    assert used == metrics.keys(), "what nobody looks at"


def test_the_dashboard_asks_for_fates_and_codes_that_there_are() -> None:
    chosen = [each for query in queries() for each in re.findall(r'(fate|code)=~?"([^"]+)"', query)]
    fates = {each.name for each in fields(Tally)}
    codes = {InternalError.code, EngineStuckError.code}
    assert {label for label, _ in chosen} == {"fate", "code"}
    for label, values in chosen:
        assert set(values.split("|")) <= (fates if label == "fate" else codes)


def test_the_dashboard_says_what_each_panel_means() -> None:
    board = json.loads((DEPLOY / "dashboard.json").read_text("utf-8"))
    assert all(panel["title"] and panel["description"] for panel in board["panels"])
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    titles = {panel["title"] for panel in board["panels"]}
    explained = PAGE.split("### Reading the dashboard")[1].split("\n## ")[0]
    named = re.findall(r"\*\*([^*]+)\*\*", explained)
    assert all(any(title.startswith(name) for title in titles) for name in named), named


def unit() -> dict[str, str]:
    lines = UNIT.read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and line[0] not in "#[")


def test_the_unit_gives_the_server_the_time_that_it_takes_to_end() -> None:
    assert unit()["KillSignal"] == "SIGTERM"
    assert unit()["Restart"] == "on-failure"
    patience_s = float(unit()["TimeoutStopSec"].removesuffix("s"))
    takes_s = max(STOP_S + DRAIN_S, job_workers.STOP_S)
    assert takes_s < 10.0 < patience_s
    assert PeerLimits().farewell_s + CLOSE_TIMEOUT_S + LAST_FRAMES_S < STOP_S


def test_the_unit_runs_what_the_package_installs_with_settings_that_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    program, command, *_ = unit()["ExecStart"].split()
    assert Path(program).name in project["scripts"]
    assert command in {path for path, _ in flags(typer.main.get_command(app))}
    set_here = dict(pair.split("=", 1) for pair in unit()["Environment"].split())
    for name, value in set_here.items():
        monkeypatch.setenv(name, value)
    environment = environment_of(load_settings())
    assert {name: environment[name] for name in set_here} == set_here
    assert set_here["COACH_DATA"] == f"/var/lib/{unit()['StateDirectory']}"
    assert set_here["COACH_CACHE"] == f"/var/cache/{unit()['CacheDirectory']}"


def test_the_unit_gives_nobody_more_than_needed() -> None:
    assert unit()["User"] not in {"", "root"}
    assert unit()["ProtectSystem"] == "strict"
    assert unit()["CapabilityBoundingSet"] == ""
    assert {"NoNewPrivileges", "ProtectHome", "MemoryMax", "TasksMax"} <= unit().keys()
    assert float(unit()["MemoryMax"].removesuffix("G")) * 1024 > Settings().job_memory_mb * 2


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize(
    "check", [["verify", "--man=no"], ["security", "--offline=true", "--threshold=20"]]
)
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path, check: list[str]) -> None:
    program = unit()["ExecStart"].split()[0]
    text = UNIT.read_text("utf-8").replace(f"ExecStart={program}", f"ExecStart={sys.executable}")
    copy = tmp_path / UNIT.name
    copy.write_text(text, "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "--no-pager", *check, copy], capture_output=True, text=True, check=False
    )
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd is too old for the check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert str(copy) not in done.stderr, "what it does not know"


def instructions(path: Path) -> list[str]:
    """A Containerfile's instructions, lines joined, blanks made one."""
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [" ".join(line.split()) for line in joined.splitlines() if line]


def test_the_image_for_a_cpu_is_that_for_a_gpu_with_the_other_extra() -> None:
    cpu, gpu = instructions(DEPLOY / "Containerfile.cpu"), instructions(ROOT / "Containerfile")
    own = [line for line in cpu if line not in gpu]
    assert [line.split()[0] for line in own] == ["RUN", "ENV", "HEALTHCHECK", "STOPSIGNAL"]
    assert own[0] == "RUN pip install --no-cache-dir '.[cpu]'"
    assert own[1] == "ENV COACH_DEVICE=cpu COACH_DATA=/data COACH_CACHE=/cache"
    assert {"USER coach", 'VOLUME ["/data", "/cache"]'} <= set(cpu)
    others = [line.split()[0] for line in gpu if line not in cpu]
    assert others == ["RUN", "ENV", "HEALTHCHECK"]


@pytest.mark.parametrize(
    ("variables", "asked"),
    [
        ({}, "http://127.0.0.1:8080/healthz"),
        ({"COACH_TLS": "off", "COACH_PORT": "9000"}, "http://127.0.0.1:9000/healthz"),
        ({"COACH_TLS": "auto"}, "https://127.0.0.1:8080/healthz"),
    ],
)
def test_the_health_check_of_the_image_asks_where_the_server_listens(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], asked: str
) -> None:
    (check,) = [x for x in instructions(DEPLOY / "Containerfile.cpu") if "HEALTHCHECK" in x]
    program = json.loads(check[check.index("[") :])[2]
    for name in ("COACH_TLS", "COACH_PORT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    opened: list[tuple[str, bool]] = []

    def urlopen(url: str, **options: object) -> None:
        opened.append((url, options["context"] is not None))

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    exec(program, {})  # noqa: S102  # a line of our own
    assert opened == [(asked, asked.startswith("https"))]


def test_the_page_has_the_image_s_lines_and_every_file_there_is() -> None:
    head = re.findall(
        r"^#   (docker .*)$", (DEPLOY / "Containerfile.cpu").read_text("utf-8"), re.MULTILINE
    )
    assert len(head) == 2
    assert all(line in PAGE for line in head)
    assert all(path.name in PAGE for path in DEPLOY.iterdir())
    for target in re.findall(r"\]\(\.\./([^)#]+)\)", PAGE):
        assert (ROOT / target).exists(), target
