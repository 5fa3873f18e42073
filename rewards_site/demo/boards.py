"""Boards of the demo centre, one in each way a board can be set, so that what motivates can be compared."""

from typing import NamedTuple

from goals.models import Goal
from leaderboards.enums import Names, Refresh, Rounds, RowsAre, RowsShown, Ties
from leaderboards.models import Board
from people.models import Division, Role, Team
from scorecards.models import Profile

from .plan import BERLIN_SUPPORT, CHAT, SALES


class Plan(NamedTuple):
    """A board; without a profile it is of the default one. `roles` are short names of roles that may open it."""

    name: str
    division: str
    profile: str = ""
    fields: dict = {}
    team: str = ""
    goals: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


PLANS = (
    Plan("Berlin sales", "Berlin", SALES, {"names": Names.ALL, "refresh": Refresh.LIVE, "by_improvement": True}),
    Plan("Berlin support", "Berlin", BERLIN_SUPPORT, {"by_improvement": True}, goals=("A week of full points",)),
    Plan("Bogotá ventas", "Bogotá", SALES, {"names": Names.TOP, "top": 3}),
    Plan("Bogotá servicio", "Bogotá", "", {"rows": RowsShown.NEIGHBOURS, "ties": Ties.DENSE}),
    Plan("Bengaluru", "Bengaluru", "", {"limit": 5}),
    Plan(
        "Bengaluru billing", "Bengaluru", "", {"refresh": Refresh.WEEKLY, "has_days": False}, team="Bengaluru billing"
    ),
    Plan("My team in Bengaluru", "Bengaluru", "", {"rows": RowsShown.OWN_TEAM}),
    Plan("Teams of Bengaluru", "Bengaluru", "", {"rows_are": RowsAre.TEAMS}, roles=("agent", "supervisor")),
    Plan("Chat by month", "Bengaluru", CHAT, {"rounds": Rounds.MONTHLY}),
)


def write_boards() -> None:
    """The boards; what they show follows when they are published."""
    divisions = {division.name: division for division in Division.objects.all()}
    profiles = {profile.name: profile for profile in Profile.objects.all()}
    profiles[""] = Profile.objects.get(is_default=True)
    for plan in PLANS:
        board = Board.objects.create(
            name=plan.name,
            division=divisions[plan.division],
            profile=profiles[plan.profile],
            team=Team.objects.get(name=plan.team) if plan.team else None,
            **plan.fields,
        )
        board.roles.set(Role.objects.filter(slug__in=plan.roles))
        board.goals.set(Goal.objects.filter(name__in=plan.goals))
