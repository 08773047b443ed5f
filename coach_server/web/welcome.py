"""What is told at the start: the address to open, and how a phone gets there."""

import sys
from typing import TextIO

import segno

from coach_server.settings import Settings, is_public
from coach_server.web.access import Access
from coach_server.web.names import shown_host
from coach_server.web.tls import AUTHORITY, Tls


class Welcome:
    """Addresses of the server.

    Args:
        settings: where it listens.
        port: that it has got there.
        tls: how it is encrypted, or None.
        access: the token, or None.
    """

    def __init__(
        self, settings: Settings, port: int, *, tls: Tls | None, access: Access | None
    ) -> None:
        host = shown_host(settings)
        host = f"[{host}]" if ":" in host else host
        self._root = f"{'http' if tls is None else 'https'}://{host}:{port}"
        self._authority = tls is not None and tls.authority is not None
        self._encrypted = tls is not None
        self._token = "" if access is None else f"#token={access.token}"
        self._is_new = access is not None and access.is_made_here
        self._others_come = is_public(settings)

    def page(self, path: str, *, to_terminal: bool) -> str:
        """The address of a page, as it goes to stdout.

        A token is shown where nobody could know it yet, or somebody sits at a terminal: else
        stdout is likely to be kept as a log.
        """
        shown = self._is_new or to_terminal
        return f"{self._root}{path}{self._token if shown else ''}"

    def show_code(self, path: str, terminal: TextIO) -> None:
        """A code for a phone's camera, and what else there is to know on the local network."""
        if not self._others_come:
            return
        segno.make(f"{self._root}{path}{self._token}", micro=False).terminal(
            terminal, compact=True, border=2
        )
        if self._authority:
            terminal.write(
                "The camera of a phone or tablet opens it by this code. Its browser warns once, "
                f"for it does not know this server's authority; {self._root}{AUTHORITY} has it.\n"
            )
        elif not self._encrypted:
            terminal.write(
                "Other devices' browsers give no camera to a page that is not encrypted: "
                "add --tls auto, unless a proxy in front of this server encrypts.\n"
            )


def told_at_the_terminal() -> TextIO | None:
    """Where a person reads what is no result; None where nobody does."""
    return sys.stderr if sys.stderr.isatty() else None
