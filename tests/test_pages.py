"""The house rules of the pages that a machine can check: types, sizes, nothing from outside."""

import re
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest
from support.typescript import compiler

pytestmark = pytest.mark.unit

ROOT: Final = Path(__file__).resolve().parents[1]
STATIC: Final = ROOT / "static"
MOST_LINES: Final = 299
OUTSIDE: Final = re.compile(r"""["'(=\s](?:https?:|wss?:)?//[\w.-]+\.\w|@import""")
"""An address with a host, however it is written, or a style sheet in another."""

NAMESPACES: Final = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml")
"""Names that look like addresses; nobody asks for them."""

MARKUP_FROM_TEXT: Final = re.compile(
    r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|eval)\b"
    r"|\bnew Function\b|\bset(?:Timeout|Interval)\(\s*['\"`]"
)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


PAGES: Final = sorted(STATIC.glob("*.html"))
MODULES: Final = sorted((STATIC / "js").rglob("*.js"))
TEXTS: Final = [*PAGES, *MODULES, *sorted(STATIC.rglob("*.css")), *sorted(STATIC.rglob("*.svg"))]


class Tags(HTMLParser):
    """Collects what a page holds: tags with their attributes, and the text of scripts and styles.

    Attributes:
        found: tag and attributes.
        inline: what stands between the tags of a script or style.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.inline: list[str] = []
        self._in = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        self._in = tag

    def handle_data(self, data: str) -> None:
        if self._in in {"script", "style"} and data.strip():
            self.inline.append(data.strip())

    def handle_endtag(self, tag: str) -> None:
        if tag == self._in:
            self._in = ""

    def faults(self) -> Iterator[str]:
        """What the policy of the pages forbids."""
        yield from self.inline
        for tag, attributes in self.found:
            if tag in {"style", "base", "iframe", "object", "embed"}:
                yield f"<{tag}>"
            if tag == "script" and not attributes.get("src", "").startswith("/static/js/"):
                yield "a script that is no module of ours"
            yield from (f"{name}=" for name in attributes if name == "style" or name[:2] == "on")


def test_types_are_strict_and_clean(tmp_path: Path) -> None:
    done = subprocess.run(
        [*compiler(tmp_path), "--pretty", "false", "-p", str(ROOT / "jsconfig.json")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_types_are_checked_in_every_module_and_hushed_in_none() -> None:
    hushed = [
        relative(path)
        for path in MODULES
        if re.search(r"@ts-(?:nocheck|ignore|expect-error)|\{any\}|\bas any\b", path.read_text())
    ]
    assert hushed == []
    assert len(MODULES) > 50


def test_every_module_is_short_and_begins_with_what_it_is_for() -> None:
    long = {
        relative(path): lines
        for path in MODULES
        if (lines := len(path.read_text().splitlines())) > MOST_LINES
    }
    assert long == {}
    assert [relative(path) for path in MODULES if not path.read_text().startswith("// ")] == []


def test_nothing_is_loaded_from_another_host() -> None:
    told = {}
    for path in TEXTS:
        text = path.read_text()
        for name in NAMESPACES:
            text = text.replace(name, "")
        if found := [match.group() for match in OUTSIDE.finditer(text)]:
            told[relative(path)] = found
    assert told == {}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_holds_no_script_and_no_style_of_its_own(path: Path) -> None:
    tags = Tags(path.read_text())
    assert list(tags.faults()) == []
    scripts = [attributes for tag, attributes in tags.found if tag == "script"]
    assert scripts
    for attributes in scripts:
        assert attributes["type"] == "module"
        assert (STATIC / attributes["src"].removeprefix("/static/")).is_file()


def test_texts_never_become_markup_or_code() -> None:
    told = {
        relative(path): found
        for path in MODULES
        if (found := MARKUP_FROM_TEXT.findall(path.read_text()))
    }
    assert told == {}


@pytest.mark.parametrize(
    "page",
    [
        "<script>alert()</script>",
        '<script type="module" src="https://x.org/y.js"></script>',
        "<style>p { color: red }</style>",
        '<p style="color: red">',
        '<button onclick="go()">',
        '<base href="/elsewhere/">',
    ],
)
def test_what_the_policy_forbids_is_found(page: str) -> None:
    assert list(Tags(page).faults())


@pytest.mark.parametrize(
    "text",
    [
        "import 'https://cdn.example.org/x.js'",
        "url(//fonts.example.org/a.woff2)",
        '<img src="http://example.org/x.png">',
        '@import "other.css"',
    ],
)
def test_what_comes_from_outside_is_found(text: str) -> None:
    assert OUTSIDE.search(text)
