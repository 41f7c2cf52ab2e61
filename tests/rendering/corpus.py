"""Markdown as models write it, documents on which incremental rendering goes wrong, and how to make more of both."""

import random

ANSWER = """# Retry with backoff

I looked at `client.py` and **two** things stand out:

1. The retry loop sleeps a *fixed* second
2. It swallows `CancelledError`

   ```python
   try:
       await call()
   except Exception:  # too broad
       pass
   ```

3. Nothing else

Compare:

| approach | lines | risk |
|:---------|------:|:----:|
| jitter | 12 | low |
| fixed  | 3 | ~~none~~ |

```python
import random

def delays(base: float = 0.1):
    while True:
        yield base * random.random()  # "full jitter" 😀
        base = min(base * 2, 30)
```

- [x] read the code
- [ ] write the test

See [the paper](https://example.org/backoff?a=1&b=2 "Backoff") or https://example.org/a_(b).

> Quoted advice
> in two lines
lazily continued

***

Done.
"""

DOCUMENTS = [
    ANSWER,
    ANSWER.replace("\n", "\r\n"),
    "",
    "\n\n\n",
    "one line",
    "Setext\n======\n\ntext\n---\n\n- a\n---\nb",
    "para\n- a\n- b\n\n  c\n- d\n\n\n- e\n\ntext\n* other list\n+ another\n",
    "- tight\n- list\n\n- becomes loose\n\n      indented code in the item\n\n    not code\n",
    "1. a\n\n2. b\n\n       code\n3. c\ntext lazily\n\nafter\n\n    real code\n\n    more code\n",
    "para\n#\n#not a heading\n# heading\n#####\tx #\n",
    "para\n***\npara\n***bold*** text\n* * *\n",
    "para\n```a`b\nnot a fence\n```\nfence\n``\n```` \nafter",
    "```py\nopen fence\n``\n  ``` x\n   ```   \nclosed\n~~~ text\n```\n~~~~\n~~~\nopen again",
    "  ```\n  two\n one\n\tstripped tab\n    four\n ```\nend\n\n   ~~~\n\t\ttabs\n   \n",
    "```\n\n\n```\n```\n```\n\n```js\n   \n",
    "> ```\n> quoted fence\n> ```\n> a\n\n> b\n```\nnot quoted\n```\n- ```\n  in a list\n\n  still\n  ```\n",
    "a | b\n--- | ---\n1 | 2\nx\n\na|b\n-|\nno table\n| a | b |\n|---|---|\n| c |\n# ends it\n",
    "text\n| a | b |\n|---|-x\nno table\n\ntext\n| a | b |\n|---|---|\n> quote ends it\n",
    "[late] and [early]\n\n[late]: https://late.example\n\n[early] again\n\n[early]: /relative 'title'\n",
    "[a]: https://a.example\n'title that\ngoes on'\n\n[a]\n\n[b]: https://b.example\n[b]: https://second.example\n[b]\n",
    "> [c]: https://c.example\n\n[c]\n\n- [d]: https://d.example\n\n[d]\n",
    "<div>\n\n*not* html\n\n</div>\n<!-- comment\n\n-->\nend",
    "😀 emoji\n\n```\n😀😀 in code\né\u0301\n```\n\n\u202eoverride\n",
    "a\\\nb  \nc\n&amp; &copy; &#35; `` ` `` \\*\n",
    "-\n\n  a\n-\n  b\n\n1.\n2. x\n",
    "\ttab code\n\n \t mixed\n-\ttab item\n\n\t\tcode in it\n",
]

_ATOMS = [
    *(
        "a",
        "b c",
        " ",
        "  ",
        "    ",
        "\t",
        "\n",
        "\n",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "\n  ",
        "\n    ",
        "\n> ",
        "\n- ",
        "\n1. ",
    ),
    *(
        "- ",
        "* ",
        "+ ",
        "1. ",
        "2) ",
        "> ",
        ">",
        "#",
        "# ",
        "## x",
        "-",
        "--",
        "---",
        "***",
        "*",
        "**",
        "_",
        "=",
        "===",
    ),
    *("```", "~~~", "````", "`", "``", "``` py", "~", "|", "| a | b |", "|---|---|", "|-|-", ":", "- [ ] x", "\n```\n"),
    *("[", "]", "(", ")", "[a]", "[a]: /u", "[b]: <x>", "'t", '"t"', "![i](http://x)", "http://x.y", "[x](http://y)"),
    *("<b>", "</b>", "<!--", "&amp;", "\\", "\0", "\u202e", "😀", "é", "\ud83d", "\ude00", "x\n"),
]


def invented(chance: random.Random) -> str:
    """A short document of pieces which mean something to Markdown, in any order."""
    text = "".join(chance.choices(_ATOMS, k=chance.choice([5, 10, 20, 40, 80])))
    return text if chance.random() < 0.3 else text.replace("]:", "] :")  # mostly without link definitions


def mutated(text: str, chance: random.Random) -> str:
    """The document with pieces cut out, doubled or put in."""
    for _ in range(chance.randint(1, 6)):
        start = chance.randint(0, len(text))
        end = min(len(text), start + chance.randint(0, 30))
        text = text[:start] + chance.choice(["", text[start:end] * 2, chance.choice(_ATOMS)]) + text[end:]
    return text


def chunked(text: str, chance: random.Random) -> list[str]:
    """The text in pieces: single characters, tokens or lines."""
    longest = chance.choice([1, 4, 12, 200])
    chunks = []
    start = 0
    while start < len(text):
        end = start + chance.randint(1, longest)
        chunks.append(text[start:end])
        start = end
    return chunks
