"""`coach serve` and `coach demo`: one server, two pages to begin with."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from coach_server.cli.console import PassingBars
from coach_server.cli.logs import log_as
from coach_server.cli.options import Keypoints, Lifter
from coach_server.logs import is_json
from coach_server.settings import Device, load_settings
from coach_server.web.server import run

Host = Annotated[str | None, typer.Option(help="address to listen on")]
Port = Annotated[int | None, typer.Option(help="port to listen on; 0 takes a free one")]
Token = Annotated[
    str | None,
    typer.Option(
        help="what lets people in; auto: a new one; needed where others can reach the server. "
        "Other users of this machine see flags: COACH_TOKEN or --config hide it"
    ),
]
Encrypted = Annotated[
    str | None, typer.Option("--tls", help="off, auto, or a certificate's file (PEM)")
]
TlsKey = Annotated[
    Path | None, typer.Option("--tls-key", help="its key's file, where that is another")
]
Config = Annotated[Path | None, typer.Option(help="settings as a TOML file")]
Workers = Annotated[
    int | None,
    typer.Option(help="processes that serve students; 0: as many as are needed, one a core"),
]
OnDevice = Annotated[Device | None, typer.Option(help="where the models run")]


def server_command(start_page: str) -> Callable[..., None]:
    """The command that runs the server and prints the address of `start_page`."""

    def command(
        host: Host = None,
        port: Port = None,
        device: OnDevice = None,
        workers: Workers = None,
        config: Config = None,
        keypoints: Keypoints = None,
        lifter: Lifter = None,
        token: Token = None,
        tls: Encrypted = None,
        tls_key: TlsKey = None,
    ) -> None:
        flags = {
            "host": host,
            "port": port,
            "device": device,
            "workers": workers,
            "keypoints": keypoints,
            "lifter": lifter,
            "token": token,
            "tls": tls,
            "tls_key": None if tls_key is None else str(tls_key),
        }
        given = {name: value for name, value in flags.items() if value is not None}
        settings = load_settings(config, **given)
        log_as(settings)
        bars = None if is_json(settings.log_format) else PassingBars()
        run(settings, start_page=start_page, progress=bars)

    return command
