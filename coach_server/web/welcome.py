"""What is told at the start: the address to open."""

import sys

from coach_server.settings import Settings
from coach_server.web.access import Access
from coach_server.web.names import shown_host


def printed_address(settings: Settings, port: int, start_page: str) -> str:
    """The address of a page, as it goes to stdout.

    A token is shown where nobody could know it yet, or somebody sits at a terminal: else stdout is
    likely to be kept as a log.
    """
    host = shown_host(settings)
    host = f"[{host}]" if ":" in host else host
    address = f"http://{host}:{port}{start_page}"
    access = Access.of(settings)
    if access is not None and (access.is_made_here or sys.stdout.isatty()):
        return f"{address}#token={access.token}"
    return address
