"""Highlighted code keeps its text; its colours can be read; the stylesheet in static/ is current."""

import re
from html import unescape
from pathlib import Path
from time import thread_time

import pytest

from sessions_app.rendering import highlight
from sessions_app.rendering.highlight import _LANGUAGES, MAX_CODE, _lexer_class, highlight_code, stylesheet

STYLESHEET = Path(__file__).parents[2] / "static" / "css" / "highlight.css"
LIGHT, DARK = "#f0eee9", "#121317"


def text_of(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


@pytest.mark.parametrize("language", sorted(_LANGUAGES))
def test_the_text_stays_as_it_was(language: str) -> None:
    assert _lexer_class(language) is not None
    for code in (
        "\n\n  x = 'a' < 1 && \"b\" # c\n\n",
        "\t<a b='c'>&amp;</a>  ",
        "",
        "\ufeff$ ls\r\n",
        "@@ -1 +1 @@\n-a\n+b",
    ):
        assert text_of(highlight_code(code, language)) == code


def test_tokens_get_classes_and_nothing_else() -> None:
    html = highlight_code("def f():\n    return '<b>'", "python")
    assert html.startswith('<span class="hl-k">def</span> <span class="hl-nf">f</span>')
    assert "<span class=\"hl-s\">'&lt;b&gt;'</span>" in html
    assert set(re.findall(r"<(\w+) (\w+)=", html)) == {("span", "class")}


@pytest.mark.parametrize("language", ["", "unknown", "../../etc", "python\n"])
def test_an_unknown_language_is_plain(language: str) -> None:
    assert highlight_code("a < b", language) == "a &lt; b"


def test_code_that_is_too_long_is_plain() -> None:
    assert "<span" not in highlight_code("x = 1\n" * (MAX_CODE // 6 + 1), "python")
    assert "<span" not in highlight_code("x = 1;" * 1_000, "js")


def test_empty_space_is_not_searched_for_code() -> None:
    started = thread_time()
    assert highlight_code("\n" * 100_000, "c") == "\n" * 100_000
    assert thread_time() - started < 1


def test_code_that_takes_too_long_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(highlight, "_MAX_TIME", 0.0)
    assert highlight_code("x = 1", "python") == "x = 1"


def test_every_colour_can_be_read_on_both_backgrounds() -> None:
    pairs = re.findall(r"light-dark\((#\w{6}), (#\w{6})\)", stylesheet())
    assert len(pairs) > 10
    for light, dark in pairs:
        assert contrast(light, LIGHT) >= 4.5, light
        assert contrast(dark, DARK) >= 4.5, dark


def test_the_stylesheet_is_current() -> None:
    assert STYLESHEET.read_text() == stylesheet()


def contrast(one: str, other: str) -> float:
    """As WCAG 2 defines it, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)
