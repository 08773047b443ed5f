"""A stock Firefox and the little of WebDriver BiDi that a smoke run needs.

Spoken here rather than through Playwright, whose own way of driving a stock Firefox asks for
commands that Debian's extended support release does not know.
"""

import asyncio
import itertools
import json
import re
import shutil
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process, create_subprocess_exec
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from coach_server.cli.programs import FIREFOXES

START_S: Final = 60.0
WAIT_S: Final = 30.0
ANSWER_S: Final = 60.0
STOP_S: Final = 10.0

WISHES: Final = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.getAddons.cache.enabled": False,
    "media.autoplay.default": 0,  # by a key that was really pressed it would be allowed as well
    "media.navigator.permission.disabled": True,
    "media.navigator.streams.fake": True,
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}
"""A camera that shows a test picture, given without a question, and a Firefox that calls nobody."""

KEYS: Final = {"Enter": "\ue007", "Escape": "\ue00c", "ArrowLeft": "\ue012", "ArrowRight": "\ue014"}


def find_firefox() -> str | None:
    """The path of a Firefox, or None."""
    return next((path for name in FIREFOXES if (path := shutil.which(name))), None)


class Firefox:
    """One window.

    Attributes:
        host: the only host that its pages may talk to.
        faults: console errors and warnings, uncaught exceptions, requests elsewhere.
    """

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.host = ""
        self.faults: list[str] = []
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._window = ""

    async def begin(self) -> None:
        """Open the session."""
        await self._ask("session.new", capabilities={})
        events = ["log.entryAdded", "network.beforeRequestSent"]
        await self._ask("session.subscribe", events=events)
        # The window that is there from the start never gets the keyboard.
        window = await self._ask("browsingContext.create", type="window")
        self._window = window["context"]

    async def goto(self, address: str) -> None:
        """Load a page, and wait until it is there."""
        self.host = urlsplit(address).netloc
        await self._ask(
            "browsingContext.navigate", context=self._window, url=address, wait="complete"
        )

    async def size(self, width: int, height: int) -> None:
        """Give the window's content that size, in CSS pixels."""
        viewport = {"width": width, "height": height}
        await self._ask("browsingContext.setViewport", context=self._window, viewport=viewport)

    async def evaluate(self, expression: str) -> Any:
        """The value of an expression, or what it promises, by way of JSON."""
        told = await self._ask(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})) ?? 'null')()",
            target={"context": self._window},
            awaitPromise=True,
        )
        assert told["type"] == "success", told["exceptionDetails"]["text"]
        return json.loads(told["result"]["value"])

    async def wait_for(self, expression: str) -> Any:
        """The value of an expression as soon as it is true; fails with the page's words."""
        value = await self.evaluate(
            f"""new Promise((resolve) => {{
              const until = performance.now() + {WAIT_S * 1000};
              const look = () => {{
                const value = {expression};
                if (value || performance.now() > until) resolve(value);
                else setTimeout(look, 50);
              }};
              look();
            }})"""
        )
        if not value:
            page = await self.evaluate("document.body.innerText")
            pytest.fail(f"never true: {expression}; {self.faults}; the page says: {page}")
        return value

    async def press(self, key: str) -> None:
        """Press a key, and let it go."""
        value = KEYS.get(key, key)
        strokes = [{"type": kind, "value": value} for kind in ("keyDown", "keyUp")]
        source = {"type": "key", "id": "keyboard", "actions": strokes}
        await self._ask("input.performActions", context=self._window, actions=[source])

    async def hear(self) -> None:
        """Take what the browser says, until it says no more."""
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                continue
            told = message.json()
            if answer := self._answers.pop(told.get("id"), None):
                answer.set_result(told)
            elif told["type"] == "event":
                self._note(told["method"], told["params"])

    def _note(self, event: str, told: dict[str, Any]) -> None:
        if event == "log.entryAdded":
            if told["level"] in {"error", "warn"}:
                self.faults.append(f"{told['level']}: {told['text']}")
            return
        address = urlsplit(told["request"]["url"])
        if address.scheme in {"http", "https", "ws", "wss"} and address.netloc != self.host:
            self.faults.append(f"request to {told['request']['url']}")

    async def _ask(self, method: str, **params: object) -> dict[str, Any]:
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": params})
        async with asyncio.timeout(ANSWER_S):
            told = await answer
        assert told["type"] == "success", told
        result: dict[str, Any] = told["result"]
        return result


@asynccontextmanager
async def firefox(executable: str) -> AsyncIterator[Firefox]:
    """A browser with a new, empty profile."""
    with tempfile.TemporaryDirectory(prefix="coach-browser-", ignore_cleanup_errors=True) as folder:
        wishes = (f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in WISHES.items())
        (Path(folder) / "user.js").write_text("".join(wishes))
        options = ["--headless", "--no-remote", "--profile", folder, "--remote-debugging-port=0"]
        process = await create_subprocess_exec(
            *(executable, *options, "about:blank"), stdout=DEVNULL, stderr=PIPE
        )
        try:
            address = await asyncio.wait_for(_address(process), START_S)
            async with ClientSession() as http, http.ws_connect(address, max_msg_size=0) as socket:
                browser = Firefox(socket)
                listening = [asyncio.create_task(job) for job in (browser.hear(), _drain(process))]
                try:
                    await browser.begin()
                    yield browser
                finally:
                    for task in listening:
                        task.cancel()
                    await asyncio.gather(*listening, return_exceptions=True)
        finally:
            await _end(process)


async def _address(process: Process) -> str:
    assert process.stderr is not None
    async for line in process.stderr:
        if found := re.search(rb"WebDriver BiDi listening on (ws://\S+)", line):
            return f"{found[1].decode()}/session"
    raise AssertionError("Firefox ended before it listened")


async def _drain(process: Process) -> None:
    assert process.stderr is not None
    while await process.stderr.read(65_536):
        pass


async def _end(process: Process) -> None:
    with suppress(ProcessLookupError):  # ended by itself
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_S)
    except TimeoutError:
        process.kill()
        await process.wait()
