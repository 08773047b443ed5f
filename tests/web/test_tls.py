"""TLS on the local network: what the server's own authority vouches for, and what is refused."""

import asyncio
import io
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pydantic import SecretStr
from support.live_server import FakeLessons, load_at_once
from support.printed_code import read_printed_code

from coach_server.errors import InputError
from coach_server.library.store import RoutineLibrary
from coach_server.sessions.one_process import OneProcess
from coach_server.settings import Settings
from coach_server.web.access import Access
from coach_server.web.app import create_app
from coach_server.web.authority import Issued, issued, names_in
from coach_server.web.server import run
from coach_server.web.tls import AUTHORITY, Tls
from coach_server.web.welcome import Welcome

pytestmark = pytest.mark.web

NOW: Final = datetime.now(UTC)
NAMES: Final = frozenset({"localhost", "127.0.0.1", "192.168.7.5", "coach.local", "::1"})
TOKEN: Final = "as-long-as-need-be-1234"  # noqa: S105  # of these tests


def settings(data: Path, **given: Any) -> Settings:
    return Settings(data=data, cache=data, **given)


def made(folder: Path, names: frozenset[str] = NAMES, now: datetime = NOW) -> Issued:
    return issued(folder / "tls", names, now=now)


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_it_stays_until_it_ends_or_the_names_change(tmp_path: Path) -> None:
    first = made(tmp_path)
    kept = [path.read_bytes() for path in (first.authority, first.certificate)]
    assert set(names_in(certificate(first.certificate))) == NAMES
    for path in (tmp_path / "tls").glob("*-key.pem"):
        assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "tls").stat().st_mode & 0o777 == 0o700

    def now_are(again: Issued) -> list[bool]:
        pair = zip((again.authority, again.certificate), kept, strict=True)
        return [path.read_bytes() == before for path, before in pair]

    assert now_are(made(tmp_path)) == [True, True]
    assert now_are(made(tmp_path, now=NOW + timedelta(days=450))) == [True, False], "renewed"
    made(tmp_path)
    assert now_are(made(tmp_path, NAMES | {"192.168.7.6"})) == [True, False]
    assert now_are(made(tmp_path, NAMES | {"203.0.113.5"})) == [False, False]
    first.key.write_text("broken")
    assert certificate(made(tmp_path).certificate).not_valid_after_utc > NOW + timedelta(days=700)


def test_it_lasts_no_longer_than_devices_allow(tmp_path: Path) -> None:
    leaf = certificate(made(tmp_path).certificate)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc < timedelta(days=825)


def test_the_authority_can_vouch_for_nothing_else(tmp_path: Path) -> None:
    authority = certificate(made(tmp_path, NAMES | {"203.0.113.5", "coach.example"}).authority)
    limits = authority.extensions.get_extension_for_class(x509.NameConstraints)
    permitted = limits.value.permitted_subtrees
    assert limits.critical
    assert permitted is not None
    names = {name.value for name in permitted if isinstance(name, x509.DNSName)}
    networks = [name.value for name in permitted if isinstance(name, x509.IPAddress)]
    assert names == {"localhost", "local", "coach.example"}
    assert ip_network("203.0.113.5/32") in networks
    for foreign in ("8.8.8.8", "203.0.113.6", "2001:db8::1"):
        assert not any(
            ip_address(foreign) in network
            for network in networks
            if isinstance(network, type(ip_network(foreign)))
        )


@asynccontextmanager
async def encrypted(data: Path, given: Settings) -> AsyncIterator[tuple[TestServer, Tls]]:
    """The application behind TLS."""

    def make() -> tuple[TestServer, Tls]:
        tls = Tls.of(given)
        assert tls is not None
        practices = OneProcess(given, load=load_at_once, lessons_of=lambda _: FakeLessons())
        library = RoutineLibrary(data / "routines")
        app = create_app(given, practices=practices, library=library, tls=tls)
        return TestServer(app, scheme="https"), tls

    server, tls = await asyncio.to_thread(make)
    await server.start_server(ssl=tls.context)
    try:
        yield server, tls
    finally:
        await server.close()


async def test_who_trusts_the_authority_is_served(tmp_path: Path) -> None:
    given = settings(tmp_path, tls="auto", token=SecretStr(TOKEN))
    async with encrypted(tmp_path, given) as (server, tls), aiohttp.ClientSession() as http:
        assert tls.authority is not None
        trusts = await asyncio.to_thread(ssl.create_default_context, cafile=str(tls.authority))
        async with http.get(server.make_url(AUTHORITY), ssl=trusts) as answer:
            assert answer.status == 200
            assert answer.content_type == "application/x-x509-ca-cert"
            pem = await answer.read()
            assert pem == await asyncio.to_thread(tls.authority.read_bytes)
            assert b"PRIVATE" not in pem
        url = server.make_url("/api/token")
        async with http.post(url, json={"token": TOKEN}, ssl=trusts) as answer:
            cookie = answer.headers["Set-Cookie"]
            assert cookie.startswith("__Host-coach-")
            assert "Secure" in cookie
        stranger = await asyncio.to_thread(ssl.create_default_context)
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await http.get(server.make_url("/"), ssl=stranger)


