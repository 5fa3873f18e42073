"""Standings are taken: what days add up to by every ranking of a board, in rows that pages read as they are."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial

from django.db import connection, transaction
from django.db.models import Q

from foundation.jobs.actions import claim
from foundation.periods import DAY, Kind, Period, period_of
from foundation.records.sets import insert_rows
from people.models import Division
from people.queries import out_of_boards_on
from people.rules.privacy import TieRule, Value, minimum_group, ranks
from people.rules.publishing import is_whole, may_lose
from scorecards.models import Profile

from ..enums import Refresh, Verdict
from ..models import Board, Publication, Round, Standing
from ..queries.boards import rankings_of
from ..queries.figures import all_measured, measured_rows, point_rows, points_by_agent
from ..queries.pages import minimum_of
from ..queries.populations import Day, day_of
from ..queries.standings import closings_of, parts_of, publication_of, scored_days, standings_before
from ..rules import rounds
from ..rules.ranking import POINTS, Ranking, Sums, values_for
from ..rules.teams import Rows, TeamSums, added_up_by_team
from .rounds import make_standard_boards, open_rounds

JOB = "publish_boards"
EVERYBODY = 0
COLUMNS = (
    "publication_id", "ranking", "place", "rank", "owner", "numerator", "denominator", "points", "maximum",
    "numerator_before", "denominator_before", "risen",
)  # fmt: skip


def publish_boards(*, at: dt.datetime) -> int:
    """Publishes what is due in every division. How many standings were taken."""
    days = cache(day_of)
    return sum(_publish_division(division, days, at=at) for division in Division.objects.order_by("pk"))


@transaction.atomic
def _publish_division(division: Division, days, *, at: dt.datetime) -> int:
    claim(JOB)
    local = at.astimezone(division.zone)
    first = local.date() - DAY * (max(rounds.HISTORY_DAYS.values()) + 31)
    scored = scored_days(division, from_on=first, until_on=local.date() + DAY)
    profiles = Profile.objects.in_bulk()
    make_standard_boards(division, profiles, {profile for profile, _ in scored})
    boards = list(Board.objects.filter(division=division, is_active=True).select_related("profile", "division"))
    by_profile: dict[int, list[Board]] = defaultdict(list)
    for board in boards:
        by_profile[board.profile_id].append(board)
    closed_at = closings_of(division, from_on=first)
    return sum(
        _publish_profile(
            by_profile[profile], {day for each, day in scored if each == profile}, closed_at, days, local, at=at
        )
        for profile in sorted(by_profile)
    )


def _publish_profile(boards: list[Board], scored: set[dt.date], closed_at, days, local: dt.datetime, *, at) -> int:
    """The boards of one profile in one division, period by period, oldest first."""
    done = 0
    for board in boards:
        for is_hourly in {board.refresh == Refresh.HOURLY, False}:
            done += _publish_board(_Due(board, boards, scored, closed_at, days, local, at, is_hourly))
    return done


@dataclass(frozen=True)
class _Due:
    """What one look at a board needs to know."""

    board: Board
    beside: list[Board]
    """All boards of the same profile in the same division."""
    scored: set[dt.date]
    closed_at: Mapping[dt.date, dt.datetime]
    days: object
    local: dt.datetime
    at: dt.datetime
    is_hourly: bool
    """Whether this look is for the rounds that a board names everyone in and refreshes every hour. Its other rounds are
    those of a daily board: rows without names never move within the day."""

    @property
    def kind(self) -> Kind:
        return Kind(self.board.rounds)

    @property
    def until(self) -> dt.date:
        """The day before which workdays are published."""
        if self.is_hourly:
            return self.local.date() + DAY
        day = rounds.as_of(self.local, hour=self.board.refresh_at)
        return rounds.monday_of(day) if self.board.refresh == Refresh.WEEKLY else day

    @property
    def since(self) -> dt.datetime:
        """What was taken since then needs not be taken again."""
        if self.is_hourly:
            return self.local.replace(minute=0, second=0, microsecond=0)
        return dt.datetime.combine(self.until, self.board.refresh_at, self.board.division.zone)

    def is_final(self, workdays: Iterable[dt.date]) -> bool:
        return all(day in self.closed_at for day in workdays)

    def is_frozen(self, period: Period, workdays: Iterable[dt.date]) -> bool:
        return rounds.is_frozen(period, on=self.local.date()) and all(
            day in self.closed_at and self.closed_at[day] + rounds.LATE_DAYS * DAY <= self.at for day in workdays
        )


def _publish_board(due: _Due) -> int:
    """A period is due once all its workdays so far are final (at once where everyone stands by name and the board is
    refreshed every hour), until it is frozen. A week or month is opened on its first day."""
    periods = rounds.periods_before(due.until, kind=due.kind, has_days=due.board.has_days)
    done_with = set(
        due.board.publications.filter(starts_on__gte=periods[0].start - 31 * DAY)
        .filter(Q(is_frozen=True) | Q(made_at__gte=due.since))
        .values_list("period", flat=True)
    )
    done, opened = 0, cache(lambda period: _opened(due, period))
    for period in periods:
        workdays = [day for day in due.scored if day in period and day < due.until]
        if not workdays or period.key in done_with or not (due.is_hourly or due.is_final(workdays)):
            continue
        round_ = opened(period_of(due.kind, period.start))
        if round_ is not None and due.is_hourly == (due.board.refresh == Refresh.HOURLY and round_.row.names_everyone):
            done += _publish_period(due, round_, period, workdays)
    opened(period_of(due.kind, due.local.date()))
    return done


def _opened(due: _Due, period: Period) -> "_Round | None":
    """The round of the board, opened with those beside it; None where it is not shown."""
    board = due.board
    row = Round.objects.filter(board=board, period=period.key).first()
    if row is None:
        beside = [each for each in due.beside if each.rounds == board.rounds]
        open_rounds(beside, period, due.days(period.start), at=due.at)
        row = Round.objects.get(board=board, period=period.key)
    if row.verdict != Verdict.SHOWN:
        return None
    return _Round(row, parts_of(row))


@dataclass(frozen=True)
class _Round:
    row: Round
    parts: Mapping[int, set[int]]


def _publish_period(due: _Due, round_: _Round, period: Period, workdays: list[dt.date]) -> int:
    """Of the people who were there when the round and the period began, those who are still; nothing new where so few
    have left since that they could be told by what is missing. Who stays off boards takes the running period along."""
    board, minimum = due.board, minimum_of(due.board)
    began, stayed = _began(due, round_, period), _there(due, rounds.last_day(period, before=due.until))
    parts = {part: people & began for part, people in round_.parts.items()}
    there = set().union(*parts.values())
    if board.has_team_rows and not _teams_are_whole(round_):
        return 0
    if not round_.row.has_names:
        if any(0 < len(people) <= minimum < len(round_.parts[part]) for part, people in parts.items()):
            return 0
        if not may_lose(parts, stayed, minimum=minimum):
            if (there - stayed) & out_of_boards_on(due.until):
                Publication.objects.filter(board=board, period=period.key).delete()
            return 0
    return publish(
        board,
        period,
        people=frozenset(there & stayed),
        before=due.until,
        at=due.at,
        round_=round_.row,
        is_frozen=due.is_frozen(period, workdays),
    )


def _began(due: _Due, round_: _Round, period: Period) -> frozenset[int]:
    """Whose figures a standing of the period held or would have held at first. Where people stood is asked of what was
    published, since memberships may be dated back, and whoever is deactivated stood nowhere, by today's records."""
    everyone = frozenset().union(*round_.parts.values())
    if period.start == round_.row.starts_on:
        return everyone
    published = publication_of(due.board, period)
    if published is None:
        return _there(due, period.start)
    if due.board.has_team_rows:
        return everyone
    owners = published.rows.order_by().values_list("owner", flat=True).distinct()
    return _there(due, period.start) | (everyone & frozenset(owners))


