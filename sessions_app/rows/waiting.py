"""What waits for a person's answer, in every branch they can see."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count

from sessions_app.models import WRITERS, Membership, Message, PermissionRequest, Session, User
from sessions_app.models.transcript import WITH_REQUEST
from sessions_app.rows.panes import Viewer

MOST = 100


@dataclass(frozen=True, slots=True)
class WaitingEntry:
    message: Message
    session: Session
    viewer: Viewer


def count_waiting(user: User) -> int:
    """How many requests `user` could answer: what only readers see needs somebody else."""
    return PermissionRequest.objects.writable_by(user).pending().count()


def waiting_for(users: Collection[int]) -> dict[int, int]:
    """How many requests each of these people could answer, in one query; nobody stands for none."""
    member = "turn__conversation__project__memberships"
    pending = PermissionRequest.objects.pending().filter(
        **{f"{member}__user__in": users, f"{member}__role__in": WRITERS}
    )
    return dict(pending.order_by().values_list(f"{member}__user").annotate(Count("pk")))


def waiting_entries(user: User) -> list[WaitingEntry]:
    """The oldest first, at most a hundred, in two queries."""
    writable = set(Membership.objects.filter(user=user, role__in=WRITERS).values_list("project_id", flat=True))
    waiting = PermissionRequest.objects.visible_to(user).pending().order_by("pk").values("message")[:MOST]
    messages = Message.objects.filter(pk__in=list(waiting.values_list("message", flat=True)))
    found = messages.select_related("turn__session__conversation", *WITH_REQUEST).order_by("pk")
    entries = []
    for message in found:
        session = message.turn.session
        viewer = Viewer(user.pk, session.conversation.project_id in writable)
        entries.append(WaitingEntry(message, session, viewer))
    return entries
