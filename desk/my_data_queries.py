"""What Laurel knows about one person, as that person may read and take it along."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Max, Min, Q

from foundation.periods import DAY, Kind, Period
from foundation.records.retention import Kept, kinds
from goals.models import Adjustment, Review, SnapshotMember
from inbox.models import Mailing, Notification
from interactions.models import Evaluation, Leg
from leaderboards.models import RoundMember
from ledger.enums import AccountKind
from ledger.models import Account
from ledger.queries import history_of
from metrics.models import DayValue, Metric
from people.access import Seer, seers_of
from people.enums import Page
from people.models import Look, Objection, User
from people.queries import is_out_of_boards
from rewards.catalogue.models import Decision
from rewards.recognition.models import Gift
from rewards.thanks.models import Resolution, Response
from scorecards.models import BadgeAward, DayRevision, ScoreDay
from scorecards.page_queries import export_rows
from scorecards.tables import EXPORT_COLUMNS, export_cells

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
    has_more_looks: bool
    is_off_boards: bool
    back_on: dt.date | None
    legs: int
    first_on: dt.date | None
    kept: list[Kept]
    objections: list[Objection]


def my_data(person: User, *, on: dt.date) -> MyData:
    """The page of one person. The same few queries whatever there is."""
    coming = person.board_choices.filter(from_on__gt=on, is_out=False).values_list("from_on", flat=True).first()
    is_out = is_out_of_boards(person, on=on)
    looks = _looks(person)
    return MyData(
        measured=_measured(person),
        seers=seers_of(person, on=on),
        looks=looks[:MOST_LOOKS],
        has_more_looks=len(looks) > MOST_LOOKS,
        is_off_boards=is_out,
        back_on=coming if is_out else None,
        legs=Leg.objects.filter(agent=person).count(),
        first_on=ScoreDay.objects.filter(agent=person).aggregate(first=Min("workday"))["first"],
        kept=kinds(),
        objections=list(person.objections.select_related("answered_by")),
    )


def _measured(person: User) -> list[Measured]:
    rows = DayValue.objects.filter(agent=person, metric__narrowed_from__isnull=True).order_by().values("metric")
    found = {row["metric"]: row for row in rows.annotate(days=Count("pk"), first=Min("workday"), last=Max("workday"))}
    metrics = Metric.objects.filter(pk__in=found).order_by("position", "key")
    return [Measured(each, *(found[each.pk][name] for name in ("days", "first", "last"))) for each in metrics]


def _looks(person: User) -> list[Looked]:
    rows = Look.objects.filter(person=person).order_by("-hour", "viewer__name", "page")
    found = rows.values_list("viewer__name", "page", "hour")[: MOST_LOOKS + 1]
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
            "choices_on_pages": person.page_choices,
        },
        "divisions": _rows(person.division_assignments.order_by("from_on"), "from_on", "division__name"),
        "teams": _rows(person.team_memberships.order_by("from_on"), "from_on", "until_on", "team__name"),
        "queues": _rows(person.queue_memberships.order_by("from_on"), "from_on", "until_on", "queue__name", "weight"),
        "teams_led": _rows(person.led_teams.order_by("from_on"), "from_on", "until_on", "team__name"),
        "profiles": _rows(person.profile_assignments.order_by("from_on"), "from_on", "profile__name"),
        "roles": _rows(person.grants.order_by("pk"), "role__name", "division__name"),
        "leaderboard_choices": _rows(person.board_choices.order_by("from_on"), "from_on", "is_out", "at"),
        "objections": _rows(person.objections.order_by("at"), "at", "text", "answer", "answered_at"),
        "workdays": [dict(zip(EXPORT_COLUMNS, cells, strict=True)) for cells in measurements(person, on=on)],
        "interactions": _rows(Leg.objects.filter(agent=person).order_by("started_at", "pk"), *LEG_COLUMNS),
        "readings": _rows(
            person.readings.order_by("pk"), "metric__name", "workday", "kind", "value", "count", "source", "at"
        ),
        "goal_scores": _rows(
            person.goal_scores.order_by("pk"),
            *("named", "occurred_at", "workday", "score", "source", "session_id", "metadata", "at"),
        ),
        "revised_values": _rows(
            DayRevision.objects.filter(agent=person).order_by("pk"),
            *("metric__name", "workday", "total_before", "count_before", "total_after", "count_after", "at"),
        ),
        "quality_evaluations": _rows(
            Evaluation.objects.filter(agent=person, released=True).order_by("workday", "pk"),
            *("workday", "form", "score", "maximum"),
        ),
        "goal_results": _rows(
            SnapshotMember.objects.filter(person=person).order_by("pk"),
            *("snapshot__goal__name", "snapshot__period", "total", "count", "days", "status", "points", "unpaid"),
        ),
        "goal_payouts": _rows(
            person.payouts.order_by("pk"), "goal__name", "period", "transfer__points", "transfer__at"
        ),
        "goal_reviews": _rows(
            Review.objects.filter(person=person).order_by("pk"),
            *("snapshot__goal__name", "snapshot__period", "cause", "at", "decision__decision", "decision__reason"),
        ),
        "goal_adjustments": _rows(
            Adjustment.objects.filter(person=person).order_by("pk"),
            *("decision__review__snapshot__goal__name", "points_before", "points_after", "decision__at"),
        ),
        "badges": _rows(
            BadgeAward.objects.filter(person=person).order_by("pk"),
            *("level__badge__name", "level__number", "level__threshold", "reached_on", "value", "at"),
        ),
        "notifications": _rows(
            Notification.objects.filter(person=person).order_by("pk"), "kind", "params", "by__name", "at", "read_at"
        ),
        "notification_choices": _rows(person.inbox_switches.order_by("kind"), "kind", "in_app", "in_digest"),
        "daily_mail": _rows(Mailing.objects.filter(person=person), "is_on", "language"),
        "daily_mails_sent": _rows(person.digests.order_by("pk"), "day", "sent_at"),
        "recognition": _rows(
            Gift.objects.filter(Q(giver=person) | Q(recipient=person)).order_by("pk"),
            *("kind", "giver__name", "recipient__name", "points", "note", "at", "taken_back__reason"),
        ),
        "recognition_budgets": _rows(person.recognition_budgets.order_by("from_on"), "from_on", "points"),
        "customer_thanks": _rows(
            Response.objects.filter(agent=person).order_by("pk"),
            *("workday", "way", "recommend", "wants_reward", "gift", "ending", "asked_at"),
        ),
        "thanks": _rows(person.thanks.order_by("pk"), "workday", "points", "capped", "at"),
        "thanks_given_by_hand": _rows(
            Resolution.objects.filter(agent=person).order_by("pk"), "response__workday", "reason", "at"
        ),
        "catalogue_requests": _rows(person.item_requests.order_by("pk"), "item_name", "points", "status", "at"),
        "catalogue_decisions": _rows(
            Decision.objects.filter(request__person=person).order_by("pk"),
            *("request__item_name", "status", "reason", "at"),
        ),
        "reward_points": _transfers(person),
        "leaderboards": _rows(
            RoundMember.objects.filter(person=person).order_by("round__starts_on", "round"),
            *("round__board__name", "round__period", "round__verdict"),
        ),
        "who_looked": _rows(Look.objects.filter(person=person).order_by("hour"), "hour", "viewer__name", "page"),
        "own_looks": _rows(Look.objects.filter(viewer=person).order_by("hour"), "hour", "page"),
    }


def measurements(person: User, *, on: dt.date) -> Iterator[list]:
    """Every value and score of the person, in the columns of the scorecard's file."""
    first = DayValue.objects.filter(agent=person).aggregate(first=Min("workday"))["first"]
    if first is not None:
        period = Period(first, max(on, first) + DAY, Kind.CUSTOM)
        yield from (list(export_cells(row)) for row in export_rows(person, period=period))


def _rows(rows, *columns: str) -> list[dict]:
    names = [column.removesuffix("__name").rsplit("__", maxsplit=1)[-1] for column in columns]
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
