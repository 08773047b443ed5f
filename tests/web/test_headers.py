"""What browsers are told of every page, word for word, and how secrets are compared."""

import hmac
from pathlib import Path

import pytest
from pydantic import SecretStr

from coach_server.settings import Settings
from coach_server.web.access import Access
from coach_server.web.headers import CONTENT_SECURITY_POLICY, SECURITY

pytestmark = pytest.mark.unit


def test_the_policy_is_the_one_of_the_threat_model() -> None:
    assert CONTENT_SECURITY_POLICY == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    assert SECURITY["Permissions-Policy"].startswith("camera=(self)")
    assert SECURITY["Cross-Origin-Opener-Policy"] == "same-origin"
    assert SECURITY["Cross-Origin-Resource-Policy"] == "same-origin"
    assert SECURITY["X-Content-Type-Options"] == "nosniff"
    assert SECURITY["Referrer-Policy"] == "no-referrer"


def test_a_token_is_compared_in_constant_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[bytes, bytes]] = []
    compare = hmac.compare_digest

    def noted(said: bytes, meant: bytes) -> bool:
        compared.append((said, meant))
        return compare(said, meant)

    token = "as-long-as-need-be-1234"  # noqa: S105  # of this test
    access = Access.of(Settings(data=tmp_path, cache=tmp_path, token=SecretStr(token)))
    assert access is not None
    monkeypatch.setattr(hmac, "compare_digest", noted)
    assert [access.is_token(said) for said in ("", "a", token[:-1] + "x", token)] == [
        *(False, False, False),
        True,
    ]
    assert [said for said, _ in compared] == [b"", b"a", b"as-long-as-need-be-123x", token.encode()]
