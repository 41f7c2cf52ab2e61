"""Code to highlighted HTML, and the stylesheet which belongs to it.

Few classes instead of Pygments' eighty: a token takes the class of its nearest ancestor listed in `_STYLES`. That keeps
the markup small, the allow-list of the sanitiser explicit, and the contrast of every colour checkable.
"""

from functools import lru_cache
from html import escape
from time import thread_time

from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, Token, _TokenType
from pygments.util import ClassNotFound

MAX_CODE = 40_000  # characters, some 0.1 s of rendering: beyond this, code is shown plain
# Some lexers' time grows with the square of a line or of empty space; nobody reads colours in minified code.
_MAX_LINE = 5_000
_MAX_EMPTY_LINES = 100
# Seconds of this thread's processor time. Honest code of MAX_CODE characters needs less; 20 kB of newlines as C, 20.
_MAX_TIME = 1.5
PREFIX = "hl-"

# A lexer is a pile of regular expressions, and some never come back from hostile text. These were tried with it.
_LANGUAGES = frozenset(
    {
        *("bash", "batch", "c", "c#", "c++", "clojure", "cmake", "console", "cpp", "csharp", "css", "dart", "diff"),
        *("docker", "dockerfile", "elixir", "erlang", "fish", "fsharp", "go", "golang", "graphql"),
        *("groovy", "haskell", "hcl", "html", "http", "ini", "java", "javascript", "jinja", "js", "json"),
        *("json5", "jsonc", "jsx", "julia", "kotlin", "latex", "less", "lua", "make", "makefile", "markdown"),
        *("md", "mysql", "nginx", "nix", "objective-c", "objectivec", "ocaml", "perl", "php", "plpgsql"),
        *("postgres", "postgresql", "powershell", "properties", "proto", "protobuf", "ps1", "py"),
        *("python", "python3", "pycon", "pytb", "r", "rb", "ruby", "rs", "rust", "scala", "scss", "sh", "shell"),
        *("sql", "sqlite3", "svelte", "swift", "terraform", "tex", "tf", "toml", "ts", "tsx", "typescript"),
        *("udiff", "vim", "vue", "xml", "yaml", "yml", "zig", "zsh"),
    }
)
_ALIASES = {"jsonc": "json5", "svelte": "html", "vue": "html", "shell": "bash"}

# class: (colour on light, colour on dark, other declarations)
_STYLES: dict[str, tuple[str, str, str]] = {
    "c": ("#5f6672", "#8f98a8", "font-style: italic"),
    "cp": ("#7a4a00", "#d8a657", ""),
    "k": ("#7b2d8e", "#c9a0f0", ""),
    "kc": ("#9a3412", "#f0a078", ""),
    "kt": ("#0b5f73", "#6cc5d9", ""),
    "nb": ("#0b5f73", "#6cc5d9", ""),
    "nf": ("#1d4ea8", "#82b1ff", ""),
    "nc": ("#7a4a00", "#e3b866", ""),
    "nd": ("#7a4a00", "#d8a657", ""),
    "nt": ("#1d4ea8", "#82b1ff", ""),
    "na": ("#7a4a00", "#e3b866", ""),
    "nv": ("#9a3412", "#f0a078", ""),
    "s": ("#22663a", "#8fce9b", ""),
    "se": ("#9a3412", "#f0a078", ""),
    "m": ("#9a3412", "#f0a078", ""),
    "gd": ("#a3222f", "#ff9aa2", ""),
    "gi": ("#22663a", "#8fce9b", ""),
    "gh": ("#1d4ea8", "#82b1ff", "font-weight: 600"),
    "gp": ("#5f6672", "#8f98a8", ""),
}
_CLASS_OF: dict[_TokenType, str] = {
    Comment: "c",
    Comment.Preproc: "cp",
    Generic.Deleted: "gd",
    Generic.Heading: "gh",
    Generic.Inserted: "gi",
    Generic.Prompt: "gp",
    Generic.Subheading: "gh",
    Keyword: "k",
    Keyword.Constant: "kc",
    Keyword.Type: "kt",
    Name.Attribute: "na",
    Name.Builtin: "nb",
    Name.Class: "nc",
    Name.Decorator: "nd",
    Name.Exception: "nc",
    Name.Function: "nf",
    Name.Tag: "nt",
    Name.Variable: "nv",
    Number: "m",
    Operator.Word: "k",
    String: "s",
    String.Escape: "se",
    String.Interpol: "se",
}
CLASSES = frozenset(PREFIX + name for name in _STYLES)


def highlight_code(code: str, language: str) -> str:
    """The code as escaped HTML with `<span class="hl-…">` around tokens; its text is exactly `code`.

    An unknown language, code of more than `MAX_CODE` characters, unusual lines, or code made to be slow comes back
    escaped and otherwise plain. Never raises.
    """
    lexer_class = _lexer_class(language.lower())
    if lexer_class is None or len(code) > MAX_CODE or _is_unusual(code):
        return escape(code, quote=False)
    # Pygments would otherwise strip newlines at both ends and add one: the text must stay as it was.
    lexer = lexer_class(stripnl=False, ensurenl=False)
    runs: list[tuple[str, list[str]]] = []  # neighbouring tokens of one class share one span
    length = 0
    deadline = thread_time() + _MAX_TIME
    for token_type, value in lexer.get_tokens(code):
        if thread_time() > deadline:
            return escape(code, quote=False)
        name = _class_of(token_type)
        length += len(value)
        if runs and runs[-1][0] == name:
            runs[-1][1].append(value)
        else:
            runs.append((name, [value]))
    if length != len(code):  # a lexer which drops or adds characters must not change what people read
        return escape(code, quote=False)
    return "".join(_span(name, "".join(values)) for name, values in runs)


def stylesheet() -> str:
    """The CSS rules for both colour schemes; every colour has a contrast of at least 4.5:1 on the page's code
    backgrounds."""
    rules = [
        "/* Written by sessions_app/rendering/highlight.py: python -m sessions_app.rendering.highlight > this file. */"
    ]
    for name, (light, dark, more) in _STYLES.items():
        declarations = f"color: light-dark({light}, {dark});" + (f" {more};" if more else "")
        rules.append(f".{PREFIX}{name} {{ {declarations} }}")
    return "\n".join(rules) + "\n"


def _span(name: str, text: str) -> str:
    text = escape(text, quote=False)
    return f'<span class="{PREFIX}{name}">{text}</span>' if name and not text.isspace() else text


def _is_unusual(code: str) -> bool:
    empty = 0
    for line in code.split("\n"):
        empty = 0 if line.strip() else empty + 1
        if len(line) > _MAX_LINE or empty > _MAX_EMPTY_LINES:
            return True
    return False


@lru_cache(maxsize=512)
def _class_of(token_type: _TokenType) -> str:
    step: _TokenType | None = token_type
    while step is not None and step is not Token:
        if step in _CLASS_OF:
            return _CLASS_OF[step]
        step = step.parent
    return ""


@lru_cache(maxsize=256)
def _lexer_class(language: str) -> type[Lexer] | None:
    if language not in _LANGUAGES:
        return None
    try:
        return find_lexer_class_by_name(_ALIASES.get(language, language))
    except ClassNotFound:
        return None


if __name__ == "__main__":
    import sys

    sys.stdout.write(stylesheet())
