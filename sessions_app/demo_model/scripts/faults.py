"""Scripts that go wrong: API errors, broken streams, refusals, limits. With "once" in the prompt a retry succeeds."""

import re
from dataclasses import replace

from sessions_app.demo_model.library import told
from sessions_app.demo_model.reply import Answer, Breakage, Failure, Reply, say
from sessions_app.demo_model.request import ModelRequest
from sessions_app.demo_model.scripts import Answering, Script, Try, in_steps, script

ONCE = re.compile(r"\bonce\b", re.IGNORECASE)
CUT_OFF = 30  # words after which the token limit strikes


def unless_retried(failing: Answering) -> Answering:
    """Fails as told, but with "once" in the prompt only at the first attempt."""

    def answer(request: ModelRequest) -> Answer:
        if ONCE.search(request.prompt) and request.attempt > 1:
            return told("recovered", request, attempt=str(request.attempt))
        return failing(request)

    return answer


def fails(failure: Failure) -> Answering:
    """Answers with an API error."""

    def answer(request: ModelRequest) -> Answer:
        return failure

    return unless_retried(answer)


def breaks(breakage: Breakage) -> Answering:
    """Begins a plain answer, which then breaks."""

    def answer(request: ModelRequest) -> Answer:
        return replace(told("plain", request), breakage=breakage)

    return unless_retried(answer)


def refuses(request: ModelRequest) -> Answer:
    """Begins to answer and is stopped by the API's classifiers."""
    return replace(say("I can't help with this request."), stop_reason="refusal")


def runs_into_the_limit(request: ModelRequest) -> Answer:
    """The first words of a plain answer, with stop_reason max_tokens."""
    text = told("plain", request).text
    return replace(say(" ".join(text.split(" ")[:CUT_OFF])), stop_reason="max_tokens")


def goes_on(request: ModelRequest) -> Answer:
    """The words after the limit: the CLI asks the model to go on where it stopped."""
    text = told("plain", request).text
    rest = " ".join(text.split(" ")[CUT_OFF:])
    return say(rest) if request.step == 1 else say("That was all.")


def error(words: str, failure: Failure, *tries: Try) -> Script:
    """A script that answers `fail with <words>` with an API error."""
    return script(f"{failure.status}", rf"\bfail with (an? )?({words})", fails(failure), *tries)


def limit_reached(request: ModelRequest) -> Reply:
    """Never gets beyond the limit, however often it is asked to go on."""
    return replace(say("This answer never ends, "), stop_reason="max_tokens")


FAULTS = (
    error(
        "overload|529",
        Failure(529, "overloaded_error", "Overloaded"),
        Try("Fail with overloaded once", "An API error (529) that a retry overcomes; without “once” it fails for good"),
    ),
    error(
        "rate limit|429",
        Failure(429, "rate_limit_error", "This request would exceed your rate limit. Please try again later.", 2),
        Try("Fail with rate limit once", "An API error (429) with retry-after: 2 s"),
    ),
    error(
        "authentication|401",
        Failure(401, "authentication_error", "invalid x-api-key"),
        Try("Fail with authentication error", "An API error (401), as with a wrong key"),
    ),
    error(
        "permission|403",
        Failure(403, "permission_error", "Your API key does not have permission to use the specified resource."),
        Try("Fail with permission error", "An API error (403)"),
    ),
    error(
        "prompt too long|prompt is too long|400",
        Failure(400, "invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum"),
        Try("Fail with prompt too long", "An API error (400)"),
    ),
    error(
        "internal|500",
        Failure(500, "api_error", "Internal server error"),
        Try("Fail with internal error once", "An API error (500) that a retry overcomes"),
    ),
    script(
        "error event",
        r"\bfail (mid-?stream|half ?way)\b",
        breaks(Breakage("error")),
        Try("Fail mid-stream once", "An error event in the middle of the answer"),
    ),
    script(
        "cut",
        r"\bcut (the (stream|connection|answer) )?(once|always)\b",
        breaks(Breakage("cut")),
        Try("Cut the stream once", "The connection breaks in the middle; the retry answers in full"),
        Try("Cut the stream always", "The connection breaks at every attempt"),
    ),
    script(
        "stall",
        r"\bstall\b",
        breaks(Breakage("stall")),
        Try("Stall mid-answer", "The answer falls silent after a few words, until you stop it"),
    ),
    script("refusal", r"\brefuse (this|to answer)\b", refuses, Try("Refuse this", "A refusal by the API")),
    script("max tokens always", r"\b(hit|reach) the token limit always\b", limit_reached),
    script(
        "max tokens",
        r"\b(hit|reach) the token limit\b|\bmax_tokens\b",
        in_steps(runs_into_the_limit, goes_on),
        Try("Hit the token limit", "An answer that stops at max_tokens and is continued"),
    ),
)
