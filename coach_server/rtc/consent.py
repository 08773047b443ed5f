"""Consent checks (RFC 7675) that tell a peer that is gone from a machine that is busy."""

import asyncio
import random
from contextlib import suppress
from typing import Final

import aioice
from aioice.stun import TransactionError

EVERY_S: Final = 0.8
"""Between checks, give or take a fifth."""
UNANSWERED: Final = 4
"""Checks in a row without an answer that end a connection: a silent peer's in 2.6 to 4.8 s."""
REPEATS: Final = 2
"""Of each check, after 0.5 and 1.5 s; its answer is waited for until 3.5 s."""


class PatientConnection(aioice.Connection):
    """ICE whose checks wait longer for their answers than for one another.

    Stock aioice takes an answer that comes after half a second for none, so that a machine on which
    answers take as long gives up whoever is there.
    """

    _unanswered = 0

    async def query_consent(self) -> None:
        """Check until too many are unanswered; then close."""
        self._unanswered = 0
        asked = set[asyncio.Task[None]]()
        try:
            while self._unanswered < UNANSWERED and not self._closing:
                self._unanswered += 1
                task = asyncio.create_task(self._ask(), name="consent check")
                asked.add(task)
                task.add_done_callback(asked.discard)
                await asyncio.sleep(EVERY_S * random.uniform(0.8, 1.2))  # noqa: S311  # no secret: for checks of many not to fall together
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        self._query_consent_task = None  # else closing would wait for it, and so for itself
        await self.close()

    async def _ask(self) -> None:
        """Check once."""
        password = self.remote_password
        if password is None:  # checks begin when it is known
            return
        for pair in list(self._nominated.values()):
            request = self.build_request(pair, nominate=False)
            with suppress(TransactionError):
                await pair.protocol.request(
                    request,
                    pair.remote_addr,
                    integrity_key=password.encode(),
                    retransmissions=REPEATS,
                )
                self._unanswered = 0
