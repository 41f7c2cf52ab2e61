"""Markdown to safe HTML, as one string or as a list of top-level blocks.

Two locks on one door: markdown-it never passes HTML through, and whatever it made goes through an allow-list (nh3).
Every top-level block is exactly one element: p, h4, ul, ol, blockquote, hr, pre, or div.table-scroll. There are
no ids (messages repeat on a page), no style attributes (the content security policy forbids them), and nothing that
loads from elsewhere.
"""

import re
from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from sessions_app.rendering.characters import clean
from sessions_app.rendering.highlight import CLASSES, highlight_code
from sessions_app.rendering.markdown_rules import MAX_BLOCK_NESTING, make_parser

# Characters. The parser needs up to 20 µs for each character of hostile input; no model answers at this length in one
# block of text.
MAX_SOURCE = 250_000

_PARSER = make_parser()
_TAGS = {
    *("blockquote", "div", "h4", "hr", "li", "ol", "p", "pre", "ul"),
    *("table", "tbody", "td", "th", "thead", "tr"),
    *("a", "br", "code", "em", "s", "span", "strong"),
}
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes={"a": {"href", "title"}, "ol": {"start"}, "pre": {"data-lang"}},
    tag_attribute_values={"a": {"target": {"_blank"}}, "div": {"tabindex": {"0"}}, "pre": {"tabindex": {"0"}}},
    allowed_classes={
        "div": {"table-scroll"},
        "h4": {f"level-{level}" for level in range(1, 7)},
        "li": {"task"},
        "pre": {"code"},
        "span": CLASSES,
        "td": {"align-left", "align-center", "align-right"},
        "th": {"align-left", "align-center", "align-right"},
    },
    clean_content_tags={"script", "style"},
    link_rel="noopener noreferrer nofollow",
    url_schemes={"http", "https", "mailto"},
    url_relative=lambda url: url if url.startswith("#") else None,
)
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,30}")

References = Mapping[str, Any]
"""Link reference definitions by label, as markdown-it keeps them; `["map"]` is [first line, line after the last]."""


@dataclass(frozen=True, slots=True)
class Block:
    """One top-level block. `start` and `end` are line numbers from 0, `end` excluded and perhaps after blank lines."""

    kind: str
    start: int
    end: int
    tokens: Sequence[Token]


def render_markdown(text: str) -> SafeString:
    """The document as HTML, for one message. Never raises; more than `MAX_SOURCE` characters are shown as plain
    text."""
    return mark_safe("".join(render_blocks(text)))


def render_blocks(text: str) -> list[SafeString]:
    """The same HTML as a list with one element per top-level block: joined, it equals `render_markdown(text)`."""
    source = clean(text)
    if len(source) > MAX_SOURCE:
        return [code_element(source, "")]
    blocks, _ = parse(source, {})
    return [render_block(block, source) for block in blocks]


def parse(source: str, references: References) -> tuple[list[Block], References]:
    """The top-level blocks of cleaned text, and the link references defined in it. `references` are known from
    before."""
    env: dict[str, Any] = {"references": ChainMap({}, references)}  # type: ignore[arg-type]
    tokens = _PARSER.parse(source, env)
    blocks: list[Block] = []
    first = 0
    for index, token in enumerate(tokens):
        if token.level == 0 and token.nesting <= 0:
            start, end = tokens[first].map or (0, 0)
            blocks.append(Block(tokens[first].type, start, end, tokens[first : index + 1]))
            first = index + 1
    return blocks, env["references"].maps[0]


def render_block(block: Block, source: str, *, highlight: bool = True) -> SafeString:
    """One block of `parse(source, …)` as safe HTML. Without `highlight`, code is left plain."""
    if any(token.level >= MAX_BLOCK_NESTING - 1 for token in block.tokens):
        # The parser drops what is nested deeper; shown as it was written, nothing is lost.
        return code_element("\n".join(source.split("\n")[block.start : block.end]), "")
    html = _RENDERER.render(block.tokens, _PARSER.options, {"highlight": highlight})
    return _safe(html)


def code_element(code: str, info: str, *, highlight: bool = True) -> SafeString:
    """A code block as it looks once it is closed. `info` is what follows the opening fence."""
    return _safe(_code_html(code, info, highlight=highlight))


def open_code_element(code: str, info: str) -> SafeString:
    """A code block that is still being written: plain, and marked so that a browser can append to its text."""
    start = f'<pre class="code"{_lang_attribute(info)} data-open tabindex="0"><code data-text>'
    return mark_safe(f"{start}{escape(code, quote=False)}</code></pre>")


def plain_element(text: str) -> SafeString:
    """Text which is not Markdown (thinking, the input of a tool): one paragraph that keeps its line breaks by CSS."""
    return mark_safe(f'<p class="plain">{escape(clean(text), quote=False)}</p>')


def language_of(info: str) -> str:
    """The language named by a fence's info string, in lower case; empty if there is none."""
    match = _LANGUAGE.match(info.strip().removeprefix("{").removeprefix("."))
    return match[0].lower() if match else ""


def _safe(html: str) -> SafeString:
    return mark_safe(_CLEANER.clean(html).rstrip("\n"))


def _lang_attribute(info: str) -> str:
    language = language_of(info)
    return f' data-lang="{escape(language)}"' if language else ""


def _code_html(code: str, info: str, *, highlight: bool) -> str:
    inner = highlight_code(code, language_of(info)) if highlight else escape(code, quote=False)
    # Scrollable, so it must be reachable by keyboard.
    return f'<pre class="code"{_lang_attribute(info)} tabindex="0"><code>{inner}</code></pre>\n'


class _Renderer(RendererHTML):
    """markdown-it finds these by the names of token types."""

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return _code_html(tokens[idx].content, tokens[idx].info, highlight=bool(env["highlight"]))

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return _code_html(tokens[idx].content, "", highlight=False)

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return '<div class="table-scroll" tabindex="0"><table>\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "</table></div>\n"


_RENDERER = _Renderer()