def _teams_are_whole(round_: _Round) -> bool:
    """Whether the teams with a row still hold whole parts: a membership dated back would move one person's figures."""
    return all(is_whole(members, round_.parts) for members in _teams(round_.row).values())


def _there(due: _Due, day: dt.date) -> frozenset[int]:
    """Who is scored by the board's profile in its division on a day, and does not stay off boards."""
    there: Day = due.days(day)
    return there.at((due.board.profile_id, due.board.division_id))


@transaction.atomic
def publish(
    board: Board,
    period: Period,
    *,
    people: frozenset[int],
    before: dt.date,
    at: dt.datetime,
    round_: Round | None = None,
    is_frozen: bool = False,
) -> int:
    """Takes the standing of a period anew, of these people and the workdays before a day. 1, or 0 where none of them
    has figures. Rows that say what they said are not written again.
    """
    days = Period(period.start, min(period.end, before), period.kind)
    parts = parts_of(round_) if round_ else {}
    rankings = rankings_of(board, on=(days.last,), kind=period.kind, members_on=round_.starts_on if round_ else None)
    rankings = [each for each in rankings if each.members is None or is_whole(each.members, parts)]
    linked = bool(round_ and _is_linked(round_))
    sums = _Sums.of(board, days, rankings, people, round_ if board.has_team_rows else None, linked=linked)
    if not sums.points:
        return 0
    publication, _ = Publication.objects.get_or_create(
        board=board,
        period=period.key,
        defaults={"starts_on": period.start, "ends_on": period.end, "made_at": at},
    )
    digest = sums.digest(board.ties)
    if digest != publication.digest:
        publication.counts = _write(publication, rankings, sums)
        publication.digest = digest
        publication.points, publication.scored_days, publication.people = sums.together
        publication.measured = sums.measured
    publication.made_at, publication.is_frozen = at, is_frozen
    publication.save()
    return 1


