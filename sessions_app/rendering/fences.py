"""A fenced code block that is still being written: which characters are code for certain, and where it ends.

Follows markdown-it's fence rule line by line, so that a long block is never parsed again while it grows.
"""

import re

from sessions_app.rendering.markdown import Block


class OpenFence:
    """The inside of one top-level fence. Feed it the text after the opening line until `closed`."""

    def __init__(self, block: Block, lines: list[str]) -> None:
        """`block` is an unclosed fence among these lines of a document; its opening line is complete."""
        token = block.tokens[0]
        opening = lines[block.start]
        self.info = token.info
        self.closed = False
        self._columns = len(opening) - len(opening.lstrip(" "))
        self._closing = _closing_line(token.markup)
        # White space alone is held back too: the parser ignores it when it is the very end of a document.
        self._may_still_close = re.compile(rf"[ \t]*|[ ]{{0,3}}{token.markup[0]}+[ \t]*")
        self._held = ""  # the beginning of the last line, as long as that may still become the closing fence
        self._inside_line = False  # whether the last line is code for certain

    def feed(self, text: str) -> tuple[str, str]:
        """What `text` adds: (code for certain, text after the closing line). The latter is empty unless now
        `closed`."""
        code: list[str] = []
        position = 0
        while position < len(text) and not self.closed:
            line_end = text.find("\n", position) + 1
            piece = text[position : line_end or None]
            position = line_end or len(text)
            if self._inside_line:
                code.append(piece)
            else:
                code.append(self._start_of_line(self._held + piece))
            if line_end:
                self._inside_line = False
        return "".join(code), text[position:]

    def _start_of_line(self, line: str) -> str:
        self._held = ""
        if line.endswith("\n"):
            self.closed = self._closing.fullmatch(line, 0, len(line) - 1) is not None
            return "" if self.closed else strip_indent(line, self._columns)
        if self._may_still_close.fullmatch(line):
            self._held = line
            return ""
        self._inside_line = True
        return strip_indent(line, self._columns)


def is_closed(block: Block, lines: list[str]) -> bool:
    """Whether a block is a fence with a complete closing line. The last line does not have its line end yet."""
    if block.kind != "fence" or block.end - block.start < 2 or block.end >= len(lines):
        return False
    return _closing_line(block.tokens[0].markup).fullmatch(lines[block.end - 1]) is not None


def strip_indent(line: str, columns: int) -> str:
    """The line without up to `columns` columns of leading white space; a tab that is cut leaves the rest as spaces."""
    position = column = 0
    while column < columns and line[position : position + 1] in (" ", "\t"):
        column += 4 - column % 4 if line[position] == "\t" else 1
        position += 1
    return " " * max(0, column - columns) + line[position:]


def _closing_line(markup: str) -> re.Pattern[str]:
    return re.compile(rf" {{0,3}}{markup[0]}{{{len(markup)},}}[ \t]*")
