"""`coach serve` and `coach demo`."""

from pathlib import Path
from typing import Annotated

import typer

from coach_server.cli.console import PassingBars
from coach_server.cli.options import Keypoints, Lifter
from coach_server.settings import Device, Settings, load_settings
from coach_server.web.server import run

Host = Annotated[str | None, typer.Option(help="address to listen on")]
Port = Annotated[int | None, typer.Option(help="port to listen on; 0 takes a free one")]
Config = Annotated[Path | None, typer.Option(help="settings as a TOML file")]
OnDevice = Annotated[Device | None, typer.Option(help="where the models run")]


def serve(
    host: Host = None,
    port: Port = None,
    device: OnDevice = None,
    config: Config = None,
    keypoints: Keypoints = None,
    lifter: Lifter = None,
) -> None:
    """Run the server; open the address it prints."""
    flags = {"host": host, "port": port, "device": device, "keypoints": keypoints, "lifter": lifter}
    run(_settings(config, flags), progress=PassingBars())


def demo(
    host: Host = None,
    port: Port = None,
    device: OnDevice = None,
    config: Config = None,
    keypoints: Keypoints = None,
    lifter: Lifter = None,
) -> None:
    """Run the server and practise with a rendered student: no camera needed."""
    flags = {"host": host, "port": port, "device": device, "keypoints": keypoints, "lifter": lifter}
    run(
        _settings(config, flags),
        start_page="/practice?routine=demo&camera=demo-faults",
        progress=PassingBars(),
    )


def _settings(config: Path | None, flags: dict[str, str | int | None]) -> Settings:
    return load_settings(
        config, **{name: value for name, value in flags.items() if value is not None}
    )
