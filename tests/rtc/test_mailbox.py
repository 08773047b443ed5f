"""The mailbox of one."""

import asyncio

import pytest

from coach_server.rtc.mailbox import Mailbox

pytestmark = pytest.mark.unit


async def test_the_latest_wins_and_the_others_are_counted() -> None:
    mailbox: Mailbox[int] = Mailbox()
    for item in range(5):
        mailbox.put(item)
    assert await mailbox.take() == 4
    assert (mailbox.received, mailbox.dropped) == (5, 4)


async def test_take_waits_for_an_item() -> None:
    mailbox: Mailbox[str] = Mailbox()
    taken = asyncio.create_task(mailbox.take())
    await asyncio.sleep(0)
    assert not taken.done()
    mailbox.put("frame")
    assert await taken == "frame"
    assert mailbox.dropped == 0


async def test_closing_wakes_the_taker_and_drops_what_waits() -> None:
    mailbox: Mailbox[int] = Mailbox()
    taken = asyncio.create_task(mailbox.take())
    await asyncio.sleep(0)
    mailbox.close()
    assert await taken is None
    mailbox.put(1)
    assert await mailbox.take() is None
    assert (mailbox.received, mailbox.dropped) == (1, 1)


async def test_closing_counts_the_one_that_waits() -> None:
    mailbox: Mailbox[int] = Mailbox()
    mailbox.put(1)
    mailbox.close()
    assert mailbox.dropped == 1