async def test_files_that_are_given_are_used_and_their_names_answered(tmp_path: Path) -> None:
    files = await asyncio.to_thread(made, tmp_path, frozenset({"127.0.0.1", "mat.local"}))
    given = settings(tmp_path, tls=str(files.certificate), tls_key=str(files.key))
    async with encrypted(tmp_path, given) as (server, tls), aiohttp.ClientSession() as http:
        assert tls.authority is None
        trusts = await asyncio.to_thread(ssl.create_default_context, cafile=str(files.authority))
        for host, status in (("mat.local", 200), ("evil.example", 421)):
            async with http.get(server.make_url("/"), headers={"Host": host}, ssl=trusts) as answer:
                assert answer.status == status
        async with http.get(server.make_url(AUTHORITY), ssl=trusts) as answer:
            assert answer.status == 404


def test_one_file_may_hold_both(tmp_path: Path) -> None:
    files = made(tmp_path)
    both = tmp_path / "both.pem"
    both.write_bytes(files.key.read_bytes() + files.certificate.read_bytes())
    tls = Tls.of(settings(tmp_path, tls=str(both)))
    assert tls is not None
    assert tls.names == NAMES


def encrypted_key(key: Path) -> bytes:
    loaded = serialization.load_pem_private_key(key.read_bytes(), None)
    return loaded.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"password"),
    )


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("missing", "cannot be read: No such file"),
        ("folder", "cannot be read: Is a directory"),
        ("text", "no certificate in PEM form"),
        ("ended", "it ended on"),
        ("early", "it is not valid before"),
        ("other key", "is another's"),
        ("no key", "no key in PEM form"),
        ("locked key", "not encrypted"),
        ("missing key", "cannot be read: No such file"),
    ],
)
def test_a_bad_certificate_is_one_line(tmp_path: Path, fault: str, why: str) -> None:
    files = made(tmp_path)
    cert, key = files.certificate, files.key
    match fault:
        case "missing":
            cert = tmp_path / "nowhere.pem"
        case "folder":
            cert = tmp_path
        case "text":
            cert = tmp_path / "text.pem"
            cert.write_text("words")
        case "ended":
            cert = made(tmp_path / "old", now=NOW - timedelta(days=900)).certificate
        case "early":
            cert = made(tmp_path / "new", now=NOW + timedelta(days=9)).certificate
        case "other key":
            key = made(tmp_path / "other").key
        case "no key":
            key = cert
        case "locked key":
            key = tmp_path / "locked.pem"
            key.write_bytes(encrypted_key(files.key))
        case _:
            key = tmp_path / "nowhere.pem"
    given = settings(tmp_path, tls=str(cert), tls_key=str(key))
    with pytest.raises(InputError) as refused:
        run(given)
    assert refused.value.exit_code == 2
    assert why in refused.value.message
    assert "\n" not in refused.value.message
    assert "--tls auto" in refused.value.hint


def test_an_unwritable_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "tls").write_text("a file")
    with pytest.raises(InputError, match="no certificate can be made"):
        Tls.of(settings(tmp_path, tls="auto"))


def welcome(given: Settings) -> Welcome:
    return Welcome(given, 8080, tls=Tls.of(given), access=Access.of(given))


def test_the_token_is_printed_where_nobody_could_know_it(tmp_path: Path) -> None:
    page = "/practice?routine=demo"
    made_here = welcome(settings(tmp_path, token=SecretStr("auto")))
    address, _, fragment = made_here.page(page, to_terminal=False).partition("#token=")
    assert address == "http://127.0.0.1:8080/practice?routine=demo"
    assert len(fragment) == 32
    known = welcome(settings(tmp_path, token=SecretStr(TOKEN)))
    assert known.page("/", to_terminal=False) == "http://127.0.0.1:8080/"
    assert known.page("/", to_terminal=True) == f"http://127.0.0.1:8080/#token={TOKEN}"
    assert welcome(settings(tmp_path, host="::1")).page("/", to_terminal=True) == (
        "http://[::1]:8080/"
    )


PRACTICE: Final = "/practice?routine=demo"


def test_a_code_leads_other_devices_here(tmp_path: Path) -> None:
    def shown(**given: Any) -> str:
        terminal = io.StringIO()
        welcome(settings(tmp_path, **{"token": SecretStr(TOKEN), **given})).show_code(
            PRACTICE, terminal
        )
        return terminal.getvalue()

    assert shown() == "", "nobody comes from elsewhere"
    plain = shown(host="192.168.7.5")
    assert read_printed_code(plain) == f"http://192.168.7.5:8080{PRACTICE}#token={TOKEN}"
    assert "--tls auto" in plain
    own = shown(host="192.168.7.5", tls="auto")
    assert read_printed_code(own) == f"https://192.168.7.5:8080{PRACTICE}#token={TOKEN}"
    assert f"https://192.168.7.5:8080{AUTHORITY}" in own
    assert TOKEN not in own, "it is in the code alone"
    open_to_all = shown(host="192.168.7.5", token=SecretStr(""))
    assert read_printed_code(open_to_all) == f"http://192.168.7.5:8080{PRACTICE}"


def test_the_code_brings_a_token_that_the_server_has_made(tmp_path: Path) -> None:
    given = settings(tmp_path, host="192.168.7.5", token=SecretStr("auto"))
    terminal = io.StringIO()
    welcome(given).show_code("/", terminal)
    access = Access.of(given)
    assert access is not None
    address = f"http://192.168.7.5:8080/#token={access.token}"
    assert read_printed_code(terminal.getvalue()) == address
