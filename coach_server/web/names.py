"""Who the server is to others: the names and addresses under which it is reached."""

import socket
from typing import Final

from coach_server.errors import InputError
from coach_server.rtc.candidates import own_addresses
from coach_server.settings import Settings, is_loopback, is_public
from coach_server.web.guard import LOOPBACK_HOSTS, hosts_of

EVERYWHERE: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  # to know it, not to bind to it
"""What one binds to for all of a machine's addresses."""

_NOWHERE: Final = "192.0.2.1"
"""An address that no machine has (RFC 5737): asked for the way out, nothing is sent there."""


def check_public(settings: Settings) -> None:
    """Find out before the server listens whether it may be reached as the settings have it.

    Raises:
        InputError: others could use it without a token.
    """
    if is_public(settings) and not settings.token.get_secret_value():
        where = f"on {settings.host}" if not is_loopback(settings.host) else f"for {settings.names}"
        raise InputError(
            f"the server refuses to listen {where} without a token: anyone could use it",
            hint="add --token auto, or listen on 127.0.0.1 alone and come from elsewhere by "
            "`ssh -L 8080:127.0.0.1:8080`",
            code="public_bind",
        )


def names_of(settings: Settings) -> frozenset[str]:
    """All names and addresses under which the server may be asked for."""
    given = {name.strip().lower() for name in settings.names.split(",") if name.strip()}
    if is_loopback(settings.host):
        return hosts_of(settings.host) | given
    if settings.host not in EVERYWHERE:
        return frozenset({settings.host.lower()}) | given
    here = socket.gethostname().lower()
    called = {here, f"{here.partition('.')[0]}.local"} if here and here.isascii() else set()
    return LOOPBACK_HOSTS | called | set(map(str, own_addresses())) | given


def shown_host(settings: Settings) -> str:
    """The host of the address that is printed: what another machine of the LAN would use."""
    if settings.host not in EVERYWHERE:
        return settings.host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way_out:
        try:
            way_out.connect((_NOWHERE, 9))
            return str(way_out.getsockname()[0])
        except OSError:  # no network
            return "127.0.0.1"
