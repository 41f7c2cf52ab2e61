"""Characters, terminal output, diffs, and numbers as people read them."""

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from html import unescape
from time import thread_time

import pytest

from sessions_app.rendering import numbers
from sessions_app.rendering.ansi import plain
from sessions_app.rendering.characters import CleanStream, clean, utf16_length
from sessions_app.rendering.diff import MAX_LINES, count_changes, unified_diff_html


def test_unsafe_characters_become_visible() -> None:
    assert clean("a\x00b\x1bc\x7fd\u202ee\x85f") == "a\ufffdb␛c␡d⟨U+202E⟩e⟨U+0085⟩f"
    assert clean("\ud83d\ude00 \ud83d") == "😀 \ufffd"
    assert clean("a\r\nb\rc\n\td") == "a\nb\nc\n\td"


def test_cleaning_piece_by_piece_is_cleaning_the_whole() -> None:
    text = "a\r\n\r\rb\ud83d\ude00\ud83dc\ude00\u202e\x00\r"
    for size in (1, 2, 3, 5):
        stream = CleanStream()
        pieces = [stream.feed(text[start : start + size]) for start in range(0, len(text), size)]
        assert "".join(pieces) + stream.flush() == clean(text)


def test_length_is_counted_as_browsers_do() -> None:
    assert [utf16_length(text) for text in ("", "abc", "é", "😀a")] == [0, 3, 1, 3]


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m and \x1b[38;5;12mblue\x1b[m", "red and blue"),
        ("\x1b]0;title\x07text \x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\", "text link"),
        ("10 %\r50 %\r100 %\r\ndone", "100 %\ndone"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("bold b\bbo\bol\bld\bd", "bold bold"),
        ("\b\b\x07bell\x00", "bell"),
        ("tab\tstays\n", "tab\tstays\n"),
        ("\x1b[31", "[31"),
        ("\u202eexe", "⟨U+202E⟩exe"),
    ],
)
def test_output_of_commands_is_shown_as_on_a_terminal(output: str, shown: str) -> None:
    assert plain(output) == shown


def lines_of(before: str, after: str) -> list[str]:
    return unescape(re.sub(r"<[^>]*>", "", unified_diff_html(before, after))).splitlines()


def test_a_diff_shows_signs_and_context() -> None:
    before = "".join(f"{n}\n" for n in range(20))
    after = before.replace("10\n", "ten\n11 <b>\n")
    assert lines_of(before, after) == [
        "@@ -8,7 +8,8 @@",
        " 7",
        " 8",
        " 9",
        "-10",
        "+ten",
        "+11 <b>",
        " 11",
        " 12",
        " 13",
    ]
    assert '<span class="add">+ten\n</span>' in unified_diff_html(before, after)
    assert count_changes(before, after) == (2, 1)


def test_changes_far_apart_are_hunks_of_their_own() -> None:
    before = "".join(f"{n}\n" for n in range(40))
    shown = lines_of(before, before.replace("5\n", "five\n", 1).replace("30\n", "thirty\n"))
    assert [line for line in shown if line.startswith("@@")] == ["@@ -3,7 +3,7 @@", "@@ -28,7 +28,7 @@"]


def test_new_emptied_and_equal_texts_are_diffs_too() -> None:
    assert lines_of("", "a\nb\n") == ["@@ -0,0 +1,2 @@", "+a", "+b"]
    assert lines_of("a\n", "") == ["@@ -1,1 +0,0 @@", "-a"]
    assert unified_diff_html("a\n", "a\n") == '<pre class="diff" tabindex="0"></pre>'
    assert (count_changes("", "a\nb\n"), count_changes("a", "a")) == ((2, 0), (0, 0))


def test_a_line_end_that_came_or_went_is_told() -> None:
    assert lines_of("a", "a\n") == ["@@ -1,1 +1,1 @@", "-a", r"\ no line end here", "+a"]


def test_a_diff_of_very_long_texts_is_a_replacement() -> None:
    before = "".join(f"{n}\n" for n in range(MAX_LINES + 1))
    after = "".join(f"{n}\n" for n in range(MAX_LINES + 1, 0, -1))
    assert count_changes(before, after) == (MAX_LINES + 1, MAX_LINES + 1)
    assert count_changes("same\n" * 100_000 + "a", "same\n" * 100_000 + "b") == (1, 1)


def test_a_diff_of_texts_made_to_be_slow_is_quick() -> None:
    started = thread_time()
    unified_diff_html("".join(f"{n % 100}\n" for n in range(5_000)), "".join(f"{n * 7 % 100}\n" for n in range(5_000)))
    unified_diff_html("a\nb\n" * 2_000, "b\nc\na\n" * 1_500)
    assert thread_time() - started < 3


@pytest.mark.parametrize(
    ("n", "shown"),
    [
        *((None, "—"), (0, "0 tok"), (12, "12 tok"), (999, "999 tok"), (1_000, "1k tok"), (8_140, "8.1k tok")),
        *((128_000, "128k tok"), (999_499, "999k tok"), (999_500, "1M tok"), (1_250_000, "1.3M tok")),
    ],
)
def test_tokens(n: int | None, shown: str) -> None:
    assert numbers.tokens(n) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        *((None, "—"), (float("nan"), "—"), (Decimal("Infinity"), "—"), (0, "$0.00"), (0.0004, "<$0.001")),
        *((0.047, "$0.047"), (Decimal("0.0474"), "$0.047"), (0.9996, "$1.00"), (12.3, "$12.30"), (1234.5, "$1,234.50")),
        (-0.05, "-$0.050"),
    ],
)
def test_dollars(value: Decimal | float | None, shown: str) -> None:
    assert numbers.usd(value) == shown


