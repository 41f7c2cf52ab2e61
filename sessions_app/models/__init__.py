"""What is stored: one noun per module."""

from sessions_app.models.conversation import Conversation
from sessions_app.models.message import Message, MessageKind, MessageState
from sessions_app.models.project import WRITERS, Membership, Project, Role
from sessions_app.models.session import Session
from sessions_app.models.transcript_entry import TranscriptEntry
from sessions_app.models.turn import ACTIVE, FINAL, UNFINISHED, Turn, TurnStatus
from sessions_app.models.user import SignInLink, User

__all__ = [
    "ACTIVE",
    "FINAL",
    "UNFINISHED",
    "WRITERS",
    "Conversation",
    "Membership",
    "Message",
    "MessageKind",
    "MessageState",
    "Project",
    "Role",
    "Session",
    "SignInLink",
    "TranscriptEntry",
    "Turn",
    "TurnStatus",
    "User",
]
