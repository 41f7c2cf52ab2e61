"""Failures in words: for each way a turn can end early, what happened, what was kept and what to do."""

from dataclasses import dataclass

KEPT = "What was written until then is kept."
PROMPT_KEPT = "Nothing was written yet; the prompt is kept."


@dataclass(frozen=True, slots=True)
class Failure:
    """What one kind says. `sentence` has {particulars}, filled in when it happens and stored with the turn.

    `advice` is for those who may write; it stands beside the buttons Retry (the same prompt again) and Resume (go on
    from here).
    """

    headline: str
    sentence: str
    advice: str
    kept: str = KEPT
    prompt_kept: str = PROMPT_KEPT


UNKNOWN = Failure(
    "This turn failed.",
    "The agent gave no reason.",
    "Retry, or send another prompt to go on.",
)
FAILURES = {
    # The way to the model.
    "no_credentials": Failure(
        "There are no credentials for the model.",
        "The agent found neither a key nor a login, so the model was never asked.",
        "Set ANTHROPIC_API_KEY or one of the other credentials, restart Espalier, then Retry.",
    ),
    "authentication_failed": Failure(
        "The model refused the credentials.",
        "The key or login is wrong, has expired or was withdrawn.",
        "Check ANTHROPIC_API_KEY, or whichever credentials are set, restart Espalier, then Retry.",
    ),
    "permission_denied": Failure(
        "These credentials may not do this.",
        "The model's provider knows them, but does not let them use this model or feature.",
        "Ask whoever manages the account for access, or fork with another model.",
    ),
    "billing_error": Failure(
        "The account has no credit left.",
        "The model's provider turned the request down because the credit balance is too low.",
        "Add credit in the provider's billing settings, then Retry.",
    ),
    "model_not_found": Failure(
        "The model cannot be used.",
        "There is no model called {model}, or these credentials may not use it.",
        "Fork with another model. ESPALIER_MODELS says which ones are offered.",
    ),
    "usage_limit": Failure(
        "The usage limit is reached.",
        "{limit} is used up. It resets {reset}.",
        "Retry after that; nothing else needs to be done.",
    ),
    "rate_limit": Failure(
        "The model's rate limit is used up.",
        "The model answered {times} that there were too many requests (429). It did not say when the limit resets.",
        "Wait a minute or two, then Retry. It helps to run fewer branches at once.",
    ),
    "overloaded": Failure(
        "The model is overloaded.",
        "It turned the request away {times} (529). This has nothing to do with the prompt.",
        "Retry in a few minutes.",
    ),
    "server_error": Failure(
        "The model's service failed.",
        "It answered {times} with an error of its own ({status}). This has nothing to do with the prompt.",
        "Retry in a few minutes. If it goes on, the provider's status page may know why.",
    ),
    "unreachable": Failure(
        "The model cannot be reached.",
        "It was tried {times}, and no connection came about.",
        "Check the network, and ANTHROPIC_BASE_URL or the proxy if one is set, then Retry.",
    ),
    "connection_lost": Failure(
        "The connection to the model kept breaking.",
        "It broke {times} in the middle of the answer.",
        "Retry. If it breaks again, look at the network or the proxy on the way.",
    ),
    # What the model makes of the request.
    "context_too_long": Failure(
        "The conversation is too long for the model.",
        "It does not fit into what the model reads at once, not even with its beginning summarised.",
        "Fork from an earlier turn, or fork with a model that reads more.",
    ),
    "prompt_too_long": Failure(
        "The prompt is too long for the model.",
        "It does not fit into what the model reads at once, and there is no history before it that could be shortened.",
        "Edit and resend a shorter prompt, or have the agent read the long part from a file.",
    ),
    "request_too_large": Failure(
        "The request is too large.",
        "Pictures and files of this branch add up to more than the model takes at once.",
        "Fork from the turn before the large ones.",
    ),
    "invalid_request": Failure(
        "The model refused the request as it stands.",
        "Something in it is not as the model expects it.",
        "Asking the same again will hardly help: edit and resend, or fork from an earlier turn.",
    ),
    "refusal": Failure(
        "The model declined to answer.",
        "Its safety checks stopped the answer. That happens to harmless prompts, too.",
        "Edit and resend in other words, or fork with another model.",
    ),
    "output_limit": Failure(
        "The answer does not end.",
        "It reached the length limit of one answer {times} in a row, though it was asked to go on.",
        "Resume to let it go on, or ask for the answer in parts.",
    ),
    # Limits that this server sets.
    "max_turns": Failure(
        "The turn took all the steps it may.",
        "A turn may take {steps} here, and the agent was not done.",
        "Resume to go on with as many steps again. ESPALIER_TURN_STEPS sets the limit.",
    ),
    "budget_exhausted": Failure(
        "The turn used up its budget.",
        "A turn may cost {budget} here; this one has cost {cost}, and the agent was not done.",
        "Resume to go on with as much again. ESPALIER_TURN_BUDGET_USD sets the limit.",
    ),
    "stalled": Failure(
        "The model fell silent.",
        "Nothing came from it for {seconds} s, so the turn was ended.",
        "Retry, or Resume to go on from what there is. ESPALIER_STALL_SECONDS sets how long a silence may be.",
    ),
    "tool_stalled": Failure(
        "A tool took too long.",
        "{tool} gave no result for {seconds} s, so the turn was ended and the tool with it.",
        "Resume and say how to do it another way. ESPALIER_TOOL_SECONDS sets how long a tool may take.",
    ),
    # The agent, and the machine it runs on.
    "cli_killed": Failure(
        "The agent was ended from outside.",
        "Its process was ended by {signal}. Systems do that when memory runs out.",
        "Resume to go on from here. If it happens again, run fewer turns at once: ESPALIER_PARALLEL_TURNS.",
    ),
    "cli_failed": Failure(
        "The agent broke down.",
        "Its process ended unexpectedly.",
        "Resume to go on from here, or Retry.",
    ),
    "cli_missing": Failure(
        "The agent cannot be started.",
        "Its program, the Claude CLI, is not at {path}, or it cannot be run.",
        "If ESPALIER_CLI is set, correct it. Otherwise stop Espalier, delete .venv and start it again: that brings the "
        "CLI back. Then Retry.",
    ),
    "directory_failed": Failure(
        "The branch has nowhere to work.",
        "Espalier could not use {path}: {reason}.",
        "See that Espalier may write there, then Retry.",
    ),
    "disk_full": Failure(
        "The disk is full.",
        "Espalier could not store what the agent did, so it ended the turn.",
        "Make room on the disk that holds Espalier's data, then Retry.",
        kept="What was stored until then is kept; the last words may be missing.",
    ),
    "store_failed": Failure(
        "The turn could not be stored in full.",
        "You see it here, but a part of what the model needs to remember it by could not be written.",
        "Retry the prompt. If it fails again, the server's log says why.",
        kept="What is shown is kept; the model may not remember the last part of it.",
    ),
    "espalier_failed": Failure(
        "Espalier itself failed.",
        "This is a fault in Espalier, not in the prompt or the model. The server's log has the details ({error}).",
        "Retry. If it happens again, please report it.",
    ),
    "end_lost": Failure(
        "How this turn ended is not known.",
        "It is over, but Espalier could not write down its end at the time.",
        "Resume to go on from here, or Retry.",
        kept="What was stored until then is kept; the last words may be missing.",
    ),
    # Interruptions.
    "stopped": Failure(
        "Stopped.",
        "Somebody asked it to stop, and it did.",
        "Resume to go on from here, or send another prompt.",
    ),
    "stopped_before": Failure(
        "Stopped before it started.",
        "The model never got this prompt.",
        "Send the prompt again if you still want it.",
        prompt_kept="The prompt is kept.",
    ),
    "unanswered": Failure(
        "Nobody answered in time.",
        "The agent asked for permission or had a question, and nobody answered within {time}. The turn was stopped "
        "before anything was done about it.",
        "Resume: the agent goes on from here, and asks again if it still needs to.",
    ),
    "server_stopped": Failure(
        "Interrupted.",
        "Espalier was stopped while this turn ran.",
        "Resume to go on from here, or Retry.",
    ),
    "server_died": Failure(
        "Interrupted.",
        "Espalier ended unexpectedly while this turn ran. It was not run again by itself: it may have changed files.",
        "Resume to go on from here, or Retry.",
        kept="What was written until about a second before is kept.",
    ),
}
MAX_SAID = 500


def failure(kind: str, said: str = "", **particulars: object) -> tuple[str, str]:
    """A kind we know, and its sentence; it ends in what the other side itself said, where that is worth reading."""
    known = kind if kind in FAILURES else "unknown"
    sentence = FAILURES.get(known, UNKNOWN).sentence.format(**particulars)
    words = " ".join(said.split())[:MAX_SAID].rstrip(" .")
    return known, f"{sentence} Reported: “{words}”." if words else sentence


def times(count: int) -> str:
    """1 → "once", 2 → "twice", 5 → "5 times"."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
