"""The practice page in Chromium, inside a network of its own: what of the coach reaches it, when.

Its argument is the page's address, with its token. It says `practising` once it does; with the
next line of its input it prints what it has seen, as JSON, and goes on until its input ends.
"""

import json
import sys
from typing import Any, Final

from browser.chromium import FLAGS, find_chromium
from browser.practice_page import PracticePage
from playwright.sync_api import Page, sync_playwright

WATCH: Final = """
  window.seen = { poses: [], bodies: 0, cues: [], byes: [], links: [] };
  const stock = RTCPeerConnection.prototype.createDataChannel;
  RTCPeerConnection.prototype.createDataChannel = function (label, ...more) {
    const channel = stock.call(this, label, ...more);
    channel.addEventListener('message', ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === 'pose') {
        window.seen.poses.push([Date.now(), message.seq, message.lag_s]);
      }
      if (message.type === 'cue') window.seen.cues.push([Date.now(), message.id, message.state]);
      if (message.type === 'bye') window.seen.byes.push([Date.now(), message.reason]);
    });
    return channel;
  };
  addEventListener('DOMContentLoaded', () => {
    const note = () => {
      const link = document.querySelector('#live')?.dataset.link;
      const last = window.seen.links.at(-1);
      if (link && link !== last?.[1]) window.seen.links.push([Date.now(), link]);
    };
    setInterval(note, 20);
  });
"""
REPORT: Final = "session => fetch(`/api/sessions/${session}/report`).then(answer => answer.json())"


def seen(page: Page, practice: PracticePage) -> dict[str, Any]:
    """All that the page has had of the coach, and the report of its session."""
    told: dict[str, Any] = page.evaluate("window.seen")
    told["answers"] = [answer["session"] for answer in practice.answers]
    told["report"] = page.evaluate(REPORT, practice.session)
    told["stage"] = page.get_attribute("body", "data-stage")
    return told


def main() -> None:
    """Practise, and tell when asked."""
    address, token = sys.argv[1:]
    flags = [flag for flag in FLAGS if not flag.startswith("--host-resolver-rules")]
    flags.append(f"--unsafely-treat-insecure-origin-as-secure={address}")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find_chromium(), args=flags)
        context = browser.new_context()
        context.add_init_script(WATCH)
        page = context.new_page()
        page.goto(f"{address}/#token={token}")
        page.wait_for_timeout(1000)
        practice = PracticePage(page)
        practice.open(address, "routine=demo&camera=demo-faults")
        practice.allow()
        practice.live()
        practice.start()
        print("practising", flush=True)
        while True:
            page.wait_for_timeout(50)
            if not _line():
                break
            print("seen " + json.dumps(seen(page, practice)), flush=True)
        browser.close()


def _line() -> str:
    return sys.stdin.readline()


if __name__ == "__main__":
    main()
