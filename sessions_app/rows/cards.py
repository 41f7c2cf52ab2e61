"""The rows of the home page: what each tree holds and costs, counted in two queries for all of them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum

from sessions_app.models import Conversation, Session, Turn, TurnStatus


@dataclass(frozen=True, slots=True)
class Card:
    conversation: Conversation
    branches: int
    turns: int
    running: int
    waiting: int
    queued: int
    cost_usd: Decimal | None

    @property
    def order(self) -> float:
        """Newest first: pages sort rows by growing order."""
        return -round(self.conversation.touched_at.timestamp(), 3)

    @property
    def status(self) -> str:
        return "waiting" if self.waiting else "running" if self.running else "queued" if self.queued else "idle"


def load_cards(conversations: Sequence[Conversation]) -> list[Card]:
    ids = [conversation.pk for conversation in conversations]
    branches: dict[uuid.UUID, int] = dict(
        Session.objects.filter(conversation__in=ids)
        .order_by()
        .values_list("conversation")
        .annotate(branches=Count("pk"))
    )
    turns = {
        row["conversation"]: row
        for row in Turn.objects.filter(conversation__in=ids)
        .order_by()
        .values("conversation")
        .annotate(
            turns=Count("pk"),
            running=Count("pk", filter=Q(status=TurnStatus.RUNNING)),
            waiting=Count("pk", filter=Q(status=TurnStatus.WAITING)),
            queued=Count("pk", filter=Q(status=TurnStatus.QUEUED)),
            cost=Sum("cost_usd"),
        )
    }
    cards = []
    for conversation in conversations:
        found = turns.get(conversation.pk)
        cards.append(
            Card(
                conversation,
                branches=branches.get(conversation.pk, 0),
                turns=found["turns"] if found else 0,
                running=found["running"] if found else 0,
                waiting=found["waiting"] if found else 0,
                queued=found["queued"] if found else 0,
                cost_usd=found["cost"] if found else None,
            )
        )
    return cards
