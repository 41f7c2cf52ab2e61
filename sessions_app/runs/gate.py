"""The gate: holds an agent's calls until they are decided, by what is known already or by a person."""

from django.utils import timezone

from sessions_app.agents.agent import Agent
from sessions_app.agents.events import ModeChanged, PermissionAsked
from sessions_app.models import PermissionMode, Turn
from sessions_app.runs.asking import Asking
from sessions_app.runs.in_thread import in_thread


class Gate:
    """One turn's. `ask()` for each PermissionAsked, `look()` whenever an answer may have come."""

    def __init__(self, turn: Turn, agent: Agent, asking: Asking) -> None:
        self.agent = agent
        self.asking = asking
        self.mode = PermissionMode(turn.session.permission_mode)
        # The tool use ids that a person is asked about.
        self.waiting: set[str] = set()

    async def change_mode(self, changed: ModeChanged) -> None:
        """The agent began to plan, or a plan was approved: the branch shows it and keeps it for its next turn."""
        self.mode = changed.mode
        await in_thread(self.asking.writer.change_mode, changed.mode)

    async def ask(self, asked: PermissionAsked) -> None:
        decision = await in_thread(self.asking.open, asked, self.mode)
        if decision is None:
            self.waiting.add(asked.tool_use_id)
        else:
            self.agent.decide(asked.tool_use_id, decision)

    async def look(self) -> None:
        """Pass on the answers that have come."""
        if not self.waiting:
            return
        # A copy: while the thread reads it, more may be asked.
        for call, decision in (await in_thread(self.asking.decided, set(self.waiting))).items():
            self.waiting.discard(call)
            self.agent.decide(call, decision)

    async def is_overdue(self) -> bool:
        """Whether something has waited for its answer as long as it may."""
        return bool(self.waiting) and await in_thread(self.asking.expire, timezone.now())