@pytest.mark.parametrize(
    ("ms", "shown"),
    [
        *((None, "—"), (0, "0 s"), (20, "<0.1 s"), (200, "0.2 s"), (9_940, "9.9 s"), (9_960, "10 s"), (41_300, "41 s")),
        *((59_600, "1 min 0 s"), (192_000, "3 min 12 s"), (3_599_600, "1 h 0 min"), (7_500_000, "2 h 5 min")),
    ],
)
def test_durations(ms: int | None, shown: str) -> None:
    assert numbers.duration(ms) == shown


def test_a_moment_ahead_is_named_so_that_it_holds_however_late_it_is_read() -> None:
    vienna = timezone(timedelta(hours=1), "CET")
    assert numbers.clock(datetime(2025, 3, 9, 7, 5, tzinfo=vienna)) == "on 9 Mar at 07:05 CET"


@pytest.mark.parametrize(
    ("left", "shown"),
    [(0.2, "in 1 s"), (12, "in 12 s"), (59.5, "in 1 min 0 s"), (185, "in 3 min 5 s"), (0, "now"), (-9, "now")],
)
def test_countdowns(left: float, shown: str) -> None:
    now = datetime(2025, 3, 9, 7, 5, tzinfo=UTC)
    assert numbers.countdown(now + timedelta(seconds=left), now) == shown


@pytest.mark.parametrize(
    ("ago", "shown"),
    [
        *(
            (timedelta(seconds=-20), "just now"),
            (timedelta(seconds=59), "just now"),
            (timedelta(minutes=4), "4 min ago"),
        ),
        *((timedelta(hours=3), "3 h ago"), (timedelta(hours=20), "yesterday 18:30"), (timedelta(days=3), "9 Mar")),
        *((timedelta(days=100), "2 Dec 2024"), (timedelta(minutes=-5), "12 Mar 2025 14:35")),
    ],
)
def test_relative_times(ago: timedelta, shown: str) -> None:
    now = datetime(2025, 3, 12, 14, 30, tzinfo=UTC)
    assert numbers.relative_time(now - ago, now) == shown


def test_days_are_those_of_the_reader() -> None:
    tokyo = timezone(timedelta(hours=9))
    now = datetime(2025, 3, 12, 8, 0, tzinfo=tokyo)
    assert numbers.relative_time(datetime(2025, 3, 11, 14, 59, tzinfo=UTC), now) == "yesterday 23:59"
    assert numbers.relative_time(datetime(2025, 3, 11, 15, 1, tzinfo=UTC), now) == "7 h ago"


def test_counts() -> None:
    assert numbers.count(1, "turn") == "1 turn"
    assert numbers.count(0, "turn") == "0 turns"
    assert numbers.count(1_200, "reply", "replies") == "1,200 replies"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        *(("", ("", 0)), ("a", ("a", 1)), ("a\n", ("a\n", 1)), ("a\nb\nc", ("a\nb", 3)), ("a\nb\n", ("a\nb\n", 2))),
        *(("abcdefghijkl\nm", ("abcdefghij", 2)), ("\n\n\n", ("\n", 3))),
    ],
)
def test_long_text_is_cut_by_lines_and_characters(text: str, shown: tuple[str, int]) -> None:
    assert numbers.lines_cut(text, 2, 10) == shown
