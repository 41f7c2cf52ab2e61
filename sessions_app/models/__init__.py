"""What is stored: one noun per module."""

from sessions_app.models.conversation import Conversation
from sessions_app.models.message import Message, MessageKind, MessageState
from sessions_app.models.permission_request import ANSWERED, PermissionRequest, RequestKind, RequestState
from sessions_app.models.permission_rule import PermissionRule, RuleMatch, RuleScope
from sessions_app.models.project import WRITERS, Membership, Project, Role
from sessions_app.models.session import PermissionMode, Session
from sessions_app.models.transcript_entry import TranscriptEntry
from sessions_app.models.turn import ACTIVE, ENDED_BADLY, FINAL, UNFINISHED, Turn, TurnKind, TurnStatus
from sessions_app.models.user import SignInLink, User

__all__ = [
    "ACTIVE",
    "ANSWERED",
    "ENDED_BADLY",
    "FINAL",
    "UNFINISHED",
    "WRITERS",
    "Conversation",
    "Membership",
    "Message",
    "MessageKind",
    "MessageState",
    "PermissionMode",
    "PermissionRequest",
    "PermissionRule",
    "Project",
    "RequestKind",
    "RequestState",
    "Role",
    "RuleMatch",
    "RuleScope",
    "Session",
    "SignInLink",
    "TranscriptEntry",
    "Turn",
    "TurnKind",
    "TurnStatus",
    "User",
]