def _is_linked(round_: Round) -> bool:
    """Whether rows may say how much somebody improved: of rows without names where the round says so; by name where the
    round before named everyone too."""
    if not round_.has_names:
        return round_.is_linked
    before = Round.objects.filter(board=round_.board_id, starts_on__lt=round_.starts_on).order_by("-starts_on").first()
    return bool(round_.names_everyone and before and before.names_everyone)


@dataclass(frozen=True)
class _Sums:
    """The sums of whoever has a row: people, or teams. `values`: ranking key → owner → value."""

    points: Mapping[int, Sums]
    values: Mapping[str, Mapping[int, Value]]
    together: tuple[int, int, int]
    """Points, scored days and people of the board's average, whether or not a row shows them."""
    measured: Mapping[int, list[int]]
    """Metric id → their total, their count and how many of them have data; none where rows are teams."""

    @classmethod
    def of(cls, board, days: Period, rankings: list[Ranking], people, teams_of: Round | None, *, linked: bool):
        metrics = {each.metric_id for each in rankings if each.metric_id is not None}
        points = _only(points_by_agent(board, days), people)
        before = _points_before(board, days) if linked and any(each.compares_periods for each in rankings) else {}
        heads: Mapping[int, int] = {}
        metered: dict[int, list[int]] = {}
        if teams_of is None:
            measured = {metric: _only(each, people) for metric, each in all_measured(board, days, metrics).items()}
            metered = {
                metric: [sum(one.first for one in each.values()), sum(one.second for one in each.values()), len(each)]
                for metric, each in measured.items()
            }
        else:
            add_up = _adding_up(board, teams_of, people)
            measured = {metric: add_up(measured_rows(board, days, metric)).sums for metric in metrics}
            whole = add_up(point_rows(board, days))
            points, heads = whole.sums, whole.heads
        values = {
            each.key: values_for(each, points=points, measured=measured.get(each.metric_id), points_before=before)
            for each in rankings
        }
        if teams_of is not None and POINTS in values:
            values[POINTS] = {team: Fraction(value, heads[team]) for team, value in values[POINTS].items()}
        return cls(points, values, _together(board, days, people), metered)

    def digest(self, ties: str) -> str:
        text = ties + repr(
            [sorted(self.points.items(), key=lambda pair: pair[0])]
            + [(key, sorted(values.items())) for key, values in sorted(self.values.items())]
            + sorted(self.measured.items())
            + [self.together]
        )
        return hashlib.sha256(text.encode()).hexdigest()


