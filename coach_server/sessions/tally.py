"""What became of a student's frames and messages: every drop is counted."""

from collections import Counter
from dataclasses import dataclass, field, fields

from coach_server.rtc.peer import Peer


@dataclass(slots=True)
class Tally:
    """Counts of one session, or of the part that one connection served.

    Attributes:
        received: frames decoded.
        judged: frames that went through the coach.
        still: judged frames that were not read, for nothing had moved.
        replaced: frames that a later one overtook before the coach was free.
        undecoded: frames that waited for the decoder until they were given up.
        late: frames not later than the one before.
        failed: frames at which the engine raised.
        abandoned: frames that were with the coach when their connection ended.
        distrusted: frames whose RTCP sender report was at odds with the page's clock; they are
            judged or dropped like any other.
        poses_sent, poses_skipped: results handed to the page's channel, or not.
        control_lost: messages that the page did not take.
        ignored: messages of the page not acted on, by the reason why.
    """

    received: int = 0
    judged: int = 0
    still: int = 0
    replaced: int = 0
    undecoded: int = 0
    late: int = 0
    failed: int = 0
    abandoned: int = 0
    distrusted: int = 0
    poses_sent: int = 0
    poses_skipped: int = 0
    control_lost: int = 0
    ignored: Counter[str] = field(default_factory=Counter)

    @property
    def dropped(self) -> int:
        """Frames that came and were not judged, whatever the reason.

        With no connection left, `received + undecoded == judged + dropped`.
        """
        return self.replaced + self.undecoded + self.late + self.failed + self.abandoned

    def with_peer(self, peer: Peer | None) -> "Tally":
        """These counts and those that `peer` keeps."""
        if peer is None:
            return self
        overtaken = peer.overtaken  # by another thread, and now
        return Tally(
            received=self.received + peer.frames.received + overtaken,
            judged=self.judged,
            still=self.still,
            replaced=self.replaced + peer.frames.dropped + overtaken,
            undecoded=self.undecoded + peer.undecoded,
            late=self.late,
            failed=self.failed,
            abandoned=self.abandoned,
            distrusted=self.distrusted + peer.capture.distrusted,
            poses_sent=self.poses_sent + peer.pose.sent,
            poses_skipped=self.poses_skipped + peer.pose.skipped,
            control_lost=self.control_lost + peer.control.lost,
            ignored=self.ignored + peer.control.ignored,
        )

    def since(self, before: "Tally") -> "Tally":
        """What was added to `before`, earlier counts of the same session."""
        counts = {
            each.name: getattr(self, each.name) - getattr(before, each.name)
            for each in fields(self)
            if each.name != "ignored"
        }
        return Tally(**counts, ignored=self.ignored - before.ignored)

    def as_dict(self) -> dict[str, object]:
        """The counts as the report holds them."""
        return {
            "received": self.received,
            "judged": self.judged,
            "still": self.still,
            "dropped": self.dropped,
            "replaced": self.replaced,
            "undecoded": self.undecoded,
            "late": self.late,
            "failed": self.failed,
            "abandoned": self.abandoned,
            "distrusted": self.distrusted,
            "poses_sent": self.poses_sent,
            "poses_skipped": self.poses_skipped,
            "control_lost": self.control_lost,
            "ignored": dict(self.ignored),
        }
