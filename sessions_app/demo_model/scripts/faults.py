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
    """Begins to answer and is stopped by the API's classifiers; the CLI asks once more."""
    words = "No, I can't help with it in other words either." if request.step else "I can't help with this request."
    return replace(say(words), stop_reason="refusal")


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
    words = "This answer never ends," if not request.step else "and goes on and on,"
    return replace(say(words), stop_reason="max_tokens")


FAULTS = (
    error(
        "overload|529",
        Failure(529, "overloaded_error", "Overloaded"),
        Try("Fail with overloaded once", "An API error (529) that a retry overcomes, with its countdown"),
        Try("Fail with overloaded", "The same at every attempt: what a failed turn looks like"),
    ),
    error(
        "rate limit|429",
        Failure(429, "rate_limit_error", "This request would exceed your rate limit. Please try again later.", 2),
        Try("Fail with rate limit once", "An API error (429) with retry-after: 2 s"),
    ),
    error(
        "long rate limit",
        Failure(429, "rate_limit_error", "This request would exceed your rate limit. Please try again later.", 30),
        Try("Fail with long rate limit once", "The same with 30 s, counted down: a moment to press Stop"),
    ),
    # Only who signed in with a login is told by the CLI when a limit resets; with a key this is a plain rate limit.
    error(
        "usage limit",
        Failure(429, "rate_limit_error", "This request would exceed your account's rate limit.", 10_800, 10_800),
        Try("Fail with usage limit", "A limit that stays used up for hours: no retry"),
    ),
    error(
        "no credit",
        Failure(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
        Try("Fail with no credit", "An API error (400) about billing"),
    ),
    error(
        "request too large|413",
        Failure(413, "request_too_large", "Request exceeds the maximum size"),
        Try("Fail with request too large", "An API error (413), as with too many pictures"),
    ),
    error(
        "invalid request",
        Failure(400, "invalid_request_error", "messages.1: roles must alternate"),
        Try("Fail with invalid request", "An API error (400) that no retry helps"),
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
        Try("Fail with internal error", "The same at every attempt"),
    ),
    script(
        "error event",
        r"\bfail (mid-?stream|half ?way)\b",
        breaks(Breakage("error")),
        Try("Fail mid-stream once", "An error event in the middle of the answer"),
        Try("Fail mid-stream", "The same at every attempt: the words before it are kept"),
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
        Try("Stall mid-answer", "The answer falls silent after a few words, until you or the watchdog stop it"),
        Try("Stall mid-answer once", "The same, but the CLI asks again and gets the whole answer"),
    ),
    script("refusal", r"\brefuse (this|to answer)\b", refuses, Try("Refuse this", "A refusal by the API")),
    script(
        "max tokens always",
        r"\b(hit|reach) the token limit always\b",
        limit_reached,
        Try("Hit the token limit always", "An answer that never comes to its end"),
    ),
    script(
        "max tokens",
        r"\b(hit|reach) the token limit\b|\bmax_tokens\b",
        in_steps(runs_into_the_limit, goes_on),
        Try("Hit the token limit", "An answer that stops at max_tokens and is continued"),
    ),
)
