"""The demo's story: designing an API, redesigning it, extending it; and an honest answer to everything else."""

import re

from sessions_app.demo_model.library import telling, told
from sessions_app.demo_model.reply import Answer
from sessions_app.demo_model.request import ModelRequest
from sessions_app.demo_model.scripts import Answering, Try, script

INVOICES = re.compile(r"invoic|billing|\bpayments?\b", re.IGNORECASE)
USERS = re.compile(r"\busers?\b|\baccounts?\b|\bmembers?\b", re.IGNORECASE)
ORDINARY = re.compile(
    r"about|after|again|also|been|before|being|could|does|doing|from|have|help|here|into|just|like|make|"
    r"more|most|need|only|other|over|please|same|should|show|some|such|tell|than|that|their|them|then|"
    r"there|these|they|thing|this|those|through|very|want|were|what|when|where|which|while|will|with|"
    r"would|your",
    re.IGNORECASE,
)
FALLBACKS = 3


def domain(request: ModelRequest) -> str:
    """What the API is about: the latest prompt that says so decides, so that a fork inherits its parent's subject."""
    for prompt in reversed(request.prompts):
        if INVOICES.search(prompt):
            return "invoices"
        if USERS.search(prompt):
            return "users"
    return "users"


def about(topic: str) -> Answering:
    """The answer to a topic for the conversation's domain."""

    def answer(request: ModelRequest) -> Answer:
        return told(f"{topic}_{domain(request)}", request)

    return answer


def key_words(prompt: str) -> list[str]:
    """Up to three telling words of a prompt, in its order."""
    words = dict.fromkeys(word for word in re.findall(r"[\w'-]{4,24}", prompt) if not ORDINARY.fullmatch(word))
    longest = sorted(words, key=len, reverse=True)[:3]
    return [word for word in words if word in longest]


def falls_back(request: ModelRequest) -> Answer:
    """Says that this is the demo model, what it understood of the prompt, and what can be tried."""
    words = key_words(request.prompt)
    quoted = " ".join(request.prompt.split())[:80].replace("`", "'") or "an empty prompt"
    return told(
        f"fallback_{1 + request.seed % FALLBACKS}",
        request,
        prompt=quoted,
        words=", ".join(f"*{word}*" for word in words) or "nothing in particular",
        turn=str(len(request.prompts)),
    )


STORY = (
    script(
        "graphql",
        r"\bgraph ?ql\b",
        about("graphql"),
        Try("Now let's redesign this as a GraphQL API instead", "A fork in another direction, with a schema file"),
    ),
    script(
        "grpc",
        r"\bgrpc\b|\bprotobuf\b|\bprotocol buffers\b",
        about("grpc"),
        Try("gRPC, keep a JSON gateway for the browser", "A third direction, with a .proto file"),
    ),
    script(
        "pagination",
        r"\bpaginat|\bcursors?\b",
        about("pagination"),
        Try("Keep REST, add cursor pagination and show the list endpoint", "A small extension of the same design"),
    ),
    script(
        "authentication",
        r"\bauthenticat|\bauth\b|\boauth|\bjwt\b|\b(log|sign)[ -]?in\b",
        about("auth"),
        Try("Can you add authentication to the REST API?", "Continue the original branch"),
    ),
    script("roles", r"\broles?\b|\bauthori[sz]ation\b|\bpermissions\b", telling("roles")),
    script("errors", r"\berror (handling|responses?|format|model|codes?)\b", telling("errors")),
    script("rate limits", r"\brate.?limit|\bthrottl|\bquotas?\b", telling("rate_limits")),
    script(
        "rest",
        r"\brest(ful)?\b|\bapis?\b|\bendpoints?\b|\buser management\b|\binvoic|\bbilling\b",
        about("rest"),
        Try("Help me design a REST API for a user management system", "The example of the Agent SDK's documentation"),
        Try("Design a REST API for invoices", "Another subject: try both in branches"),
    ),
)

FALLBACK = script("fallback", r"", falls_back)
