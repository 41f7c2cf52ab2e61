"""What Espalier's Markdown does differently from CommonMark: rules and token filters for markdown-it.

Links go only where a person may safely follow, images become links (a page makes no third-party request), headings
all become h4, `- [ ]` becomes a text checkbox, bare http(s) addresses become links, input made to be slow stays text.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import table as table_rule
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

MAX_BLOCK_NESTING = 50  # tokens deep: 25 lists in lists; a deeper block is shown as its source
_MAX_LINK_NESTING = 10  # every `[` is looked at once per level
_MAX_INLINE_DEPTH = 60  # browsers and sanitisers walk the tree recursively
_MAX_COLUMNS = 64
_SPARE_CELLS = 64

_SAFE_HREF = re.compile(r"https?://|mailto:|#", re.IGNORECASE)
_TASK = re.compile(r"\[([ xX])\](?=\s)")
_SCHEME_BEFORE = re.compile(r"(?:^|[^A-Za-z0-9])(https?)\Z", re.IGNORECASE)
_ADDRESS_AFTER = re.compile(r"://[^\W_][^\s<>\"`\[\]\\|{}^]*")
_NEVER_LAST = "?!.,:;*_~'"
# Models start at any level and skip some; a page must do neither. Its own headings end at h3.
_HEADING = "h4"
_MAX_SHOWN_TARGET = 80


def make_parser() -> MarkdownIt:
    """A markdown-it parser for whole documents; `parse` is safe to call from several threads."""
    inline = MarkdownIt("commonmark", {"html": False, "maxNesting": _MAX_LINK_NESTING}).enable("strikethrough")
    inline.inline.ruler.after("text", "bare_address", _bare_address)

    def parse_inline(state: StateCore) -> None:
        for token in state.tokens:
            if token.type == "inline":
                children = inline.inline.parse(token.content, inline, state.env, [])
                too_deep = _depth(children) > _MAX_INLINE_DEPTH
                token.children = [_text(token.content)] if too_deep else settle_links(children)

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": MAX_BLOCK_NESTING})
    for each in (parser, inline):
        # Every link is parsed, then judged in one place: settle_links.
        each.validateLink = lambda url: True  # type: ignore[method-assign]
    parser.block.ruler.before("code", "table", _bounded_table, {"alt": ["paragraph", "reference"]})
    parser.core.ruler.before("inline", "structure", _structure)
    parser.core.ruler.at("inline", parse_inline)
    return parser


def settle_links(children: list[Token]) -> list[Token]:
    """The inline tokens with allowed links completed, other links as their label and target, images as links."""
    settled: list[Token] = []
    link: Token | None = None
    label_from = 0
    for token in children:
        if token.type == "link_open":
            link, label_from = token, len(settled)
            if _allowed(token):
                settled.append(_opened(token))
        elif token.type == "link_close" and link is not None:
            settled.append(token) if _allowed(link) else settled.extend(_target(link, settled[label_from:]))
            link = None
        elif token.type == "image":
            settled.extend(_image(token, inside_link=link is not None))
        else:
            settled.append(token)
    return settled


def _allowed(token: Token) -> bool:
    return _SAFE_HREF.match(str(token.attrGet("href") or "")) is not None


def _opened(token: Token) -> Token:
    if not str(token.attrGet("href")).startswith("#"):  # a fragment stays within the page
        token.attrSet("target", "_blank")
    return token


def _target(link: Token, label: list[Token]) -> list[Token]:
    """Where a link that may not be followed would have led: paths of files are worth reading."""
    target = str(link.attrGet("href") or "")
    if not target or "".join(token.content for token in label) == target:
        return []
    return [_text(f" ({target if len(target) <= _MAX_SHOWN_TARGET else target[:_MAX_SHOWN_TARGET] + '…'})")]


def _image(token: Token, *, inside_link: bool) -> list[Token]:
    label = _text(_words(token.children or []).strip() or "image")
    if inside_link:  # links cannot be nested
        return [label]
    link = Token("link_open", "a", 1, attrs={"href": token.attrGet("src") or ""})
    if not _allowed(link):
        return [label, *_target(link, [label])]
    return [_opened(link), label, Token("link_close", "a", -1)]


def _words(children: list[Token]) -> str:
    parts = (" " if child.type == "softbreak" else child.content or _words(child.children or []) for child in children)
    return "".join(parts)


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _depth(children: list[Token]) -> int:
    depth = deepest = 0
    for token in children:
        depth += token.nesting
        deepest = max(deepest, depth)
    return deepest


def _structure(state: StateCore) -> None:
    """Put headings below the page's own, turn alignment into classes, and make text checkboxes of task lists."""
    for index, token in enumerate(state.tokens):
        if token.type in ("heading_open", "heading_close"):
            if token.nesting == 1:
                token.attrSet("class", f"level-{token.tag[1]}")
            token.tag = _HEADING
        elif token.type in ("th_open", "td_open"):
            align = str(token.attrs.pop("style", "")).removeprefix("text-align:")
            if align:  # the content security policy forbids style attributes
                token.attrSet("class", f"align-{align}")
            if token.tag == "th" and not state.tokens[index + 1].content:
                # A header that says nothing is an empty cell to those who cannot see the table.
                token.tag = state.tokens[index + 2].tag = "td"
        elif token.type == "inline" and index >= 2 and state.tokens[index - 2].type == "list_item_open":
            task = _TASK.match(token.content)
            if task:
                token.content = ("☐" if task[1] == " " else "☑") + token.content[task.end() :]
                state.tokens[index - 2].attrSet("class", "task")


def _bare_address(state: StateInline, silent: bool) -> bool:
    """Link `https://…` written without brackets. At the colon: that is where the text rule stops."""
    if silent or state.linkLevel > 0 or state.src[state.pos] != ":":
        return False  # silent: the label of a link is being measured, and its `]` must be found
    before = _SCHEME_BEFORE.search(state.src[max(0, state.pos - 6) : state.pos])
    after = _ADDRESS_AFTER.match(state.src, state.pos)
    if before is None or after is None or not state.pending.endswith(before[1]):
        return False
    address = before[1] + _without_trailing_punctuation(after[0])
    state.pending = state.pending[: -len(before[1])]
    state.push("link_open", "a", 1).attrs = {"href": state.md.normalizeLink(address)}
    state.push("text", "", 0).content = address
    state.push("link_close", "a", -1)
    state.pos += len(address) - len(before[1])
    return True


def _without_trailing_punctuation(address: str) -> str:
    """A full stop or an unpaired `)` at the end belongs to the sentence, not to the address."""
    surplus = address.count(")") - address.count("(")
    end = len(address)
    while end > 4:  # "://" and one character stay
        if address[end - 1] == ")" and surplus > 0:
            surplus -= 1
        elif address[end - 1] not in _NEVER_LAST:
            break
        end -= 1
    return address[:end]


def _bounded_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table, but not one that a few characters blow up to a million empty cells."""
    columns = _pipes(state, start) + 1
    if columns == 1 or columns > _MAX_COLUMNS:
        return False
    if not silent:
        spare = _SPARE_CELLS
        for line in range(start + 2, end):
            cells = _pipes(state, line) + 1
            spare += cells - max(0, columns - cells)
            if spare < 0 or state.isEmpty(line):
                end = line
                break
    return table_rule(state, start, end, silent)


def _pipes(state: StateBlock, line: int) -> int:
    return state.src.count("|", state.bMarks[line], state.eMarks[line])
