"""Of what a decoder brings the newest frame waits for the loop, however long that is busy."""

import asyncio
import fractions
import queue
import sys
import threading
from typing import Any

import pytest
from aiortc.codecs.vpx import Vp8Encoder, vp8_depayload
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtcrtpreceiver import decoder_worker
from av import VideoFrame

from coach_server.rtc.decoded import DecodedFrames

pytestmark = pytest.mark.unit


def decode(decoded: DecodedFrames, frames: int, loop: asyncio.AbstractEventLoop) -> None:
    """As aiortc's thread does."""
    for number in range(frames):
        frame = VideoFrame(64, 48, "yuv420p")
        frame.pts = number
        asyncio.run_coroutine_threadsafe(decoded.put(frame), loop)
    asyncio.run_coroutine_threadsafe(decoded.put(None), loop)


async def test_the_newest_frame_is_had_and_the_others_are_counted() -> None:
    decoded = DecodedFrames()
    thread = threading.Thread(target=decode, args=(decoded, 50, asyncio.get_running_loop()))
    thread.start()
    thread.join()  # the loop is busy meanwhile
    newest = await decoded.get()
    assert newest is not None
    assert newest.pts == 49
    assert decoded.overtaken == 49
    assert await decoded.get() is None
    assert await decoded.get() is None, "the end is no news but once"


async def test_who_waits_is_given_each_frame_and_the_end() -> None:
    decoded = DecodedFrames()
    for number in range(3):
        waiting = asyncio.create_task(decoded.get())
        await asyncio.sleep(0)
        assert not waiting.done()
        frame = VideoFrame(64, 48, "yuv420p")
        frame.pts = number
        await decoded.put(frame)
        given = await waiting
        assert given is not None
        assert given.pts == number
    waiting = asyncio.create_task(decoded.get())
    await asyncio.sleep(0)
    await decoded.put(None)
    assert await waiting is None
    assert decoded.overtaken == 0


async def test_what_is_overtaken_is_let_go_at_once() -> None:
    decoded = DecodedFrames()
    old = VideoFrame(64, 48, "yuv420p")
    ours = sys.getrefcount(old)
    await decoded.put(old)
    assert sys.getrefcount(old) == ours + 1
    await decoded.put(VideoFrame(64, 48, "yuv420p"))
    assert sys.getrefcount(old) == ours


async def test_the_stock_decoder_hands_over_through_it_while_the_loop_is_held() -> None:
    encoder = Vp8Encoder()
    codec = RTCRtpCodecParameters(mimeType="video/VP8", clockRate=90_000, payloadType=97)
    waiting: queue.Queue[Any] = queue.Queue()
    for number in range(30):
        frame = VideoFrame(64, 48, "yuv420p")
        frame.pts, frame.time_base = number, fractions.Fraction(1, 30)
        payloads, timestamp = encoder.encode(frame)
        whole = b"".join(vp8_depayload(payload) for payload in payloads)
        waiting.put((codec, JitterFrame(data=whole, timestamp=timestamp)))
    waiting.put(None)
    decoded = DecodedFrames()
    loop, failed = asyncio.get_running_loop(), threading.Event()
    thread = threading.Thread(target=decoder_worker, args=(loop, waiting, decoded, failed))
    thread.start()
    thread.join()
    newest = await decoded.get()
    assert newest is not None
    assert newest.pts == 29 * 3000
    assert decoded.overtaken == 29
    assert await decoded.get() is None
    assert not failed.is_set()
