"""Text that a model is still writing, rendered frame by frame at a cost that does not grow with what is already there.

How (decision D7): the blocks that later text cannot change are frozen as HTML; only the tail behind them is parsed
again. A fenced block that is open is not even parsed: its new characters are appended as text, and it is highlighted
when it closes.

When is a block frozen? As soon as the first line of a block after it is complete (a table: its first two lines). Until
its line end has arrived, a line can turn into something else: `-` into `---` or `- item`, `#` into `#tag`. Once it is
complete, the block before it has ended for good: CommonMark decides line by line, and only paragraphs that become
headings, tables or link definitions look back, which changes the last block alone. The one exception: a link definition
also works for text before it. `finish` repairs that.
"""

import re
from time import thread_time
from typing import Any

from sessions_app.rendering.characters import CleanStream, clean
from sessions_app.rendering.fences import OpenFence, is_closed
from sessions_app.rendering.frames import FRAME_INTERVAL, AppendText, FrameLog, GrowingText, Op, SetBlocks
from sessions_app.rendering.markdown import (
    MAX_SOURCE,
    Block,
    code_element,
    open_code_element,
    parse,
    render_block,
    render_blocks,
)
from sessions_app.rendering.stream_text import StreamingText

__all__ = ["AppendText", "Op", "SetBlocks", "StreamingMarkdown", "StreamingText"]

_SHORT_TAIL = 2_000  # characters that are parsed well within a frame (about 1 ms)
_MAX_INTERVAL = 1.0
# A last line which is only a marker so far is not shown yet: `-` below a paragraph would make that a heading at first.
_UNDECIDED = re.compile(r"[ ]{0,3}(?:[-=]+|[*_+#>]{1,3}|\d{1,3}[.)]?)[ \t]*")


