"""What Laurel knows about one person, as that person may read and take it along."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Max, Min

from foundation.periods import DAY, Kind, Period
from goals.models import SnapshotMember
from interactions.models import Evaluation, Leg
from ledger.enums import AccountKind
from ledger.models import Account
from ledger.queries import history_of
from metrics.models import DayValue, Metric
from people.access import Seer, seers_of
from people.enums import Page
from people.models import Look, User
from people.queries import is_out_of_boards
from scorecards.models import ScoreDay
from scorecards.page_queries import export_rows
from scorecards.tables import EXPORT_COLUMNS, export_cells

LOOKS_DAYS = 90
MOST_LOOKS = 200
LEG_COLUMNS = ("source", "external_id", "leg_number", "workday", "started_at", "ended_at", "media_type", "direction")
LEG_COLUMNS += ("queue__name", "wait_seconds", "talk_seconds", "hold_seconds", "after_call_seconds", "answered")
LEG_COLUMNS += ("abandoned", "transferred", "resolved", "wrap_up", "rating")


@dataclass(frozen=True)
class Measured:
    """A metric of which there are values of the person, over so many workdays."""

    metric: Metric
    days: int
    first_on: dt.date
    last_on: dt.date


@dataclass(frozen=True)
class Looked:
    """Somebody saw the person's figures on a page in the hour from `hour` on."""

    name: str
    page: str
    hour: dt.datetime

    @property
    def until(self) -> dt.datetime:
        return self.hour + dt.timedelta(hours=1)


@dataclass(frozen=True)
class MyData:
    """`back_on`: the day from which the person, who stays off boards, stands on them again."""

    measured: list[Measured]
    seers: list[Seer]
    looks: list[Looked]
    is_off_boards: bool
    back_on: dt.date | None
    legs: int
    first_on: dt.date | None


def my_data(person: User, *, on: dt.date, at: dt.datetime) -> MyData:
    """The page of one person. The same few queries whatever there is."""
    coming = person.board_choices.filter(from_on__gt=on, is_out=False).values_list("from_on", flat=True).first()
    is_out = is_out_of_boards(person, on=on)
    return MyData(
        measured=_measured(person),
        seers=seers_of(person, on=on),
        looks=_looks(person, since=at - LOOKS_DAYS * DAY),
        is_off_boards=is_out,
        back_on=coming if is_out else None,
        legs=Leg.objects.filter(agent=person).count(),
        first_on=ScoreDay.objects.filter(agent=person).aggregate(first=Min("workday"))["first"],
    )


def _measured(person: User) -> list[Measured]:
    rows = DayValue.objects.filter(agent=person, metric__narrowed_from__isnull=True).order_by().values("metric")
    found = {row["metric"]: row for row in rows.annotate(days=Count("pk"), first=Min("workday"), last=Max("workday"))}
    metrics = Metric.objects.filter(pk__in=found).order_by("position", "key")
    return [Measured(each, *(found[each.pk][name] for name in ("days", "first", "last"))) for each in metrics]


def _looks(person: User, *, since: dt.datetime) -> list[Looked]:
    rows = Look.objects.filter(person=person, hour__gte=since).order_by("-hour", "viewer__name", "page")
    found = rows.values_list("viewer__name", "page", "hour")[:MOST_LOOKS]
    return [Looked(name, Page(page).label, hour) for name, page, hour in found]


# To take along -----------------------------------------------------------------------------------------------------


def everything_about(person: User, *, on: dt.date) -> dict:
    """All that Laurel holds about a person, as plain values: numbers exact, as text where they are not whole."""
    return {
        "person": {
            "id": str(person.public_id),
            "name": person.name,
            "short_name": person.short_name,
            "email": person.email,
            "id_in_source_system": person.external_id,
            "joined_at": person.joined_at,
            "is_active": person.is_active,
            "last_signed_in_at": person.last_login,
        },
        "divisions": _rows(person.division_assignments.order_by("from_on"), "from_on", "division__name"),
        "teams": _rows(person.team_memberships.order_by("from_on"), "from_on", "until_on", "team__name"),
        "queues": _rows(person.queue_memberships.order_by("from_on"), "from_on", "until_on", "queue__name", "weight"),
        "roles": _rows(person.grants.order_by("pk"), "role__name", "division__name"),
        "leaderboard_choices": _rows(person.board_choices.order_by("from_on"), "from_on", "is_out", "at"),
        "workdays": [dict(zip(EXPORT_COLUMNS, cells, strict=True)) for cells in measurements(person, on=on)],
        "interactions": _rows(Leg.objects.filter(agent=person).order_by("started_at", "pk"), *LEG_COLUMNS),
        "quality_evaluations": _rows(
            Evaluation.objects.filter(agent=person, released=True).order_by("workday", "pk"),
            *("workday", "form", "score", "maximum"),
        ),
        "goal_results": _rows(
            SnapshotMember.objects.filter(person=person).order_by("pk"),
            *("snapshot__goal__name", "snapshot__period", "total", "count", "days", "status", "points", "unpaid"),
        ),
        "reward_points": _transfers(person),
        "who_looked": _rows(Look.objects.filter(person=person).order_by("hour"), "hour", "viewer__name", "page"),
    }


def measurements(person: User, *, on: dt.date) -> Iterator[list]:
    """Every value and score of the person, in the columns of the scorecard's file."""
    first = DayValue.objects.filter(agent=person).aggregate(first=Min("workday"))["first"]
    if first is not None:
        period = Period(first, max(on, first) + DAY, Kind.CUSTOM)
        yield from (list(export_cells(row)) for row in export_rows(person, period=period))


def _rows(rows, *columns: str) -> list[dict]:
    names = [column.removesuffix("__name").replace("snapshot__", "") for column in columns]
    return [dict(zip(names, row, strict=True)) for row in rows.values_list(*columns)]


def _transfers(person: User) -> list[dict]:
    account = Account.objects.filter(person=person, kind=AccountKind.PERSON).first()
    rows = history_of(account) if account else ()
    return [
        {
            "at": row.at,
            "kind": row.kind,
            "purpose": row.purpose,
            "points": row.points if row.credit_id == account.pk else -row.points,
            "expires_on": row.expires_on,
            "reference": row.reference,
        }
        for row in rows
    ]
