"""What a file is, by its first bytes: its name and what its sender says of it prove nothing."""

from typing import Final, Literal, TypeAlias

from coach_server.errors import KindError, MediaError

Kind: TypeAlias = Literal["film", "archive"]

HEAD: Final = 512
"""Bytes from the beginning that are looked at."""

_TS_PACKET: Final = 188
_OTHERS: Final = (
    (b"ffconcat", "a playlist"),
    (b"#EXTM3U", "a playlist"),
    (b"[playlist]", "a playlist"),
    (b"<?xml", "an XML file"),
    (b"<smil", "a playlist"),
    (b"<MPD", "a playlist"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\0", "a picture"),
    (b"%PDF", "a PDF file"),
    (b"%!PS", "a PostScript file"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"#!", "a program"),
    (b"ID3", "sound alone"),
    (b"fLaC", "sound alone"),
    (b"OggS", "an Ogg file"),
    (b"FLV\x01", "a Flash film"),
    (b"\x1f\x8b", "a packed file"),
    (b"7z\xbc\xaf", "a packed file"),
    (b"Rar!", "a packed file"),
)
"""What is often mistaken for a film, or passed off as one."""
_BOXES: Final = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_PICTURE_BRANDS: Final = (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"crx ")


def kind_of(head: bytes, called: str) -> Kind:
    """Whether a file is a film, or a routine that was exported (a zip archive).

    Args:
        head: its first `HEAD` bytes, or all of it.
        called: what the user calls it.

    Raises:
        KindError: it is something else that is known.
        MediaError: it is empty, text, or nothing that is known.
    """
    if not head:
        raise MediaError(f"{called} is empty.", hint="Choose the film again.", code="empty")
    if head.startswith(b"PK\x03\x04"):
        return "archive"
    if _is_film(head):
        return "film"
    for magic, name in _OTHERS:
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(magic):
            raise KindError(f"{called} is {name}, no film.", hint=_HINT)
    if head[4:8] == b"ftyp":
        raise KindError(f"{called} is a picture, no film.", hint=_HINT)
    what = "text, no film" if _is_text(head) else "no film, or is damaged from its first byte on"
    raise MediaError(f"{called} is {what}.", hint=_HINT)


def promised_bytes(head: bytes) -> int:
    """How many bytes a Matroska or WebM file says it has; 0 of others, or where it does not say.

    Its pictures cannot tell: it names no number of them, and their last may be shown for long.
    """
    at = size = 0
    for element in (b"\x1aE\xdf\xa3", b"\x18S\x80g"):  # its header, then all the rest
        at += size
        first = at + len(element)
        if not head.startswith(element, at) or not head[first : first + 1]:
            return 0
        length = 9 - head[first].bit_length()
        told = head[first : first + length]
        unknown = (1 << 7 * length) - 1
        size = int.from_bytes(told, "big") & unknown
        if length > 8 or len(told) < length or size == unknown:
            return 0
        at = first + length
    return at + size


_HINT: Final = "Give an mp4, mov, mkv, webm or avi file that plays in a video player."


def _is_film(head: bytes) -> bool:
    if head[4:8] == b"ftyp":
        return head[8:12] not in _PICTURE_BRANDS
    return (
        head[4:8] in _BOXES
        or head.startswith((b"\x1aE\xdf\xa3", b"YUV4MPEG2"))
        or (head.startswith(b"RIFF") and head[8:12] == b"AVI ")
        or (len(head) > _TS_PACKET and head[0] == head[_TS_PACKET] == 0x47)
    )


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8", errors="strict" if len(head) < HEAD else "ignore")
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in "\t\r\n\f" for character in text)
