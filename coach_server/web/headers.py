"""Headers that every answer carries."""

from typing import Final

from aiohttp import web, web_response

# Requests too broken to reach a handler are answered by aiohttp itself, with its version.
web_response.SERVER_SOFTWARE = "coach"  # type: ignore[attr-defined]  # a constant of a module, meant

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

SECURITY: Final = {
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """`on_response_prepare`: security, no version of ours, nothing stale after an update.

    An answer that brings a policy of its own, for what it alone may do, keeps it.
    """
    response.headers.update(SECURITY)
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.pop("Server", None)
    response.headers.setdefault("Cache-Control", "no-cache")
