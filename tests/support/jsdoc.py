"""The few shapes of JSDoc in which the pages write down what the server says."""

import re
from typing import Final

_TAG: Final = re.compile(r"(?m)^\s*(?:/\*)?\*+ ?")
_QUOTED: Final = re.compile(r"'([^']*)'")


class Module:
    """The text of a module of ours.

    Every question fails where the text has no such thing: a name that was changed is not taken
    for one that has no words.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._comments = [
            " ".join(_TAG.sub("", comment).split())
            for comment in re.findall(r"/\*\*.*?\*/", text, re.DOTALL)
        ]

    def union(self, name: str) -> set[str]:
        """The strings of `@typedef {'one' | 'other'} name`."""
        (found,) = self._found(rf"@typedef \{{([^{{}}]*)\}} {name}\b")
        return strings(found)

    def properties(self, name: str) -> dict[str, str]:
        """The types of the properties of `@typedef {object} name`, by their names."""
        (comment,) = [
            comment for comment in self._comments if f"@typedef {{object}} {name} " in comment
        ]
        told = [re.match(r"\{(.*?)\} \[?(\w+)", part) for part in comment.split("@property ")[1:]]
        return {match[2]: match[1] for match in told if match}

    def types(self, name: str) -> list[str]:
        """The types of `@typedef {One | Other} name`."""
        (found,) = self._found(rf"@typedef \{{([^{{}}]*)\}} {name}\b")
        return [part.strip() for part in found.split("|")]

    def kind(self, name: str) -> str:
        """The `type` of a message, whichever way its fields are written down."""
        inline = self._found_any(rf"@typedef \{{\{{type: '(\w+)'.*?\}}\}} {name}\b")
        (kind,) = inline or strings(self.properties(name)["type"])
        return kind

    def constant(self, name: str) -> set[str]:
        """The strings of the list or set that a constant is."""
        found = re.search(rf"const {name} = (?:new Set\()?\[(.*?)\]", self._text, re.DOTALL)
        assert found, f"no constant {name}"
        return strings(found[1])

    def typedefs(self) -> list[str]:
        """Every `@typedef {Type} Name`, as `Type} Name`."""
        return [
            text for one in self._comments for text in re.findall(r"@typedef \{(.*?\} \w+)", one)
        ]

    def numbers(self) -> dict[str, int]:
        """Every exported constant that is a whole number, with its name."""
        found = re.findall(r"export const (\w+) = (\d+);", self._text)
        return {name: int(value) for name, value in found}

    def quoted(self, before: str) -> set[str]:
        """Every string that follows `before`, empty ones aside."""
        found = set(re.findall(re.escape(before) + r"'(\w+)'", self._text))
        assert found, f"nothing after {before}"
        return found

    def _found(self, pattern: str) -> list[str]:
        found = self._found_any(pattern)
        assert len(found) == 1, f"{len(found)} of {pattern}"
        return found

    def _found_any(self, pattern: str) -> list[str]:
        return [text for comment in self._comments for text in re.findall(pattern, comment)]


def strings(text: str) -> set[str]:
    """What stands in quotes."""
    return set(_QUOTED.findall(text))
