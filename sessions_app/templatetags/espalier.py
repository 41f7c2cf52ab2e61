"""Template tags of Espalier: what rendering/ makes of text and numbers, by the names that templates use."""

import re
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from sessions_app.models import Message, MessageKind, MessageState, PermissionMode, PermissionRule, Turn
from sessions_app.models.tree import Tree
from sessions_app.rendering import ansi, numbers
from sessions_app.rendering.characters import clean
from sessions_app.rendering.diff import unified_diff_html
from sessions_app.rendering.failures import FAILURES, UNKNOWN, Failure
from sessions_app.rendering.markdown import code_element, plain_element, render_markdown
from sessions_app.rendering.stream import StreamingMarkdown, StreamingText
from sessions_app.rows import requests, tool_rows
from sessions_app.rows.panes import Viewer
from sessions_app.rows.requests import RequestCard

register = template.Library()

register.filter("tokens", numbers.tokens)
register.filter("usd", numbers.usd)
register.filter("duration", numbers.duration)
register.filter("count", numbers.count)
register.filter("clean", clean)
register.filter("plain", ansi.plain)
register.filter("lines", tool_rows.lines_label)
register.filter("outcome", tool_rows.outcome)

STATUS_WORDS = {"waiting": "Needs you", "interrupted": "Stopped"}
PROMPT_LINES, PROMPT_CHARS = 14, 1_200
# Highlighting is the dearest thing on a page; what is longer is shown plain.
HIGHLIGHTED = 20_000


@register.filter
def status_words(status: str) -> str:
    return STATUS_WORDS.get(status, status.capitalize())


@register.filter
def mode_words(mode: str) -> str:
    return str(PermissionMode(mode).label) if mode in PermissionMode.values else ""


@register.filter
def join_id(prefix: str, identity: object) -> str:
    """The id of an element that belongs to a row."""
    return f"{prefix}{identity}"


@register.filter
def bare_tokens(number: int | None) -> str:
    """Without the unit, where the words around it say what is counted."""
    return numbers.tokens(number).removesuffix(" tok")


@register.filter
def tokens_in(turn: Turn) -> int | None:
    """What the model read: new tokens, and those read from or written to the cache."""
    total, written = turn.total_tokens, turn.output_tokens or 0
    return None if total is None else total - written


@register.filter
def running(tree: Tree) -> int:
    return tree.count("running")


@register.filter
def waiting(tree: Tree) -> int:
    return tree.count("waiting")


@register.filter
def queued(tree: Tree) -> int:
    return tree.count("queued")


@register.filter
def bar(cost: Decimal | None, dearest: Decimal) -> int:
    """The length of a cost, in px of 48."""
    return max(2, round(cost / dearest * 48)) if cost and dearest else 0


@register.filter
def ordinal(number: int) -> str:
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


@register.simple_tag
def when(moment: datetime | None) -> str:
    """Relative, with the exact time in its title; times.js keeps it fresh."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}" data-relative>{}</time>',
        local.isoformat(timespec="seconds"),
        local.strftime("%Y-%m-%d %H:%M:%S %Z"),
        numbers.relative_time(local, timezone.localtime()),
    )


@register.simple_tag
def waits(message: Message) -> str:
    """What a notice waits for, if anything; countdown.js counts."""
    if not message.input:
        return ""
    until = timezone.localtime(datetime.fromisoformat(message.input["until"]))
    attempt, attempts = message.input["attempt"], message.input["attempts"]
    return format_html(
        ' Asking again <time datetime="{}" role="timer" data-until>{}</time>: {}.',
        until.isoformat(timespec="milliseconds"),
        numbers.countdown(until, timezone.now()),
        f"attempt {attempt} of {attempts}" if attempts else f"attempt {attempt}",
    )


@register.filter
def failure(turn: Turn) -> Failure:
    """What there is to say about the kind of its end."""
    return FAILURES.get(turn.error_kind, UNKNOWN)


@lru_cache(maxsize=2_000)
def settled_markdown(text: str) -> SafeString:
    """Finished text never changes, and the same turn stands in every branch that inherits it."""
    return render_markdown(text)


@register.simple_tag
def blocks(message: Message) -> str:
    """The text of a message as top-level blocks; while it is written, exactly as the socket's frames leave it."""
    is_markdown = message.kind == MessageKind.TEXT
    if message.state != MessageState.LIVE:
        if is_markdown:
            return settled_markdown(message.text)
        return plain_element(message.text) if message.text else ""
    stream = StreamingMarkdown() if is_markdown else StreamingText()
    stream.feed(message.text)
    stream.frame()
    return format_html_join("", "{}", ((block,) for block in stream.blocks()))


@register.simple_tag
def markdown(text: str) -> SafeString:
    return settled_markdown(clean(text))


@register.simple_tag
def request_card(message: Message, viewer: Viewer, scope: str = "") -> RequestCard:
    return RequestCard(message, viewer, scope)


@register.filter
def rule_words(rule: PermissionRule) -> str:
    return requests.rule_words(rule.tool, rule.match, rule.value)


@register.simple_tag
def clock(moment: datetime) -> str:
    """The time of day, and the date unless it is today's; the exact time is in its title."""
    local = timezone.localtime(moment)
    words = local.strftime("%H:%M") if local.date() == timezone.localdate() else local.strftime("%Y-%m-%d %H:%M")
    exact = local.strftime("%Y-%m-%d %H:%M:%S %Z")
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(timespec="seconds"), exact, words)


@register.filter
def excerpt(text: str) -> str:
    """The beginning in one line, without the marks of Markdown."""
    words = re.sub(r"```.*?(```|$)", " ", text[:400], flags=re.DOTALL)
    words = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", words)
    words = re.sub(r"^\s*(#{1,6}|>|[-*+]|\d+\.)\s+", "", words, flags=re.MULTILINE)
    return clean(" ".join(re.sub(r"\*\*|`+|\|", "", words).split()))[:160]


@register.filter
def beginning(prompt: str) -> str:
    """What a long prompt shows while it is folded; empty for one that is short enough to be shown."""
    cleaned = clean(prompt)
    shown, _ = numbers.lines_cut(cleaned, PROMPT_LINES, PROMPT_CHARS)
    return shown if shown != cleaned else ""


@register.filter
def tool(message: Message) -> tool_rows.ToolRow:
    return tool_rows.tool_row(message)


@register.filter
def lasted(message: Message) -> int | None:
    """Milliseconds."""
    if message.ended_at is None:
        return None
    return round((message.ended_at - message.started_at).total_seconds() * 1000)


@register.simple_tag
def output(message: Message) -> dict[str, Any]:
    shown, lines, is_cut = tool_rows.output_cut(message.text)
    return {"shown": shown, "lines": lines, "is_cut": is_cut}


@register.simple_tag
def code(row: tool_rows.ToolRow) -> str:
    language = {"Bash": "bash", "Write": PurePosixPath(row.subject).suffix.lstrip(".")}.get(row.name, "json")
    return settled_code(clean(row.code), language if len(row.code) <= HIGHLIGHTED else "")


@lru_cache(maxsize=500)
def settled_code(text: str, language: str) -> SafeString:
    return code_element(text, language)


@register.simple_tag
def diff(before: str, after: str) -> SafeString:
    return settled_diff(before, after)


@lru_cache(maxsize=500)
def settled_diff(before: str, after: str) -> SafeString:
    return unified_diff_html(before, after)
