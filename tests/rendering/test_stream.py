"""Text that grows: operations lead a browser to what the finished document shows, from any moment on."""

import random
from time import thread_time

import pytest

from sessions_app.rendering.characters import clean
from sessions_app.rendering.markdown import MAX_SOURCE, render_blocks, render_markdown
from sessions_app.rendering.stream import AppendText, Op, SetBlocks, StreamingMarkdown, StreamingText
from tests.rendering.browser_model import Browser
from tests.rendering.corpus import ANSWER, DOCUMENTS, chunked, invented, mutated


def follow(text: str, chance: random.Random) -> None:
    """Stream a document to a browser that sees every frame and to readers that come and go; all must agree."""
    stream, live = StreamingMarkdown(), Browser()
    readers: list[tuple[list[int], Browser]] = []
    for chunk in chunked(text, chance):
        stream.feed(chunk)
        if chance.random() < 0.4:
            continue
        live.apply(stream.frame())
        assert live.blocks == stream.blocks()
        if chance.random() < 0.2:
            readers.append(([0], Browser()))
        for cursor, reader in readers:
            if chance.random() < 0.3:
                catch_up(stream, cursor, reader)
    live.apply(stream.frame())
    check_frozen_part(stream, text)
    stream.finish()
    live.apply(stream.frame())
    assert stream.frame() == []
    assert stream.text == text
    assert live.blocks == stream.blocks() == render_blocks(text)
    for cursor, reader in readers:
        catch_up(stream, cursor, reader)


def catch_up(stream: StreamingMarkdown, cursor: list[int], reader: Browser) -> None:
    cursor[0], ops = stream.ops_since(cursor[0])
    assert len(ops) <= 1
    reader.apply(ops)
    assert reader.blocks == stream.blocks()


def check_frozen_part(stream: StreamingMarkdown, text: str) -> None:
    """What was frozen is final, and what is shown depends on the text alone, not on how it came."""
    if stream._any_reference:  # a late definition changes text before it
        return
    frozen = stream._blocks[: stream._frozen]
    assert frozen == render_blocks(text)[: len(frozen)]
    again = StreamingMarkdown()
    again.feed(text)
    again.frame()
    assert again.blocks() == stream.blocks()


@pytest.mark.parametrize("document", DOCUMENTS, ids=range(len(DOCUMENTS)))
def test_any_chunking_of_a_document_ends_as_the_document(document: str) -> None:
    for seed in range(12):
        follow(document, random.Random(seed))


