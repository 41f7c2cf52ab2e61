"""No hostile text runs script, breaks the page or takes for ever (invariant 5)."""

from time import thread_time

import pytest

from sessions_app.rendering.ansi import plain
from sessions_app.rendering.characters import clean
from sessions_app.rendering.diff import unified_diff_html
from sessions_app.rendering.markdown import plain_element, render_blocks, render_markdown
from sessions_app.rendering.stream import SetBlocks, StreamingMarkdown, StreamingText
from tests.rendering.hostile import HOSTILE, SHORT_HOSTILE, Hostile
from tests.rendering.safe_html import check_block

LONG_ENOUGH = 4.0  # seconds of processor time: far more than any of these takes, far less than "for ever"

each = pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
each_short = pytest.mark.parametrize("hostile", SHORT_HOSTILE, ids=lambda hostile: hostile.name)


@each
def test_rendered_markdown_is_harmless_and_quick(hostile: Hostile) -> None:
    started = thread_time()
    blocks = render_blocks(hostile.text)
    assert thread_time() - started < LONG_ENOUGH
    for block in blocks:
        check_block(block)
    assert len("".join(blocks)) < 40 * len(hostile.text) + 1_000
    "".join(blocks).encode()


@each
def test_streamed_markdown_is_harmless_and_quick(hostile: Hostile) -> None:
    stream = StreamingMarkdown()
    started = thread_time()
    step = max(1, len(hostile.text) // 5)
    for start in range(0, len(hostile.text), step):
        stream.feed(hostile.text[start : start + step])
        for op in stream.frame():
            for block in op.html if isinstance(op, SetBlocks) else []:
                check_block(block)
    stream.finish()
    assert thread_time() - started < 3 * LONG_ENOUGH
    assert stream.blocks() == render_blocks(hostile.text)


@each_short
def test_every_prefix_of_hostile_markdown_is_harmless(hostile: Hostile) -> None:
    stream = StreamingMarkdown()
    for character in hostile.text:
        stream.feed(character)
        for op in stream.frame():
            for block in op.html if isinstance(op, SetBlocks) else []:
                check_block(block)


@each
def test_plain_text_is_harmless(hostile: Hostile) -> None:
    assert check_block(plain_element(hostile.text)) == clean(hostile.text)
    stream = StreamingText()
    stream.feed(hostile.text)
    stream.finish()
    assert stream.blocks() == [plain_element(hostile.text)]


@each
def test_a_diff_is_harmless_and_quick(hostile: Hostile) -> None:
    started = thread_time()
    check_block(unified_diff_html("", hostile.text))
    check_block(unified_diff_html(hostile.text, hostile.text[::-1]))
    assert thread_time() - started < 3 * LONG_ENOUGH


@each
def test_output_of_commands_loses_its_controls_quickly(hostile: Hostile) -> None:
    started = thread_time()
    text = plain(hostile.text)
    assert thread_time() - started < LONG_ENOUGH
    assert not any(ord(character) < 32 and character not in "\n\t" for character in text)
    text.encode()


@each_short
def test_no_text_is_lost(hostile: Hostile) -> None:
    shown = "".join(check_block(block) for block in render_blocks(hostile.text))
    for word in ("alert", "script", "evil", "admin"):
        if word not in hostile.text or "![" in hostile.text or "](" in hostile.text or "```" in hostile.text:
            continue  # addresses and the language of a fence are not part of the text
        assert word in shown


def test_bidi_overrides_are_visible_in_prose_and_in_code() -> None:
    html = render_markdown("a\u202eb\n\n```\nc\u2066d\n```")
    assert "a⟨U+202E⟩b" in html
    assert "c⟨U+2066⟩d" in html


def test_deeper_nesting_than_is_parsed_is_shown_as_its_source() -> None:
    source = "> " * 200 + "the text"
    assert check_block(render_markdown(source)) == source


def test_a_document_too_long_for_markdown_is_shown_as_it_is() -> None:
    source = "# word\n" * 40_000
    assert check_block(render_markdown(source)) == source
