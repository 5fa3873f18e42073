"""Reads of what other systems reported: its goal here, where its source is asked, and whom it would pay."""

from urllib.parse import quote

from foundation.periods import parse_period
from goals.models import Goal
from goals.queries.facts import memberships_of
from people.models import User

from .models import GoalLink, Report, Source


def is_linked(source: Source, external_goal: str) -> bool:
    return GoalLink.objects.filter(source=source, external_id=external_goal).exists()


def goal_of(report: Report) -> Goal | None:
    """The goal here that is linked to the one that a report is about."""
    links = GoalLink.objects.filter(source=report.source, external_id=report.external_goal)
    link = links.select_related("goal").first()
    return link.goal if link else None


def status_url_of(report: Report) -> str:
    """The source's status address for the goal and period of a report."""
    values = {"{goalId}": report.external_goal, "{period}": report.period}
    url = report.source.status_url
    for name, value in values.items():
        url = url.replace(name, quote(value, safe=""))
    return url


def is_paid_by(report: Report, person: User) -> bool:
    """Whether a person is a member of the goal that a report would pay, in its period."""
    goal, period = goal_of(report), parse_period(report.period)
    return goal is not None and any(each.person_id == person.pk for each in memberships_of([goal], period))
