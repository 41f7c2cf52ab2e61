"""A model of what the browser does with operations: a list of blocks, and text appended to the last of them."""

from html import escape, unescape

from sessions_app.rendering.characters import utf16_length
from sessions_app.rendering.frames import AppendText, Op, SetBlocks


class Browser:
    """Applies operations as frames.py prescribes, and fails where a real page would have lost something."""

    def __init__(self) -> None:
        self.blocks: list[str] = []

    def apply(self, ops: list[Op]) -> None:
        for op in ops:
            if isinstance(op, SetBlocks):
                assert 0 <= op.start <= len(self.blocks)
                self.blocks[op.start :] = op.html
            else:
                self._append(op)

    def _append(self, op: AppendText) -> None:
        assert op.block == len(self.blocks) - 1, "only the last block grows"
        html = self.blocks[op.block]
        start = html.index(" data-text>") + len(" data-text>") if " data-text>" in html else html.index(">") + 1
        end = html.index("</", start)
        text = unescape(html[start:end])
        assert utf16_length(text) == op.offset
        self.blocks[op.block] = html[:start] + escape(text + op.text, quote=False) + html[end:]
