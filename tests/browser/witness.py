"""What a page script notes of a practice, from outside the page's own code."""

import itertools
from dataclasses import dataclass
from typing import Any, Final, Self

from playwright.sync_api import Page

SCRIPT: Final = """
(() => {
  const notes = { cameraAt: 0, poses: [], cues: [], sizes: [], sent: 0, stood: [], busy: [] };
  window.witness = notes;
  let ran = performance.now();
  setInterval(() => {
    const now = performance.now();
    if (now - ran > 500) notes.stood.push([ran, now]);
    ran = now;
  }, 100);
  new PerformanceObserver((tasks) => {
    for (const { startTime, duration } of tasks.getEntries()) {
      notes.busy.push([startTime, startTime + duration]);
    }
  }).observe({ type: 'longtask' });
  const devices = navigator.mediaDevices;
  if (devices) {
    const open = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (wish) => {
      const stream = await open(wish);
      notes.cameraAt = performance.now();
      return stream;
    };
  }
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...options) {
      super(...options);
      const look = setInterval(async () => {
        if (this.connectionState === 'closed') return clearInterval(look);
        for (const entry of (await this.getStats()).values()) {
          if (entry.type !== 'outbound-rtp' || !entry.frameWidth) continue;
          notes.sizes.push([entry.frameWidth, entry.frameHeight]);
          notes.sent = entry.framesSent;
        }
      }, 100);
    }
    createDataChannel(label, options) {
      const channel = super.createDataChannel(label, options);
      channel.addEventListener('message', ({ data }) => {
        const message = JSON.parse(data);
        const at = performance.now();
        if (message.type === 'pose') {
          const age = message.capture_ms === null
            ? null : performance.timeOrigin + at - message.capture_ms;
          notes.poses.push([at, message.seq, age, message.keypoints !== null]);
        }
        if (message.type === 'cue') notes.cues.push(message);
      });
      return channel;
    }
  };
})();
"""


@dataclass(frozen=True, slots=True)
class Witness:
    """What was noted.

    Attributes:
        poses: (arrival in ms, seq, age of its frame in ms, whether a body was found) of each.
        cues: the cue messages.
        sizes: of the sent picture, every tenth of a second.
        sent: frames sent up to the last of these looks.
        stood: from when to when, in ms, the page did not run.
        busy: from when to when it ran without a pause.
    """

    poses: list[tuple[float, int, float | None, bool]]
    cues: list[dict[str, Any]]
    sizes: list[tuple[int, int]]
    sent: int
    stood: list[tuple[float, float]]
    busy: list[tuple[float, float]]

    @classmethod
    def of(cls, page: Page) -> Self:
        """What the page's script has noted up to now."""
        notes = page.evaluate("window.witness")
        return cls(
            [tuple(pose) for pose in notes["poses"]],
            notes["cues"],
            [tuple(size) for size in notes["sizes"]],
            notes["sent"],
            [tuple(stretch) for stretch in notes["stood"]],
            [tuple(stretch) for stretch in notes["busy"]],
        )

    def longest_gap_ms(self) -> float:
        """Between two poses, less what the page did not run in it though it did not hold itself."""
        arrivals = [at for at, *_ in self.poses]
        held_up = [
            stretch
            for stretch in self.stood
            if not any(_common(stretch, task) > 0 for task in self.busy)
        ]
        return max(
            late - early - sum(_common(stretch, (early, late)) for stretch in held_up)
            for early, late in itertools.pairwise(arrivals)
        )


def _common(one: tuple[float, float], other: tuple[float, float]) -> float:
    return max(0.0, min(one[1], other[1]) - max(one[0], other[0]))
