"""Two versions of a text as one unified diff in safe HTML, and how many lines changed."""

import difflib
import re
from collections.abc import Iterator
from html import escape

from django.utils.safestring import SafeString, mark_safe

from sessions_app.rendering.characters import clean

MAX_LINES = 5_000  # of either version, without the lines that are the same at its beginning and end
_MAX_COMPARISONS = 100_000  # pairs of equal lines: with more, difflib can take seconds
_LINE = re.compile(r"[^\n]*\n|[^\n]+")

Opcode = tuple[str, int, int, int, int]
"""As difflib gives them: (equal | replace | delete | insert, start and end before, start and end after)."""


def unified_diff_html(before: str, after: str, *, context: int = 3) -> SafeString:
    """`<pre class="diff">` with one span per line: class add, del, ctx or hunk, and the sign in the text.

    Beyond `MAX_LINES`, or for texts of few lines repeated very often, everything that is not the same is shown as
    replaced. Equal texts give an empty diff.
    """
    old, new = _lines(before), _lines(after)
    opcodes = _opcodes(old, new)
    parts = [part for group in _groups(opcodes, context) for part in _hunk(group, old, new)]
    return mark_safe(f'<pre class="diff" tabindex="0">{"".join(parts)}</pre>')


def count_changes(before: str, after: str) -> tuple[int, int]:
    """(lines added, lines removed), counted as `unified_diff_html` shows them."""
    changes = [opcode for opcode in _opcodes(_lines(before), _lines(after)) if opcode[0] != "equal"]
    return sum(j2 - j1 for _, _, _, j1, j2 in changes), sum(i2 - i1 for _, i1, i2, _, _ in changes)


def _lines(text: str) -> list[str]:
    """With their line ends: a last line that lacks one is different from one that has it."""
    return _LINE.findall(clean(text))


def _opcodes(old: list[str], new: list[str]) -> list[Opcode]:
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    opcodes: list[Opcode] = [("equal", 0, head, 0, head)] if head else []
    for tag, i1, i2, j1, j2 in _compare(middle_old, middle_new):
        opcodes.append((tag, head + i1, head + i2, head + j1, head + j2))
    if tail:
        opcodes.append(("equal", len(old) - tail, len(old), len(new) - tail, len(new)))
    return opcodes


def _compare(old: list[str], new: list[str]) -> list[Opcode]:
    too_long = max(len(old), len(new)) > MAX_LINES or _comparisons(old, new) > _MAX_COMPARISONS
    if too_long or not old or not new:
        return [("replace", 0, len(old), 0, len(new))] if old or new else []
    return [*difflib.SequenceMatcher(None, old, new).get_opcodes()]


def _comparisons(old: list[str], new: list[str]) -> int:
    """About how many pairs of equal lines difflib will look at in one pass."""
    occurrences: dict[str, int] = {}
    for line in new:
        occurrences[line] = occurrences.get(line, 0) + 1
    popular = len(new) // 100 + 1 if len(new) >= 200 else len(new)  # difflib ignores lines that are more frequent
    return sum(count for line in old if (count := occurrences.get(line, 0)) <= popular)


def _groups(opcodes: list[Opcode], context: int) -> Iterator[list[Opcode]]:
    """Hunks: changes with `context` lines around them, joined where these meet."""
    group: list[Opcode] = []
    for index, (tag, i1, i2, j1, j2) in enumerate(opcodes):
        first, last = index == 0, index == len(opcodes) - 1
        if tag != "equal" or (i2 - i1 <= 2 * context and not first and not last):
            group.append((tag, i1, i2, j1, j2))
            continue
        if group:
            shown = min(context, i2 - i1)
            yield [*group, ("equal", i1, i1 + shown, j1, j1 + shown)]
        shown = 0 if last else min(context, i2 - i1)
        group = [("equal", i2 - shown, i2, j2 - shown, j2)]
    if any(tag != "equal" for tag, *_ in group):
        yield group


def _hunk(group: list[Opcode], old: list[str], new: list[str]) -> Iterator[str]:
    first, last = group[0], group[-1]
    # Without this note, a line that only gained or lost its line end would seem to be replaced by itself.
    uneven = bool(old and new) and old[-1].endswith("\n") != new[-1].endswith("\n")
    note = _span("hunk", "\\ no line end here") if uneven else ""
    yield _span("hunk", f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n")
    for tag, i1, i2, j1, j2 in group:
        if tag == "equal":
            yield from (_span("ctx", " " + line) for line in old[i1:i2])
            continue
        yield from (_span("del", "-" + line) + _note(line, note) for line in old[i1:i2])
        yield from (_span("add", "+" + line) + _note(line, note) for line in new[j1:j2])


def _note(line: str, note: str) -> str:
    return "" if line.endswith("\n") else note


def _range(start: int, end: int) -> str:
    return f"{start + 1 if end > start else start},{end - start}"


def _span(kind: str, line: str) -> str:
    return f'<span class="{kind}">{escape(line.removesuffix(chr(10)), quote=False)}\n</span>'
