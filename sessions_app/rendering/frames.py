"""What a browser must do to follow growing text: operations, and the little that is remembered of old frames."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from sessions_app.rendering.characters import utf16_length

FRAME_INTERVAL = 0.035  # seconds: faster is not seen


@dataclass(frozen=True, slots=True)
class SetBlocks:
    """The top-level blocks from index `start` on are now exactly these, one element each; blocks after them are
    gone."""

    start: int
    html: list[str]


@dataclass(frozen=True, slots=True)
class AppendText:
    """Append raw text to the last block, which is index `block`.

    The browser's rule: the target is the element with attribute `data-text` inside that block or, if there is none, the
    block's element itself; append `text` to it as a text node, never as HTML. `offset` is the length of the target's
    `textContent` before, in UTF-16 code units; where it differs, the page has lost something and must ask for the state
    again.
    """

    block: int
    offset: int
    text: str


Op = SetBlocks | AppendText
Position = tuple[int, int]
"""Where a frame began to change things: (block, offset in its text), or (block, -1) if the block itself was set."""


class FrameLog:
    """For every old frame, the first position that has changed since: enough to bring any reader up to date.

    A frame only matters as long as no later one changed an earlier position, so this is a stack with growing positions.
    It is as long as there are blocks and appended pieces of the open block, and knows nothing of their content.
    """

    def __init__(self) -> None:
        self.number = 0
        self._frames: list[int] = []
        self._positions: list[Position] = []

    def note(self, position: Position) -> None:
        """In the frame being made, everything from `position` on has changed."""
        while self._positions and self._positions[-1] >= position:
            self._positions.pop()
            self._frames.pop()
        if not self._frames or self._frames[-1] <= self.number:
            self._frames.append(self.number + 1)
            self._positions.append(position)

    def commit(self) -> None:
        """End the frame being made. A frame in which nothing changed is none."""
        if self._frames and self._frames[-1] > self.number:
            self.number += 1

    def changed_since(self, cursor: int) -> Position | None:
        """The first position that a reader at frame `cursor` has not seen as it is now. Other cursors see it all
        anew."""
        if not 0 <= cursor <= self.number:
            cursor = 0
        index = bisect_right(self._frames, cursor)
        return self._positions[index] if index < len(self._positions) else None


class GrowingText:
    """Text that only grows, in pieces, found again by their offset in UTF-16 code units."""

    def __init__(self) -> None:
        self.length = 0
        self._pieces: list[str] = []
        self._offsets: list[int] = []

    def append(self, text: str) -> None:
        self._pieces.append(text)
        self._offsets.append(self.length)
        self.length += utf16_length(text)

    def since(self, offset: int) -> str:
        """Everything from `offset` on, which must be where a piece began."""
        return "".join(self._pieces[bisect_left(self._offsets, offset) :])
