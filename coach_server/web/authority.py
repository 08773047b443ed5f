"""A certificate authority of this server's own, and its certificate for the local network.

Browsers give a camera only to pages that came encrypted, and no public authority vouches for an
address of a local network. The authority can vouch for nothing but this server's own names, for
addresses of local networks and for names under `.local`: devices that trust it, trust no more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Final, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from coach_server.files import write_private, write_whole

IpAddress: TypeAlias = IPv4Address | IPv6Address

LOCAL: Final = tuple(
    map(
        ip_network,
        (
            *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8"),
            *("169.254.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10", "::1/128"),
        ),
    )
)
LOCAL_NAMES: Final = ("localhost", "local")

_AUTHORITY_LASTS: Final = timedelta(days=3650)
_LASTS: Final = timedelta(days=800)
"""Of the server's certificate: Apple's devices refuse those of 825 days and more."""
_RENEWED: Final = timedelta(days=400)
"""Before its end, with the next start."""
_SLACK: Final = timedelta(days=1)
"""Clocks of other devices may be behind."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its key, as files.

    Attributes:
        certificate, key: what the server shows and proves.
        authority: what devices may be told to trust; holds no secret.
    """

    certificate: Path
    key: Path
    authority: Path


def issued(folder: Path, names: Iterable[str], *, now: datetime) -> Issued:
    """The certificate for `names` in `folder`; made, or made anew, where it is needed.

    Args:
        folder: of the authority and the certificate, nobody else's to read.
        names: names and addresses of the server.
        now: with a zone.

    Raises:
        OSError: the files can neither be read nor be written.
    """
    wanted = sorted({name.lower() for name in names})
    found = Issued(folder / "coach.pem", folder / "coach-key.pem", folder / "authority.pem")
    authority_key = folder / "authority-key.pem"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority = _read(found.authority, authority_key)
    if authority is None or _ends_soon(authority[0], now) or not _covers(authority[0], wanted):
        authority = _new_authority(wanted, now)
        _write(found.authority, authority_key, authority)
        found.certificate.unlink(missing_ok=True)
    leaf = _read(found.certificate, found.key)
    if leaf is None or _ends_soon(leaf[0], now) or set(names_in(leaf[0])) != set(wanted):
        _write(found.certificate, found.key, _new_leaf(wanted, authority, now))
    return found


_Pair: TypeAlias = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def names_in(certificate: x509.Certificate) -> list[str]:
    """Names and addresses that a certificate is for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [
        *(name.lower() for name in names.get_values_for_type(x509.DNSName)),
        *map(str, names.get_values_for_type(x509.IPAddress)),
    ]


def _read(certificate: Path, key: Path) -> _Pair | None:
    """What lies there; None where it is missing or broken."""
    try:
        loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
        secret = serialization.load_pem_private_key(key.read_bytes(), None)
    except (FileNotFoundError, ValueError, TypeError):
        return None
    if isinstance(secret, ec.EllipticCurvePrivateKey):
        return (loaded, secret) if secret.public_key() == loaded.public_key() else None
    return None


def _write(certificate: Path, key: Path, pair: _Pair) -> None:
    secret = pair[1].private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_private(key, secret)
    write_whole(certificate, pair[0].public_bytes(serialization.Encoding.PEM))


def _ends_soon(certificate: x509.Certificate, now: datetime) -> bool:
    return not certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - _RENEWED


def _split(names: Iterable[str]) -> tuple[list[str], list[IpAddress]]:
    hosts: list[str] = []
    addresses: list[IpAddress] = []
    for name in names:
        try:
            addresses.append(ip_address(name))
        except ValueError:
            hosts.append(name)
    return hosts, addresses


def _permitted(names: Iterable[str]) -> list[x509.GeneralName]:
    """What an authority for `names` may vouch for."""
    hosts, addresses = _split(names)
    foreign = [each for each in addresses if not any(each in network for network in LOCAL)]
    named = [*LOCAL_NAMES, *(each for each in hosts if not each.endswith((".local", "localhost")))]
    return [
        *map(x509.DNSName, named),
        *map(x509.IPAddress, (*LOCAL, *map(ip_network, foreign))),
    ]


def _covers(authority: x509.Certificate, names: Iterable[str]) -> bool:
    found = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    return set(_permitted(names)) <= set(found.permitted_subtrees or [])


def _new_authority(names: list[str], now: datetime) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name("Coach, this server's own authority")
    certificate = (
        _builder(subject, key, now, _AUTHORITY_LASTS)
        .issuer_name(subject)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(_permitted(names), None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate, key


def _new_leaf(names: list[str], authority: _Pair, now: datetime) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    hosts, addresses = _split(names)
    alternatives = [*map(x509.DNSName, hosts), *map(x509.IPAddress, addresses)]
    issuer, secret = authority
    certificate = (
        _builder(_name("Coach"), key, now, _LASTS)
        .issuer_name(issuer.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(secret.public_key()), critical=False
        )
        .sign(secret, hashes.SHA256())
    )
    return certificate, key


def _builder(
    subject: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - _SLACK)
        .not_valid_after(now.astimezone(UTC) - _SLACK + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
