"""Whose sums members of team goals see: a total is shown only if nobody can be told by it."""

import datetime as dt
from collections import defaultdict

from django.conf import settings
from django.core.cache import cache

from foundation.periods import DAY
from people.models import TeamMembership
from people.rules.publishing import Alike
from scorecards.models import ScoreDay
from scorecards.queries import scored_places_on

from ..enums import Counted, Scope
from ..models import Goal

REMEMBERED_SECONDS = 300
FIGURES_WITHIN = 35 * DAY
"""People without figures would only seem to hide the others."""


def shown_totals(on: dt.date) -> dict[int, frozenset[int]]:
    """Goal id → members, of the team goals whose total members may see on a day, remembered for `REMEMBERED_SECONDS`.

    Beside the people of each profile in each division, whose figures stand on boards, the totals are admitted the
    largest team first: whoever is alike in all of them is one of many.
    """
    key = f"goals.shown-totals.{on}"
    found = cache.get(key)
    if found is None:
        found = _admitted(on)
        cache.set(key, found, REMEMBERED_SECONDS)
    return found


def _admitted(on: dt.date) -> dict[int, frozenset[int]]:
    with_figures = set(
        ScoreDay.objects.filter(workday__gt=on - FIGURES_WITHIN, workday__lte=on)
        .order_by()
        .values_list("agent_id", flat=True)
    )
    places: dict[tuple, set[int]] = defaultdict(set)
    for person, place in scored_places_on(on).items():
        if person in with_figures:
            places[place].add(person)
    alike = Alike(places.values(), minimum=settings.LAUREL_MINIMUM_GROUP)
    scored = frozenset().union(*places.values())
    members = {goal: people & scored for goal, people in _members(on).items()}
    ranked = sorted(members, key=lambda goal: (-len(members[goal]), goal))
    return {goal: members[goal] for goal in ranked if alike.admit(members[goal])}


def _members(on: dt.date) -> dict[int, frozenset[int]]:
    goals = Goal.objects.filter(scope=Scope.TEAM, is_active=True, starts_on__lte=on).exclude(counted=Counted.REPORTED)
    teams: dict[int, set[int]] = defaultdict(set)
    rows = TeamMembership.objects.on(on).filter(team__in=goals.values("team")).values_list("team_id", "person_id")
    for team, person in rows:
        teams[team].add(person)
    pairs = goals.exclude(ends_on__lte=on).values_list("pk", "team_id")
    return {goal: frozenset(teams[team]) for goal, team in pairs}
