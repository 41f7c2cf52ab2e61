"""Every failure has its own complete sentences."""

import re

import pytest

from sessions_app.rendering.failures import FAILURES, MAX_SAID, failure, times

NAMES = "budget cost error limit model path reason reset seconds signal status steps time times tool"
PARTICULARS = dict.fromkeys(NAMES.split(), "X")


@pytest.mark.parametrize("kind", FAILURES)
def test_each_kind_says_what_happened_what_was_kept_and_what_to_do(kind: str) -> None:
    told = FAILURES[kind]
    _, sentence = failure(kind, **PARTICULARS)
    for text in (told.headline, sentence, told.advice, told.kept, told.prompt_kept):
        assert re.fullmatch(r"[A-Z].*\.\)?", text), text
        assert "{" not in text
        assert (
            not re.search(r"\b(error|exception|traceback|null|None)\b", text, re.IGNORECASE) or kind == "server_error"
        )


def test_no_two_kinds_say_the_same() -> None:
    sentences = [told.sentence for told in FAILURES.values()]
    assert len(set(sentences)) == len(sentences)


def test_what_the_other_side_said_is_quoted_on_one_line_and_not_without_end() -> None:
    kind, sentence = failure("cli_failed", "  out of\n  memory. " + "x" * 1000)
    assert kind == "cli_failed"
    assert "Reported: “out of memory. xxx" in sentence
    assert len(sentence) < MAX_SAID + 100
    assert failure("cli_failed")[1] == FAILURES["cli_failed"].sentence


def test_what_has_no_words_of_its_own_is_an_unknown_failure() -> None:
    assert failure("solar_flare", "too bright")[0] == "unknown"
    assert failure("solar_flare", "too bright")[1].endswith("Reported: “too bright”.")


def test_times() -> None:
    assert [times(count) for count in (1, 2, 5)] == ["once", "twice", "5 times"]
