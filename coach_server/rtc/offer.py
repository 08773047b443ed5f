"""Offers are judged as text, before aiortc's parser sees them.

That parser is quadratic in places (200,000 ssrc lines held a server for two minutes) and raises
seven kinds of exception. So a short offer of the one shape that a page sends is let through,
with the candidates that may be probed, and nothing else.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final, NewType

from coach_server.errors import OfferError
from coach_server.rtc.candidates import CandidatePolicy

MAX_BYTES: Final = 64 * 1024
MAX_LINES: Final = 800
MAX_LINE: Final = 1000
MAX_MEDIA: Final = 3
MAX_PER_ATTRIBUTE: Final = {
    "candidate": 32,
    "ssrc": 64,
    "ssrc-group": 16,
    "rtpmap": 96,
    "fmtp": 96,
    "rtcp-fb": 384,
    "extmap": 48,
    "fingerprint": 12,
    "group": 1,
}
"""How often an attribute may stand in an offer; Chromium's and Firefox's stay well below."""
MAX_FOR_ALL: Final = 8
"""Feedback lines for all codecs at once (`rtcp-fb:*`): 300 of them held the loop for 90 ms."""

_UFRAG: Final = re.compile(r"[A-Za-z0-9+/]{4,256}")
_PASSWORD: Final = re.compile(r"[A-Za-z0-9+/]{22,256}")
_FINGERPRINT: Final = re.compile(
    r"sha-(256|384|512) [0-9A-F]{2}(:[0-9A-F]{2}){31,63}", re.IGNORECASE
)
_VIDEO_CODEC: Final = re.compile(r"a=rtpmap:\d+ (VP8|H264)/90000", re.IGNORECASE)
_HINT: Final = "send one complete offer: one camera, one data channel section, nothing else"


CleanOffer = NewType("CleanOffer", str)
"""An offer that `clean_offer` has let through."""


@dataclass(frozen=True, slots=True)
class _Section:
    """One m-section: its kind and its lines, the m-line first."""

    kind: str
    lines: list[str]

    def values(self, attribute: str) -> list[str]:
        """Values of `a=attribute:value` lines."""
        start = f"a={attribute}:"
        return [line[len(start) :] for line in self.lines if line.startswith(start)]


def clean_offer(sdp: str, policy: CandidatePolicy) -> CleanOffer:
    """The offer with only what may be acted on.

    Candidates that `policy` refuses are left out, and so is `end-of-candidates`: without any
    candidate the page's own checks are still waited for.

    Raises:
        OfferError: the offer breaks a cap or is not of the shape that a page sends.
    """
    lines = _lines(sdp)
    _count(lines)
    session, sections = _split(lines)
    _check_sections(sections)
    _check_bundle(session, sections)
    _check_keys([*session.lines, *(line for section in sections for line in section.lines)])
    kept = [
        line
        for line in lines
        if line != "a=end-of-candidates"
        and (not line.startswith("a=candidate:") or policy.allows_line(line))
    ]
    return CleanOffer("\r\n".join(kept) + "\r\n")


def _refuse(why: str) -> OfferError:
    return OfferError(f"the offer cannot be accepted: {why}", hint=_HINT)


def _lines(sdp: str) -> list[str]:
    if len(sdp) > MAX_BYTES:
        raise _refuse(f"it is longer than {MAX_BYTES} bytes")
    if not sdp.startswith("v=0"):
        raise _refuse("it is no SDP")
    lines = sdp.replace("\r\n", "\n").split("\n")
    while lines and not lines[-1]:
        lines.pop()
    if len(lines) > MAX_LINES:
        raise _refuse(f"it has more than {MAX_LINES} lines")
    for line in lines:
        if len(line) > MAX_LINE:
            raise _refuse(f"it has a line of more than {MAX_LINE} characters")
        if len(line) < 2 or line[1] != "=" or not (line.isascii() and line.isprintable()):
            raise _refuse("it has a line that is not SDP")
    return lines


def _count(lines: list[str]) -> None:
    if sum(line.startswith("m=") for line in lines) > MAX_MEDIA:
        raise _refuse(f"it has more than {MAX_MEDIA} m-lines")
    counts = Counter(re.split("[: ]", line[2:], maxsplit=1)[0] for line in lines if line[0] == "a")
    for attribute, limit in MAX_PER_ATTRIBUTE.items():
        if counts[attribute] > limit:
            raise _refuse(f"it has more than {limit} {attribute} lines")
    if sum(line.startswith("a=rtcp-fb:*") for line in lines) > MAX_FOR_ALL:
        raise _refuse(f"it has more than {MAX_FOR_ALL} rtcp-fb lines for all codecs")


def _split(lines: list[str]) -> tuple[_Section, list[_Section]]:
    session = _Section("session", [])
    sections: list[_Section] = []
    for line in lines:
        if line.startswith("m="):
            sections.append(_Section(line[2:].split(" ", 1)[0], []))
        (sections[-1] if sections else session).lines.append(line)
    return session, sections


def _check_sections(sections: list[_Section]) -> None:
    kinds = Counter(section.kind for section in sections)
    if kinds["video"] != 1:
        raise _refuse(f"it has {kinds['video']} video sections instead of one")
    if kinds["application"] != 1:
        raise _refuse(f"it has {kinds['application']} data channel sections instead of one")
    if kinds.total() != 2:
        raise _refuse("it has a section that is neither video nor data channels")
    for section in sections:
        if section.kind == "video":
            if not {"a=sendonly", "a=sendrecv"} & set(section.lines):
                raise _refuse("its video section does not send")
            if not any(_VIDEO_CODEC.match(line) for line in section.lines):
                raise _refuse("its video is neither VP8 nor H264")


def _check_bundle(session: _Section, sections: list[_Section]) -> None:
    named = [section.values("mid") for section in sections]
    mids = [mid for names in named for mid in names]
    if any(len(names) != 1 for names in named) or len(set(mids)) != len(mids):
        raise _refuse("its sections are not named by one mid each")
    groups = [group.split() for group in session.values("group")]
    if [sorted(group) for group in groups] != [sorted(["BUNDLE", *mids])] or (
        groups[0][0] != "BUNDLE"
    ):
        raise _refuse("its sections are not bundled")


def _check_keys(lines: list[str]) -> None:
    everything = _Section("all", lines)
    fingerprints = set(everything.values("fingerprint"))
    algorithms = {fingerprint.split(" ")[0].lower() for fingerprint in fingerprints}
    if not fingerprints or len(fingerprints) != len(algorithms):
        raise _refuse("its sections do not share one fingerprint")
    if not all(_FINGERPRINT.fullmatch(fingerprint) for fingerprint in fingerprints):
        raise _refuse("its fingerprint is malformed or weaker than sha-256")
    for name, pattern in (("ice-ufrag", _UFRAG), ("ice-pwd", _PASSWORD)):
        values = everything.values(name)
        if not values or not all(pattern.fullmatch(value) for value in values):
            raise _refuse(f"its {name} is missing or malformed")
