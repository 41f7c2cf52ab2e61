"""Characters which must not reach a page as they are: controls, bidi overrides, lone surrogates, odd line ends.

Everything rendered here passes through `clean` (or `CleanStream`, chunk by chunk) before anything else looks at it.
Three reasons: a bidirectional override lets code read differently from what runs; a lone surrogate cannot be encoded,
so it would fail the whole response; and the browser's HTML parser turns CR into LF and drops NUL, which would break the
offsets of streamed text.
"""

import re

_SURROGATE = re.compile("[\ud800-\udfff]")
_HIGH_SURROGATE_LAST = re.compile("[\ud800-\udbff]$")
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _visible_form(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code == 0:
        return "\ufffd"  # what CommonMark prescribes for NUL
    if code < 0x20:
        return chr(0x2400 + code)  # the control pictures: ESC becomes one visible "␛"
    if code == 0x7F:
        return "\u2421"
    return f"⟨U+{code:04X}⟩"


def clean(text: str) -> str:
    """The text with line ends as LF and every control or bidi override character in a visible form.

    Tab and LF stay. Surrogate pairs given as two characters are joined; lone surrogates become U+FFFD.
    """
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSAFE.sub(_visible_form, text)


def utf16_length(text: str) -> int:
    """The length of cleaned text in UTF-16 code units, which is how a browser counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


class CleanStream:
    """`clean` for text that comes in pieces: the joined output equals `clean` of the joined input."""

    def __init__(self) -> None:
        self._held = ""  # a CR or half a surrogate pair: what it becomes depends on the next piece

    def feed(self, text: str) -> str:
        """The clean form of everything that later pieces cannot change any more."""
        text = self._held + text
        self._held = ""
        if text.endswith("\r") or _HIGH_SURROGATE_LAST.search(text[-1:]):
            text, self._held = text[:-1], text[-1]
        return clean(text)

    def flush(self) -> str:
        """The clean form of what was held back; nothing follows."""
        held, self._held = self._held, ""
        return clean(held)
