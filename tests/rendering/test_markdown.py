"""What Markdown becomes: structure, links, images, code, tables, tasks."""

import pytest
from django.utils.safestring import SafeString

from sessions_app.rendering.markdown import language_of, render_blocks, render_markdown


def test_the_result_is_safe_for_templates() -> None:
    assert isinstance(render_markdown("a"), SafeString)
    assert all(isinstance(block, SafeString) for block in render_blocks("a\n\nb"))
    assert render_markdown("") == ""


@pytest.mark.parametrize(("marks", "level"), [("#", 1), ("##", 2), ("###", 3), ("######", 6)])
def test_headings_stand_below_those_of_the_page_and_skip_no_level(marks: str, level: int) -> None:
    assert render_markdown(f"{marks} Title") == f'<h4 class="level-{level}">Title</h4>'


def test_a_header_cell_that_says_nothing_is_an_ordinary_one() -> None:
    html = render_markdown("| | REST |\n|---|---|\n| a | b |\n")
    assert "<td></td>" in html
    assert "<th>REST</th>" in html


def test_links_open_elsewhere_and_tell_nothing() -> None:
    assert render_markdown("[a](https://a.example 'b')") == (
        '<p><a href="https://a.example" title="b" target="_blank" rel="noopener noreferrer nofollow">a</a></p>'
    )


def test_fragments_stay_within_the_page() -> None:
    assert render_markdown("[a](#b)") == '<p><a href="#b" rel="noopener noreferrer nofollow">a</a></p>'


def test_a_link_that_may_not_be_followed_shows_where_it_led() -> None:
    assert render_markdown("[app.py](src/app.py)") == "<p>app.py (src/app.py)</p>"
    assert render_markdown("[app.py](app.py)") == "<p>app.py</p>"
    assert render_markdown("[*x*](javascript:y)") == "<p><em>x</em> (javascript:y)</p>"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://a.example/b.", "https://a.example/b"),
        ("(https://a.example/b_(c))", "https://a.example/b_(c)"),
        ("**https://a.example**", "https://a.example"),
        ("HTTP://a.example/?b=1&c=2", "HTTP://a.example/?b=1&amp;c=2"),
        ("<https://a.example/(>", "https://a.example/("),
        ("| a |\n|---|\n| https://a.example |", "https://a.example"),
    ],
)
def test_addresses_become_links(text: str, address: str) -> None:
    assert f">{address}</a>" in render_markdown(text)


@pytest.mark.parametrize(
    "text", ["xhttps://a.example", "https://", "https:// a", "`https://a.example`", "ftp://a.example"]
)
def test_what_only_resembles_an_address_does_not(text: str) -> None:
    assert "<a" not in render_markdown(text)


def test_an_address_as_the_label_of_a_link_stays_one_link() -> None:
    assert render_markdown("[see https://a.example/](https://b.example)").count("<a") == 1


def test_images_become_links_and_load_nothing() -> None:
    html = render_markdown(
        "![a *b*](https://a.example/b.png) ![](https://a.example/c.png) ![d](data:image/png;base64,AA)"
    )
    assert "<img" not in html
    assert html.count("<a ") == 2
    assert ">a b</a>" in html
    assert ">image</a>" in html
    assert "d (data:image/png;base64,AA)" in html


def test_an_image_in_a_link_is_its_alt_text() -> None:
    html = render_markdown("[![build](https://a.example/b.svg)](https://c.example)")
    assert html.count("<a ") == 1
    assert 'href="https://c.example"' in html
    assert ">build</a>" in html


def test_code_can_be_reached_by_keyboard_and_names_its_language() -> None:
    html = render_markdown("```python title=x\nx\n```")
    assert html == '<pre class="code" data-lang="python" tabindex="0"><code>x\n</code></pre>'
    assert render_markdown("    a < b") == '<pre class="code" tabindex="0"><code>a &lt; b\n</code></pre>'


@pytest.mark.parametrize(
    ("info", "language"),
    [("", ""), ("Python", "python"), ("{.js .x}", "js"), ("c++", "c++"), ('"><b', ""), ("12:20:src/a.py", "12")],
)
def test_the_language_is_one_harmless_word(info: str, language: str) -> None:
    assert language_of(info) == language


def test_tables_scroll_by_themselves_and_align_by_class() -> None:
    html = render_markdown("| a | b |\n|:-:|--:|\n| 1 | `2` |")
    assert html.startswith('<div class="table-scroll" tabindex="0"><table>')
    assert '<th class="align-center">a</th>' in html
    assert '<td class="align-right"><code>2</code></td>' in html
    assert "style" not in html


def test_tasks_have_checkboxes_of_text() -> None:
    html = render_markdown("- [ ] a\n- [x] *b*\n- [y] c\n\n1. [X] d")
    assert '<li class="task">☐ a</li>' in html
    assert '<li class="task">☑ <em>b</em></li>' in html
    assert "<li>[y] c</li>" in html
    assert '<li class="task">☑ d</li>' in html


def test_strikethrough_and_numbered_lists_work() -> None:
    assert render_markdown("~~a~~") == "<p><s>a</s></p>"
    assert render_markdown("7. a") == '<ol start="7">\n<li>a</li>\n</ol>'


def test_link_definitions_work_before_and_after_their_use() -> None:
    assert render_markdown("[a]\n\n[a]: https://a.example\n\n[a]").count("<a ") == 2


def test_html_is_shown_as_text() -> None:
    assert render_markdown("<b>a</b>") == "<p>&lt;b&gt;a&lt;/b&gt;</p>"


def test_every_block_is_one_element() -> None:
    blocks = render_blocks("# a\n\nb\n\n- c\n\n> d\n\n---\n\n    e\n\n| f |\n|---|\n")
    assert [block[1:4] for block in blocks] == ["h4 ", "p>b", "ul>", "blo", "hr>", "pre", "div"]
