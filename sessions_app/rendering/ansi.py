"""Output of commands as a person would have seen it on a terminal, without the codes that drew it."""

import re

from sessions_app.rendering.characters import clean

# Every part is bounded by what it may contain, so that an escape which never ends costs linear time.
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement
    r"|\x9b[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS and their like: window titles, links
    r"|\x1b[ -/]*[0-Z\\^-~]"  # two-character escapes; not the beginning of a longer one that was cut off
)
_CONTROLS = re.compile(r"[\x00-\x07\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def plain(text: str) -> str:
    """The text without escapes and control characters; keeps LF and tab. Not HTML: escape it where it is shown.

    Of a line that was drawn over and over (a progress bar, with carriage returns) the last state stays. Backspaces
    erase. Bidi overrides become visible, lone surrogates U+FFFD.
    """
    text = _CONTROLS.sub("", _ESCAPES.sub("", text))
    if "\r" in text:
        text = "\n".join(_last_state(line) for line in text.replace("\r\n", "\n").split("\n"))
    if "\b" in text:
        text = "\n".join(_erase(line) for line in text.split("\n"))
    return clean(text)


def _last_state(line: str) -> str:
    return next((state for state in reversed(line.split("\r")) if state), "")


def _erase(line: str) -> str:
    kept: list[str] = []
    for character in line:
        if character != "\b":
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)
