"""What a page shows and wants to hear about: parsed from its first message."""

import uuid
from dataclasses import dataclass, field, replace
from typing import Any

from sessions_app.models import Conversation, Project, Session, User

MAX_PANES = 8
MAX_TREES = 4


class SubscriptionError(ValueError):
    """The message is not one that our page would send."""


@dataclass(slots=True)
class Subscription:
    """`panes`: session → the revision the page has. `trees`: conversations whose outline it shows. `side`: the one
    whose branches its side list shows. `home`: whether it shows the list of trees. `needs`: how many requests it says
    wait for its person; `requests`: whether it shows the list of them.
    """

    panes: dict[uuid.UUID, int] = field(default_factory=dict)
    trees: set[uuid.UUID] = field(default_factory=set)
    side: uuid.UUID | None = None
    home: bool = False
    needs: int = 0
    requests: bool = False

    @property
    def all_trees(self) -> set[uuid.UUID]:
        """Every tree whose changes matter to the page."""
        return self.trees | ({self.side} if self.side else set())


def parse_subscription(said: Any) -> Subscription:
    """From {"panes": {uuid: revision}, "trees": [uuid], "side": uuid, "home": bool, "needs": number, "requests": bool},
    all of them optional.

    Raise ValueError (SubscriptionError is one) for anything else.
    """
    if not isinstance(said, dict):
        raise SubscriptionError("not an object")
    panes, trees = said.get("panes", {}), said.get("trees", [])
    if not isinstance(panes, dict) or not isinstance(trees, list):
        raise SubscriptionError("panes or trees have the wrong shape")
    if len(panes) > MAX_PANES or len(trees) > MAX_TREES:
        raise SubscriptionError(f"at most {MAX_PANES} branches and {MAX_TREES} trees at once")
    return Subscription(
        panes={uuid_of(session): number_of(revision) for session, revision in panes.items()},
        trees={uuid_of(tree) for tree in trees},
        side=uuid_of(said["side"]) if said.get("side") else None,
        home=bool(said.get("home")),
        needs=number_of(said.get("needs", 0)),
        requests=bool(said.get("requests")),
    )


def parse_resync(said: dict[str, Any]) -> int:
    """From {"resync": message}: the page has lost count of this message's text."""
    if type(said["resync"]) is not int:
        raise SubscriptionError("a message is a number")
    return said["resync"]


def uuid_of(said: Any) -> uuid.UUID:
    if not isinstance(said, str):
        raise SubscriptionError("an id is a string")
    return uuid.UUID(said)


def number_of(said: Any) -> int:
    if type(said) is not int or not 0 <= said < 2**63:
        raise SubscriptionError("a revision or a count is a number from 0")
    return said


def admit(user: User, asked: Subscription) -> tuple[Subscription, list[int]]:
    """What of it `user` may see, and the projects whose changes and requests can concern them."""
    panes = Session.objects.visible_to(user).filter(pk__in=asked.panes).values_list("pk", flat=True)
    trees = Conversation.objects.visible_to(user).filter(pk__in=asked.trees).values_list("pk", flat=True)
    projects = Project.objects.visible_to(user).values_list("pk", flat=True)
    visible = Conversation.objects.visible_to(user)
    side = asked.side if asked.side and visible.filter(pk=asked.side).exists() else None
    shown = {session: asked.panes[session] for session in panes}
    admitted = replace(asked, panes=shown, trees=set(trees), side=side)
    return admitted, list(projects)
