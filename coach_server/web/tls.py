"""TLS: a certificate that is given, or one of this server's own."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from aiohttp import web
from cryptography import x509

from coach_server.errors import InputError
from coach_server.settings import AUTO, OFF, Settings
from coach_server.web.authority import issued, names_in
from coach_server.web.names import names_of

FOLDER: Final = "tls"
AUTHORITY: Final = "/authority.pem"
"""Where devices get the authority that they may be told to trust."""


@dataclass(frozen=True, slots=True)
class Tls:
    """How the server is encrypted.

    Attributes:
        context: of its sockets.
        names: that the certificate is for.
        authority: what devices may trust, where the certificate is of our own.
    """

    context: ssl.SSLContext
    names: frozenset[str]
    authority: Path | None

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """As the settings have it; None where it is off.

        Raises:
            InputError: the certificate cannot be used, says why; or none can be made.
        """
        if settings.tls == OFF:
            return None
        now = datetime.now(UTC)
        if settings.tls != AUTO:
            certificate = Path(settings.tls)
            names = _names(certificate, now)
            return cls(_context(certificate, Path(settings.tls_key or certificate)), names, None)
        folder = settings.data / FOLDER
        try:
            found = issued(folder, names_of(settings), now=now)
        except OSError as error:
            raise InputError(
                f"no certificate can be made in {folder}: {error.strerror}",
                hint="set COACH_DATA to a folder of yours",
                code="unwritable",
            ) from error
        context = _context(found.certificate, found.key)
        return cls(context, _names(found.certificate, now), found.authority)


def authority_routes(authority: Path) -> list[web.AbstractRouteDef]:
    """The route by which a device gets the authority; it is no secret."""

    async def send(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(authority, headers={"Content-Type": "application/x-x509-ca-cert"})

    return [web.get(AUTHORITY, send)]


def _names(path: Path, now: datetime) -> frozenset[str]:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except OSError as error:
        raise _bad(path, f"it cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise _bad(path, "it holds no certificate in PEM form") from error
    if not certificate.not_valid_before_utc <= now:
        raise _bad(path, f"it is not valid before {certificate.not_valid_before_utc:%Y-%m-%d}")
    if not now <= certificate.not_valid_after_utc:
        raise _bad(path, f"it ended on {certificate.not_valid_after_utc:%Y-%m-%d}")
    return frozenset(names_in(certificate))


def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # Without a password of our own an encrypted key would ask for one at the terminal.
        context.load_cert_chain(certificate, key, password=lambda: "")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise _bad(certificate, f"the key in {key} is another's") from error
        raise _bad(key, "it holds no key in PEM form that is not encrypted") from error
    except OSError as error:
        raise _bad(key, f"it cannot be read: {error.strerror}") from error
    return context


def _bad(path: Path, why: str) -> InputError:
    return InputError(
        f"the certificate {path} cannot be used: {why}",
        hint="give --tls CERT.pem --tls-key KEY.pem, or --tls auto",
        code="bad_certificate",
    )
