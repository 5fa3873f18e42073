"""One person is paid from one pool a period."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """A team goal that would pay a person from a pool in a period."""

    goal_id: int
    pool_id: int | None
    team_id: int
    is_home_queue: bool
    """The team's primary queue is the person's home queue on the last workday."""
    queue_weight: int
    member_from: dt.date

    @property
    def order(self) -> tuple:
        """Home queue first, then the heavier queue, the earlier membership, the lower team id."""
        return (not self.is_home_queue, -self.queue_weight, self.member_from, self.team_id, self.goal_id)


def keeper_of(claims: Iterable[Claim]) -> Claim:
    """The claim whose pool keeps the person; the goals of other pools exclude them."""
    return min(claims, key=lambda claim: claim.order)


def excluded_goals(claims: Iterable[Claim]) -> dict[int, Claim]:
    """Goal id → the claim that keeps the person, for each goal that must not pay them."""
    claims = list(claims)
    if len({claim.pool_id for claim in claims}) < 2:
        return {}
    keeper = keeper_of(claims)
    return {claim.goal_id: keeper for claim in claims if claim.pool_id != keeper.pool_id}
