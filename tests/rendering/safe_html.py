"""What safe HTML may consist of, checked by a parser that knows nothing of how it was made."""

import re
from html.parser import HTMLParser

_TAGS = set(
    ("a blockquote br code div em h4 hr li ol p pre s span strong table tbody td th thead tr ul").split()  # noqa: SIM905
)
_ATTRIBUTES = {"class", "data-lang", "data-open", "data-text", "href", "rel", "start", "tabindex", "target", "title"}
_VOID = {"br", "hr"}
_HREF = re.compile(r"(https?://|mailto:|#)", re.IGNORECASE)
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class _Checker(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.top_level = 0
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _TAGS, tag
        for name, value in attrs:
            assert name in _ATTRIBUTES, (tag, name, value)
        if tag == "a":
            given = dict(attrs)
            assert given.get("rel") == "noopener noreferrer nofollow"
            assert _HREF.match(given.get("href") or ""), given
            assert given.get("target") == (None if (given["href"] or "").startswith("#") else "_blank")
            assert "a" not in self.open, "links cannot be nested"
        if not self.open:
            self.top_level += 1
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        assert self.open or not data.strip(), f"text outside of any element: {data[:40]!r}"
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data[:40]!r}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl[:40]!r}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data[:40]!r}")


def check_block(html: str) -> str:
    """Fails unless this is exactly one harmless, complete element; returns its text."""
    assert not _FORBIDDEN.search(html)
    checker = _Checker()
    checker.feed(html)
    checker.close()
    assert checker.open == []
    assert checker.top_level == 1, html[:200]
    return "".join(checker.text)
