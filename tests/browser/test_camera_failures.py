"""The five ways a camera fails: five messages, each with a way on."""

import pytest
from browser.axe import serious_faults_in_both_schemes
from browser.chromium import OpenPage
from browser.practice_page import PracticePage
from browser.server_process import ServerProcess
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def rejecting(name: str) -> str:
    """A page script: the camera is refused with that DOMException."""
    return (
        "navigator.mediaDevices.getUserMedia = () => "
        f"Promise.reject(new DOMException('refused by the test', '{name}'));"
    )


REMOVED = "Object.defineProperty(navigator, 'mediaDevices', { value: undefined });"
SILENT = "navigator.mediaDevices.getUserMedia = () => new Promise(() => {});"
ANSWER_LIMIT_MS = 20_000

FAILURES = [
    ("denied", rejecting("NotAllowedError"), "The camera is not allowed"),
    ("absent", rejecting("NotFoundError"), "No camera was found"),
    ("busy", rejecting("NotReadableError"), "Another program is using the camera"),
    ("insecure", REMOVED, "This address cannot use a camera"),
    ("unanswered", SILENT, "The browser is still asking"),
]


@pytest.mark.parametrize(("fault", "script", "title"), FAILURES, ids=[f[0] for f in FAILURES])
def test_each_failure_says_what_it_is_and_how_to_go_on(
    fault: str, script: str, title: str, scripted: ServerProcess, open_page: OpenPage
) -> None:
    with open_page(scripted, init=script) as page:
        if fault == "unanswered":
            page.clock.install()
        practice = PracticePage(page)
        practice.open(scripted.address)
        practice.allow()
        if fault == "unanswered":
            page.clock.fast_forward(ANSWER_LIMIT_MS - 10_000)
            assert page.is_visible("#ready")
            page.clock.fast_forward(12_000)
        practice.stage("failure")
        expect(page.locator("#failure-title")).to_have_text(title)
        assert len(page.inner_text("#failure-text")) > 40
        assert page.is_visible("#retry")
        assert "camera=demo-faults" in str(page.get_attribute("#failure-demo", "href"))
        assert practice.answers == []
        if fault == "denied":  # they differ in words alone
            assert serious_faults_in_both_schemes(page) == []


def test_no_webcam_at_all_is_no_camera(scripted: ServerProcess, open_page: OpenPage) -> None:
    with open_page(scripted) as page:
        practice = PracticePage(page)
        practice.open(scripted.address)
        practice.allow()
        practice.stage("failure")
        assert page.get_attribute("#failure", "data-fault") in {"absent", "denied"}


def test_trying_again_begins_at_the_explanation(
    scripted: ServerProcess, open_page: OpenPage
) -> None:
    with open_page(scripted, init=rejecting("NotReadableError")) as page:
        practice = PracticePage(page)
        practice.open(scripted.address)
        practice.allow()
        practice.stage("failure")
        page.keyboard.press("Enter")
        practice.stage("ready")


def test_a_camera_unplugged_in_practice_is_no_camera(
    scripted: ServerProcess, open_page: OpenPage
) -> None:
    keep_track = """
        HTMLCanvasElement.prototype.captureStream = ((capture) => function (...options) {
          const stream = capture.apply(this, options);
          [window.track] = stream.getVideoTracks();
          return stream;
        })(HTMLCanvasElement.prototype.captureStream);
    """
    with open_page(scripted, init=keep_track) as page:
        practice = PracticePage(page)
        practice.meet(scripted.address, "routine=demo&camera=demo-right")
        _end_track(page)
        practice.stage("failure")
        expect(page.locator("#failure-title")).to_have_text("No camera was found")


def _end_track(page: Page) -> None:
    page.evaluate("() => { window.track.dispatchEvent(new Event('ended')); }")