class StreamingMarkdown:
    """One message's Markdown while it grows. Not safe to use from two threads at once."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._cleaning = CleanStream()
        self._waiting: list[str] = []  # cleaned, not yet in a frame
        self._length = 0  # of the cleaned text, in characters
        self._blocks: list[str] = []  # without the open code block
        self._frozen = 0  # how many of them are final
        self._frozen_length = 0  # characters of cleaned text they came from
        self._references: dict[str, Any] = {}  # defined in the frozen part
        self._any_reference = False  # then text before it may have to change at the end
        self._tail = ""
        self._tail_cost = 0.0  # seconds of processor time that the last rendering of the tail took
        self._fence: OpenFence | None = None
        self._code: GrowingText | None = None  # the text of the open code block, which comes after all of _blocks
        self._log = FrameLog()
        self._reported = 0
        self._last_due = float("-inf")
        self._finished = False

    @property
    def text(self) -> str:
        """All that was fed, as it came."""
        return "".join(self._parts)

    def feed(self, text: str) -> None:
        """Append text. Costs next to nothing; rendering happens in `frame`. RuntimeError after `finish`."""
        if self._finished:
            raise RuntimeError("Text was fed to a document that is finished.")
        self._parts.append(text)
        cleaned = self._cleaning.feed(text)
        if cleaned:
            self._waiting.append(cleaned)
            self._length += len(cleaned)

    @property
    def interval(self) -> float:
        """Seconds to leave between frames: 35 ms for a tail of up to 2 kB, then in proportion to its length, at most 1
        s.

        A paragraph, list or table is rendered again as a whole while it grows, so the work per second stays about the
        same however long it becomes. Text made to be slow waits longer: a tenth of the time at most goes into one
        document. Open code is appended to, whatever its length.
        """
        if self._code is not None:
            return FRAME_INTERVAL
        by_length = FRAME_INTERVAL * len(self._tail) / _SHORT_TAIL
        return max(FRAME_INTERVAL, min(_MAX_INTERVAL, by_length), 10 * self._tail_cost)

    def due(self, now: float) -> bool:
        """Whether it is time for a frame; `now` in seconds of any steady clock. A yes starts the next interval.

        The first text is due at once. Ask at every tick, and call `frame` on a yes; `frame` itself never refuses.
        """
        if not (self._waiting or self._log.number > self._reported) or now - self._last_due < self.interval:
            return False
        self._last_due = now
        return True

    def frame(self) -> list[Op]:
        """The operations since the last frame, in order; empty if nothing visible changed."""
        if not self._finished:
            self._take_in("".join(self._waiting))
        ops = self.ops_since(self._reported)[1]
        self._reported = self._log.number
        return ops

    def blocks(self) -> list[str]:
        """The HTML of all top-level blocks as of the last frame, or of the end once finished."""
        return self._blocks_from(0)

    def ops_since(self, cursor: int) -> tuple[int, list[Op]]:
        """(number of the current frame, what brings a reader that has seen frame `cursor` up to it).

        0 stands for nothing seen. A cursor that cannot be from this document is taken for 0.
        """
        position = self._log.changed_since(cursor)
        if position is None:
            return self._log.number, []
        block, offset = position
        if offset >= 0 and self._code is not None:
            return self._log.number, [AppendText(block, offset, self._code.since(offset))]
        return self._log.number, [SetBlocks(block, self._blocks_from(block))]

    def finish(self) -> None:
        """Close the document: from now on `blocks()` equals `render_blocks(text)`. The next frame carries what that
        changed."""
        if self._finished:
            return
        rest = self._cleaning.flush()
        self._length += len(rest)
        self._take_in("".join([*self._waiting, rest]))
        self._finished = True
        final: list[str]
        if self._any_reference or self._length > MAX_SOURCE:
            self._frozen = 0
            final = [*render_blocks(self.text)]
        else:
            tail = clean(self.text)[self._frozen_length :]
            final = [render_block(block, tail) for block in parse(tail, {})[0]]
        self._close_code()
        self._replace_tail(final)
        self._log.commit()

    def _blocks_from(self, start: int) -> list[str]:
        blocks = self._blocks[start:]
        if self._code is not None:
            blocks.append(open_code_element(self._code.since(0), self._fence.info if self._fence else ""))
        return blocks

    def _take_in(self, text: str) -> None:
        self._waiting.clear()
        if self._length > MAX_SOURCE and (self._code is None or self._fence is not None):
            self._become_plain()
            text = ""
        while text:
            if self._code is not None:
                text = self._grow_code(self._code, text)
            else:
                self._tail += text
                started = thread_time()
                text = self._parse_tail()
                self._tail_cost = thread_time() - started
        self._log.commit()

    def _grow_code(self, code: GrowingText, text: str) -> str:
        """Append to the open code block; returns the text after it."""
        added, after = self._fence.feed(text) if self._fence else (text, "")
        if added:
            self._log.note((len(self._blocks), code.length))
            code.append(added)
        if self._fence and self._fence.closed:
            self._log.note((len(self._blocks), -1))
            self._blocks.append(code_element(code.since(0), self._fence.info))
            self._close_code()
            self._frozen = len(self._blocks)
            self._frozen_length = self._length - len(after)
        return after

    def _parse_tail(self) -> str:
        """Render the tail, freeze what is final, and return the code of a fence that was left open."""
        source = self._tail
        last_line = source[source.rfind("\n") + 1 :]
        if _UNDECIDED.fullmatch(last_line):
            source = source[: len(source) - len(last_line)]
        blocks, references = parse(source, self._references)
        self._any_reference |= bool(references)
        lines = source.split("\n")
        keep = _count_final(blocks, lines)
        line = min(blocks[keep - 1].end, blocks[keep].start if keep < len(blocks) else len(lines)) if keep else 0
        fence: OpenFence | None = None
        if keep == len(blocks) - 1 and blocks[keep].kind == "fence" and blocks[keep].start < len(lines) - 1:
            line = blocks[keep].start
            fence = OpenFence(blocks.pop(), lines)
        self._replace_tail([render_block(block, source, highlight=n < keep) for n, block in enumerate(blocks)])
        self._references.update((label, found) for label, found in references.items() if found["map"][1] <= line)
        rest = self._tail.split("\n", line)[line]
        self._frozen += keep
        self._frozen_length += len(self._tail) - len(rest)
        self._tail = rest
        if fence is None:
            return ""
        self._open_code(fence)
        return rest.split("\n", 1)[1]

    def _open_code(self, fence: OpenFence | None) -> None:
        self._log.note((len(self._blocks), -1))
        self._fence, self._code, self._tail = fence, GrowingText(), ""

    def _close_code(self) -> None:
        self._fence = self._code = None

    def _become_plain(self) -> None:
        """The document is too long to be read as Markdown: all of it becomes one block of plain text that grows."""
        self._frozen = 0
        self._replace_tail([])
        self._open_code(None)
        if self._code is not None:
            self._code.append(CleanStream().feed(self.text))

    def _replace_tail(self, html: list[str]) -> None:
        """The blocks behind the frozen ones are now these; notes the first that is different."""
        shown = self._blocks[self._frozen :]
        same = 0
        while same < min(len(html), len(shown)) and html[same] == shown[same]:
            same += 1
        if same < max(len(html), len(shown)):
            self._log.note((self._frozen + same, -1))
            self._blocks[self._frozen + same :] = html[same:]


def _count_final(blocks: list[Block], lines: list[str]) -> int:
    """How many of the blocks no later text can change. The last of the lines does not have its line end yet."""
    for index in range(len(blocks) - 1, -1, -1):
        if is_closed(blocks[index], lines):
            return index + 1
        opening_lines = 2 if blocks[index].kind == "table_open" else 1
        if blocks[index].start + opening_lines < len(lines):
            return index
    return 0
