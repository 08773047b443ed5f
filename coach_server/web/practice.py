"""Offers: the way into a live session."""

from typing import Final

from aiohttp import web

from coach_server.errors import InputError
from coach_server.rtc.candidates import CandidatePolicy, own_addresses
from coach_server.rtc.offer import MAX_BYTES, clean_offer
from coach_server.sessions.practices import Practices
from coach_server.web.bodies import optional_count, optional_text_field, read_object, text_field

MAX_NAME: Final = 128
MAX_ATTEMPT: Final = 2**53 - 1
"""What a page can count; it counts on from the milliseconds of its clock."""


def practice_routes(sessions: Practices, *, loopback: bool) -> list[web.AbstractRouteDef]:
    """Routes of live practice.

    Args:
        sessions: who practises.
        loopback: whether the server is reached from this machine alone.
    """

    async def offer(request: web.Request) -> web.Response:
        fields = await read_object(request, max_bytes=MAX_BYTES)
        if text_field(fields, "type", max_length=MAX_NAME) != "offer":
            raise InputError("the field type is not offer", hint="send an offer")
        sdp = text_field(fields, "sdp", max_length=MAX_BYTES)
        policy = CandidatePolicy(loopback, own_addresses(), _own_ports(request))
        joined = await sessions.join(
            clean_offer(sdp, policy),
            routine=text_field(fields, "routine", max_length=MAX_NAME),
            resume=optional_text_field(fields, "resume", max_length=MAX_NAME),
            attempt=optional_count(fields, "attempt", most=MAX_ATTEMPT),
        )
        return web.json_response(
            {
                "sdp": joined.sdp,
                "type": "answer",
                "session": joined.session,
                "resume": joined.resume,
            }
        )

    return [web.post("/api/offer", offer)]


def _own_ports(request: web.Request) -> frozenset[int]:
    """The port this request came in by: no offer makes us probe ourselves."""
    here = request.transport.get_extra_info("sockname") if request.transport is not None else None
    return frozenset({here[1]}) if isinstance(here, tuple) else frozenset()
