"""Text that is not Markdown (thinking, the input of a tool) while a model is still writing it."""

from sessions_app.rendering.characters import CleanStream
from sessions_app.rendering.frames import FRAME_INTERVAL, AppendText, FrameLog, GrowingText, Op, SetBlocks
from sessions_app.rendering.markdown import plain_element


class StreamingText:
    """The same for text that is not Markdown: one block which only grows. Not safe to use from two threads at once."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._cleaning = CleanStream()
        self._waiting: list[str] = []
        self._shown = GrowingText()
        self._log = FrameLog()
        self._reported = 0
        self._last_due = float("-inf")
        self._finished = False

    interval = FRAME_INTERVAL

    @property
    def text(self) -> str:
        """All that was fed, as it came."""
        return "".join(self._parts)

    def feed(self, text: str) -> None:
        """Append text. RuntimeError after `finish`."""
        if self._finished:
            raise RuntimeError("Text was fed to a document that is finished.")
        self._parts.append(text)
        self._waiting.append(self._cleaning.feed(text))

    def due(self, now: float) -> bool:
        """As `StreamingMarkdown.due`, at a fixed interval."""
        if not (any(self._waiting) or self._log.number > self._reported) or now - self._last_due < self.interval:
            return False
        self._last_due = now
        return True

    def frame(self) -> list[Op]:
        """The operations since the last frame; empty if there is nothing new."""
        self._take_in()
        ops = self.ops_since(self._reported)[1]
        self._reported = self._log.number
        return ops

    def blocks(self) -> list[str]:
        """As of the last frame: nothing, or one `<p class="plain">`."""
        return [plain_element(self._shown.since(0))] if self._shown.length else []

    def ops_since(self, cursor: int) -> tuple[int, list[Op]]:
        """As `StreamingMarkdown.ops_since`."""
        position = self._log.changed_since(cursor)
        if position is None:
            return self._log.number, []
        offset = position[1]
        op = SetBlocks(0, self.blocks()) if offset < 0 else AppendText(0, offset, self._shown.since(offset))
        return self._log.number, [op]

    def finish(self) -> None:
        """Close the document: from now on `blocks()` is `[plain_element(text)]`, or empty without text."""
        self._waiting.append(self._cleaning.flush())
        self._take_in()
        self._finished = True

    def _take_in(self) -> None:
        text = "".join(self._waiting)
        self._waiting.clear()
        if text:
            self._log.note((0, self._shown.length or -1))
            self._shown.append(text)
            self._log.commit()
