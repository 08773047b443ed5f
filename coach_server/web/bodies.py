"""JSON bodies of requests, read with a cap."""

import json
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from coach_server.errors import InputError, TooLargeError
from coach_server.web.refusals import RefusalError

M = TypeVar("M", bound=BaseModel)


async def read_object(request: web.Request, *, max_bytes: int) -> dict[str, Any]:
    """The JSON object a request brings; its fields are not looked at yet.

    The cap holds for the body as decompressed: a small one can unpack to gigabytes.

    Raises:
        RefusalError: 415, it does not claim to be JSON.
        TooLargeError: it has more than `max_bytes`.
        InputError: it is no JSON object.
    """
    if request.content_type != "application/json":
        raise RefusalError(
            415,
            "wrong_content_type",
            "this address takes JSON only",
            hint="send it as application/json",
        )
    body = bytearray()
    try:
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > max_bytes:
                raise TooLargeError(
                    f"the request has more than {max_bytes} bytes", hint="send less"
                )
    except (web.RequestPayloadError, ConnectionError) as error:  # or its sender has hung up
        raise InputError("the request's body is broken", hint="send it again") from error
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InputError("the request is no JSON", hint="send a JSON object") from error
    if not isinstance(value, dict):
        raise InputError("the request is no JSON object", hint="send a JSON object")
    return value


def text_field(fields: dict[str, Any], name: str, *, max_length: int) -> str:
    """A field that must be there and be text.

    Raises:
        InputError: it is missing, no text, or longer than `max_length`.
    """
    value = fields.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= max_length or _is_broken(value):
        raise InputError(
            f"the field {name} is missing or does not fit",
            hint=f"send {name} as text of 1 to {max_length} characters",
        )
    return value


def optional_text_field(fields: dict[str, Any], name: str, *, max_length: int) -> str | None:
    """A field that may be missing or null.

    Raises:
        InputError: it is there, and no text or longer than `max_length`.
    """
    if fields.get(name) is None:
        return None
    return text_field(fields, name, max_length=max_length)


def optional_count(fields: dict[str, Any], name: str, *, most: int) -> int | None:
    """A whole number from 0 on that may be missing or null.

    Raises:
        InputError: it is there, and no such number or more than `most`.
    """
    value = fields.get(name)
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= most:
        raise InputError(
            f"the field {name} does not fit", hint=f"send {name} as a number from 0 to {most}"
        )
    return value


def validated(model: type[M], fields: dict[str, Any]) -> M:
    """The fields as the model has them.

    Raises:
        InputError: one is missing, unknown or does not fit; says which.
    """
    if _is_broken(json.dumps(fields, ensure_ascii=False)):
        raise InputError("a text has half a character in it", hint="send text that is whole")
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])[:80] or "body"
        raise InputError(
            f"the field {name} does not fit: {first['msg'].lower()}",
            hint="mend it and send it again",
        ) from error


def _is_broken(text: str) -> bool:
    r"""Whether half a pair stands in `text`: JSON may escape one (`"\ud800"`), UTF-8 has none."""
    return any("\ud800" <= character <= "\udfff" for character in text)
