"""A page of another site cannot show the coach, read it, or send it anything."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from browser.chromium import chromium
from browser.server_process import ServerProcess

pytestmark = pytest.mark.browser


class Stranger(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>another site</title>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def stranger() -> Iterator[str]:
    """The address of a site that is another one to the browser: another name, another port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stranger)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    yield f"http://localhost:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    serving.join()


TRY = """async (coach) => {
  const fate = (asked) => asked.then(({ type, status }) => `${type} ${status}`, ({ name }) => name);
  const post = (type) => fetch(`${coach}/api/offer`, {
    method: 'POST', body: '{}', headers: { 'Content-Type': type }, mode: 'cors' });
  const still = new Image();
  const picture = new Promise((resolve) => {
    still.onload = () => resolve('shown');
    still.onerror = () => resolve('refused');
  });
  still.src = `${coach}/api/routines/demo/poster`;
  return {
    read: await fate(fetch(`${coach}/api/routines`)),
    unread: await fate(fetch(`${coach}/healthz`, { mode: 'no-cors' })),
    json: await fate(post('application/json')),
    form: await fate(post('text/plain')),
    picture: await picture,
  };
}"""


def test_another_site_gets_nothing(executable: str, scripted: ServerProcess, stranger: str) -> None:
    with chromium(executable) as context:
        page = context.pages[0]
        page.goto(stranger)
        fates = page.evaluate(TRY, scripted.address)
        page.evaluate(
            """(address) => new Promise((resolve) => {
              const frame = document.createElement('iframe');
              frame.onload = resolve;
              frame.src = address;
              document.body.append(frame);
            })""",
            f"{scripted.address}/practice?routine=demo",
        )
        (inner,) = page.frames[1:]
        inner.wait_for_url(re.compile("^chrome-error:"), wait_until="commit")
        assert inner.query_selector("#ready") is None
    refused = 'coach_refusals_total{code="foreign_origin"}'
    assert fates == {
        "read": "TypeError",
        "unread": "TypeError",
        "json": "TypeError",
        "form": "TypeError",
        "picture": "refused",
    }
    assert scripted.metric(refused) >= 2
