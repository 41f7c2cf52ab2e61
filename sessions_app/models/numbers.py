"""What turns cost: sums that never pass off the unknown as zero."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sessions_app.models.turn import Turn


@dataclass(frozen=True, slots=True)
class Numbers:
    """Sums over some turns: USD, tokens in and out (cached ones included), milliseconds. None = nothing known."""

    turns: int = 0
    cost_usd: Decimal | None = None
    tokens: int | None = None
    duration_ms: int | None = None

    @classmethod
    def of(cls, turns: Iterable[Turn]) -> "Numbers":
        counted = list(turns)
        costs = [turn.cost_usd for turn in counted if turn.cost_usd is not None]
        tokens = [turn.total_tokens for turn in counted if turn.total_tokens is not None]
        times = [turn.duration_ms for turn in counted if turn.duration_ms is not None]
        return cls(
            turns=len(counted),
            cost_usd=sum(costs, Decimal(0)) if costs else None,
            tokens=sum(tokens) if tokens else None,
            duration_ms=sum(times) if times else None,
        )