@pytest.mark.parametrize("seed", range(8))
def test_any_chunking_of_mutated_documents_ends_as_the_document(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(50):
        follow(mutated(chance.choice(DOCUMENTS), chance), chance)


@pytest.mark.parametrize("seed", range(8))
def test_any_chunking_of_invented_documents_ends_as_the_document(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(60):
        follow(invented(chance), chance)


@pytest.mark.parametrize("document", DOCUMENTS, ids=range(len(DOCUMENTS)))
def test_blocks_joined_are_the_document(document: str) -> None:
    assert "".join(render_blocks(document)) == render_markdown(document)


def ops_of(stream: StreamingMarkdown | StreamingText, *chunks: str) -> list[list[Op]]:
    frames = []
    for chunk in chunks:
        stream.feed(chunk)
        frames.append(stream.frame())
    return frames


def test_only_the_last_block_is_set_again() -> None:
    frames = ops_of(StreamingMarkdown(), "one\n\ntwo\n\nth", "ree")
    assert frames[1] == [SetBlocks(2, ["<p>three</p>"])]


def test_an_open_fence_grows_by_text_and_is_highlighted_when_it_closes() -> None:
    frames = ops_of(StreamingMarkdown(), "```python\n", "x = ", "'😀'\n", "y", "\n``", "`", "\n")
    head = '<pre class="code" data-lang="python" data-open tabindex="0"><code data-text>'
    assert frames[:6] == [
        [SetBlocks(0, [f"{head}</code></pre>"])],
        [AppendText(0, 0, "x = ")],
        [AppendText(0, 4, "'😀'\n")],
        [AppendText(0, 9, "y")],
        [AppendText(0, 10, "\n")],
        [],
    ]
    closed = frames[6][0]
    assert isinstance(closed, SetBlocks)
    assert 'class="hl-' in closed.html[0]
    assert "data-open" not in closed.html[0]


def test_what_is_shown_depends_on_the_text_and_not_on_how_it_came() -> None:
    text = "- a\n\n```python\nx = 1\n```\nun"
    at_once, slowly = StreamingMarkdown(), StreamingMarkdown()
    ops_of(at_once, text)
    ops_of(slowly, *text)
    assert at_once.blocks() == slowly.blocks()
    assert 'class="hl-' in at_once.blocks()[1]


def test_a_line_that_could_have_closed_the_fence_is_shown_once_it_does_not() -> None:
    frames = ops_of(StreamingMarkdown(), "~~~\na\n", "~~", "~ b", "\n~~~~  ", "\n")
    assert frames[1:4] == [[], [AppendText(0, 2, "~~~ b")], [AppendText(0, 7, "\n")]]
    assert isinstance(frames[4][0], SetBlocks)


def test_the_indent_of_a_fence_is_taken_off_its_lines() -> None:
    frames = ops_of(StreamingMarkdown(), "  ```\n", " ", " ", "  x\n", " y\n", "\tz")
    assert frames[1:] == [[], [], [AppendText(0, 0, "  x\n")], [AppendText(0, 4, "y\n")], [AppendText(0, 6, "  z")]]


def test_a_late_reader_gets_one_operation_with_all_it_missed() -> None:
    stream = StreamingMarkdown()
    ops_of(stream, "intro\n\n```\n", "one\n", "two\n", "three\n")
    number, ops = stream.ops_since(2)
    assert (number, ops) == (4, [AppendText(1, 4, "two\nthree\n")])
    assert stream.ops_since(number) == (4, [])
    assert stream.ops_since(0) == stream.ops_since(99) == (4, [SetBlocks(0, stream.blocks())])


def test_a_late_link_definition_is_resolved_when_the_document_ends() -> None:
    stream = StreamingMarkdown()
    ops_of(stream, "same\n\nsee [there]\n\nmore\n\n", "[there]: https://example.org\n")
    assert "<a" not in "".join(stream.blocks())
    stream.finish()
    (op,) = stream.frame()
    assert isinstance(op, SetBlocks)
    assert op.start == 1
    assert "<a" in op.html[0]


def test_a_marker_alone_on_the_last_line_waits_for_what_it_becomes() -> None:
    frames = ops_of(StreamingMarkdown(), "A list:\n", "-", " one")
    assert frames[1] == []
    assert frames[2] == [SetBlocks(1, ["<ul>\n<li>one</li>\n</ul>"])]


def test_a_document_that_becomes_too_long_goes_on_as_plain_text() -> None:
    stream, browser = StreamingMarkdown(), Browser()
    text = "# word\n\n" * (MAX_SOURCE // 8) + "```\ncode"
    stream.feed(text)
    browser.apply(stream.frame())
    stream.feed("\ud83d")
    browser.apply(stream.frame())
    stream.feed("\ude00 end")
    browser.apply(stream.frame())
    assert browser.blocks == stream.blocks()
    assert stream.ops_since(1)[1] == [AppendText(0, len(text), "😀 end")]
    stream.finish()
    browser.apply(stream.frame())
    assert browser.blocks == render_blocks(text + "😀 end")


def test_frames_are_due_at_once_and_then_at_an_interval_that_grows_with_the_tail() -> None:
    stream = StreamingMarkdown()
    assert not stream.due(0.0)
    stream.feed("word ")
    assert stream.due(0.0)
    stream.frame()
    stream.feed("word ")
    assert not stream.due(0.03)
    assert stream.due(0.04)
    stream.feed("word " * 4_000)
    stream.frame()
    assert 0.3 < stream.interval < 2
    stream.feed("\n\n```\n" + "code\n" * 10_000)
    stream.frame()
    assert stream.interval == 0.035


def test_a_finished_document_takes_no_more_text() -> None:
    for stream in (StreamingMarkdown(), StreamingText()):
        stream.finish()
        assert stream.blocks() == []
        with pytest.raises(RuntimeError):
            stream.feed("more")


def test_plain_text_grows_by_text_alone() -> None:
    stream = StreamingText()
    frames = ops_of(stream, "<b>\r", "\n😀", "", "end")
    assert frames == [
        [SetBlocks(0, ['<p class="plain">&lt;b&gt;</p>'])],
        [AppendText(0, 3, "\n😀")],
        [],
        [AppendText(0, 6, "end")],
    ]
    assert stream.ops_since(1) == (3, [AppendText(0, 3, "\n😀end")])


@pytest.mark.parametrize("seed", range(5))
def test_any_chunking_of_plain_text_ends_as_the_text(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(40):
        text = invented(chance)
        stream, live, late = StreamingText(), Browser(), Browser()
        cursor = 0
        for chunk in chunked(text, chance):
            stream.feed(chunk)
            live.apply(stream.frame())
            assert live.blocks == stream.blocks()
            if chance.random() < 0.3:
                cursor, ops = stream.ops_since(cursor)
                late.apply(ops)
        stream.finish()
        live.apply(stream.frame())
        late.apply(stream.ops_since(cursor)[1])
        assert late.blocks == live.blocks == stream.blocks()
        assert stream._shown.since(0) == clean(text)


def test_the_cost_of_a_frame_does_not_grow_with_the_message() -> None:
    stream = StreamingMarkdown()
    costs = []
    for _ in range(60):
        started = thread_time()
        for start in range(0, len(ANSWER), 60):
            stream.feed(ANSWER[start : start + 60])
            stream.frame()
        costs.append(thread_time() - started)
    assert sorted(costs[40:])[10] < 3 * sorted(costs[:20])[10]