def _only(sums: Mapping[int, Sums], people: frozenset[int]) -> dict[int, Sums]:
    return {person: each for person, each in sums.items() if person in people}


def _points_before(board: Board, days: Period) -> dict[int, Sums]:
    """Points and maximum of whoever stands in the published standing of the whole period before, as it was taken."""
    publication = publication_of(board, period_of(days.kind, days.start).previous)
    rows = Standing.objects.filter(publication=publication).order_by().values_list("owner", "points", "maximum")
    return {owner: Sums(points, maximum) for owner, points, maximum in rows.distinct()} if publication else {}


def _teams(round_: Round) -> dict[int, frozenset[int]]:
    members = frozenset(round_.members.values_list("person_id", flat=True))
    groups = day_of(round_.starts_on).by_team(members)
    return {team: groups.get(team, frozenset()) for team in round_.teams}


def _adding_up(board: Board, round_: Round, people: frozenset[int]) -> Callable[[Rows], TeamSums]:
    """Adds up rows by the round's teams, of those of these people who are in them."""
    teams = {team: members & people for team, members in _teams(round_).items()}
    return partial(added_up_by_team, teams=teams, minimum=minimum_of(board))


def _together(board: Board, days: Period, people: frozenset[int]) -> tuple[int, int, int]:
    """Points and number of the scored days of all people on a board, and how many have some: without the days on which
    *k* or fewer worked, since the average of a week less those of its days would be theirs."""
    rows = ((person, day, points, 1) for person, day, points, _ in point_rows(board, days))
    found = added_up_by_team(rows, {EVERYBODY: people}, minimum=minimum_of(board))
    sums = found.sums.get(EVERYBODY, Sums(0, 0))
    return sums.first, sums.second, found.heads.get(EVERYBODY, 0)


def _write(publication: Publication, rankings: list[Ranking], sums: _Sums) -> dict[str, int]:
    """The rows of every ranking; how many each has."""
    before = standings_before(publication)
    publication.rows.all().delete()
    counts, rows = {}, []
    for ranking in rankings:
        made = list(_rows(publication, ranking, sums, before))
        if made or not ranking.compares_periods:
            counts[ranking.key] = len(made)
        rows += made
    with connection.cursor() as cursor:
        insert_rows(cursor, Standing._meta.db_table, COLUMNS, rows)
    return counts


def _rows(publication: Publication, ranking: Ranking, sums: _Sums, before) -> Iterable[tuple]:
    """One row a place, the best first. Ranks risen are told where enough stood there before."""
    board, values = publication.board, sums.values[ranking.key]
    rank_of = ranks(values, lower_is_better=ranking.lower_is_better, ties=TieRule(board.ties))
    tells = sum(key == ranking.key for key, _ in before) >= minimum_group(minimum_of(board))
    ordered = sorted(values, key=lambda owner: (rank_of[owner], owner))
    for place, owner in enumerate(ordered, start=1):
        value, points = Fraction(values[owner]), sums.points.get(owner, Sums(0, 0))
        rank, top, bottom = before.get((ranking.key, owner), (None, None, None))
        risen = rank - rank_of[owner] if rank is not None and tells else None
        yield (
            publication.pk, ranking.key, place, rank_of[owner], owner, value.numerator, value.denominator,
            points.first, points.second, top, bottom, risen,
        )  # fmt: skip
