"""What a model has to be told of a branch in any case, whatever ended its turns."""

from collections.abc import Iterator

from sessions_app.models import Message, MessageKind, MessageState, Session, Turn, TurnStatus
from sessions_app.models.transcript import Transcript, load_transcript

SAID = (MessageKind.TEXT, MessageKind.TOOL)


def turns_in(transcript: Transcript) -> list[Turn]:
    """The turns that are part of the history: neither set aside nor taken back before they started."""
    gone = transcript.set_aside
    return [turn for turn in transcript.turns if turn.pk not in gone and not turn.never_started]


def is_whole(session: Session) -> bool:
    """Whether every turn of it came to its own end, with every word at the first attempt."""
    transcript = load_transcript(session)
    return all(
        (turn.status == TurnStatus.DONE or turn.pk in transcript.left_at)
        and all(message.state == MessageState.DONE for message in transcript.messages_of(turn))
        for turn in turns_in(transcript)
    )


def kept_in(session: Session) -> list[str]:
    """Up to the prompt of the last turn."""
    transcript = load_transcript(session)
    *turns, last = turns_in(transcript)
    kept = [words.strip() for turn in turns for words in said_in(turn, transcript.messages_of(turn))]
    return [*filter(None, kept), last.prompt]


def said_in(turn: Turn, messages: list[Message]) -> Iterator[str]:
    said = [message for message in messages if message.kind in SAID]
    if said or turn.status == TurnStatus.DONE:
        # The prompt of a turn that ended before anything came of it may never have been sent.
        yield turn.prompt
    for message in said:
        if message.kind != MessageKind.TEXT:
            continue
        # An attempt that was given up, and followed by another, is seen by people only.
        if message.state == MessageState.DONE or (message is said[-1] and turn.status != TurnStatus.DONE):
            yield message.text
