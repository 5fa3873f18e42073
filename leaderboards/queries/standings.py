"""Published standings: as many of their rows as masking for one viewer needs."""

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction

from django.db import connection

from foundation.periods import Period
from people.models import Division
from people.rules.privacy import Extract, Ranked, Rules, Value, Viewer, minimum_group
from people.rules.privacy import Standing as Plain
from scorecards.models import DivisionDay, ScoreDay

from ..models import Board, Publication, Round, RoundMember, Standing

COLUMNS = (
    "place", "rank", "owner", "numerator", "denominator", "points", "maximum",
    "numerator_before", "denominator_before", "risen",
)  # fmt: skip

TABLE = Standing._meta.db_table


def publication_of(board: Board, period: Period | None) -> Publication | None:
    """The published standing of a whole period."""
    return None if period is None else Publication.objects.filter(board=board, period=period.key).first()


def value_of(numerator: int | None, denominator: int | None) -> Value | None:
    if numerator is None:
        return None
    return numerator if denominator == 1 else Fraction(numerator, denominator)


def stored_extract(publication: Publication, ranking: str, *, rules: Rules, viewer: Viewer) -> Extract:
    """The first rows, the viewer with the rows beside them, whoever they may see by name, their teams' rows. Two
    queries, however many stand there, and one more where the rows below the viewer share a rank.

    The statements are written out: every page of a board runs them, and building them costs more than they take.
    """
    count = publication.counts.get(ranking, 0)
    if not count:
        return Extract((), 0)
    others = sorted((viewer.named | viewer.mates) - {viewer.person_id})
    found = _ranked(publication.pk, ranking, rules.limit, viewer.person_id, others)
    own = next((place for place, row in found.items() if row.standing.person_id == viewer.person_id), None)
    led = sum(row.standing.person_id in viewer.named and place != own for place, row in found.items())
    below = 0 if own is None else _below(publication, ranking, found, own + 1, count)
    return Extract(list(found.values()), count, led, below)


def _ranked(publication_id: int, ranking: str, limit: int, viewer_id: int, others: list[int]) -> dict[int, Ranked]:
    """Place from 0 → row, in order."""
    of, which = f"FROM {TABLE} WHERE publication_id = %s AND ranking = %s", [publication_id, ranking]
    rows, named = f"SELECT {', '.join(COLUMNS)} {of}", f"owner IN ({', '.join(['%s'] * len(others))})"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT place {of} AND owner = %s", [*which, viewer_id])
        own = cursor.fetchone()
        # A union, since neither engine looks up each side of an OR by the index.
        parts = [
            (f"{rows} AND place <= %s", [*which, limit]),
            *([(f"{rows} AND place BETWEEN %s AND %s", [*which, own[0] - 1, own[0] + 2])] if own else []),
            *([(f"{rows} AND {named}", [*which, *others])] if others else []),
        ]
        statement = f"{' UNION '.join(sql for sql, _ in parts)} ORDER BY place"
        cursor.execute(statement, [value for _, values in parts for value in values])
        return {
            place - 1: Ranked(
                place - 1,
                rank,
                Plain(owner, value_of(top, bottom), points=points, maximum=maximum),
                value_of(top_before, bottom_before),
                risen,
            )
            for place, rank, owner, top, bottom, points, maximum, top_before, bottom_before, risen in cursor.fetchall()
        }


def _below(publication: Publication, ranking: str, found: dict[int, Ranked], own: int, count: int) -> int:
    """How many stand at a worse rank than the row below one's own, whose place counts from 1: all from the first place
    of a worse rank on."""
    row, after = found.get(own), found.get(own + 1)
    if row is None or after is None:
        return 0
    if after.rank > row.rank:
        return count - own - 1
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT place FROM {TABLE} WHERE publication_id = %s AND ranking = %s AND place > %s AND rank > %s"
            " ORDER BY place LIMIT 1",
            [publication.pk, ranking, own + 2, row.rank],
        )
        first = cursor.fetchone()
    return 0 if first is None else count - first[0] + 1


def compared_with(extract: Extract, before: Publication | None, ranking: str, *, minimum: int) -> Extract:
    """The rows with the values and ranks of another standing to compare with; ranks where enough stand there."""
    rows = [replace(row, before=None, risen=None) for row in extract.rows]
    if before is not None:
        owners = [row.standing.person_id for row in rows]
        found = Standing.objects.filter(publication=before, ranking=ranking, owner__in=owners).order_by()
        columns = found.values_list("owner", "rank", "numerator", "denominator")
        known = {owner: (rank, value_of(top, bottom)) for owner, rank, top, bottom in columns}
        tells = before.counts.get(ranking, 0) >= minimum_group(minimum)
        rows = [_compared(row, known.get(row.standing.person_id), tells=tells) for row in rows]
    return replace(extract, rows=rows)


def _compared(row: Ranked, before: tuple[int, Value] | None, *, tells: bool) -> Ranked:
    if before is None:
        return row
    return replace(row, before=before[1], risen=before[0] - row.rank if tells else None)


def parts_of(round_: Round) -> dict[int, set[int]]:
    """Part → the people of a round who are alike."""
    parts: dict[int, set[int]] = {}
    for person, part in round_.members.values_list("person_id", "part"):
        parts.setdefault(part, set()).add(person)
    return parts


def leaves_few(publication: Publication, people: Collection[int], *, minimum: int) -> bool:
    """Whether those of the publication's round who are not among `people` are, of some alike people, only a few. (Who
    sees all but a few of them by name would know whose the others' rows are.)
    """
    if not people:
        return False
    members = RoundMember.objects.filter(
        round__board=publication.board_id, round__starts_on__lte=publication.starts_on,
        round__ends_on__gt=publication.starts_on,
    )  # fmt: skip
    unseen: dict[int, int] = {}
    for part, person in members.values_list("part", "person_id"):
        unseen[part] = unseen.get(part, 0) + (person not in people)
    return any(0 < count <= minimum_group(minimum) for count in unseen.values())


# What is due ------------------------------------------------------------------------------------------------------


def scored_days(division: Division, *, from_on: dt.date, until_on: dt.date) -> list[tuple[int, dt.date]]:
    """(profile id, workday) of every day on which a profile scored somebody in a division. One query."""
    days = ScoreDay.objects.filter(division=division, profile__isnull=False, workday__gte=from_on, workday__lt=until_on)
    return list(days.order_by().values_list("profile_id", "workday").distinct())


def closings_of(division: Division, *, from_on: dt.date) -> dict[dt.date, dt.datetime]:
    """Final workday → when it closed."""
    rows = DivisionDay.objects.filter(division=division, workday__gte=from_on)
    return dict(rows.values_list("workday", "closed_at"))


def standings_before(publication: Publication) -> dict[tuple[str, int], tuple[int, int, int]]:
    """(ranking, person or team) → rank, numerator, denominator of the standing as it is."""
    rows = Standing.objects.filter(publication=publication).order_by()
    columns = ("ranking", "owner", "rank", "numerator", "denominator")
    return {(key, owner): (rank, top, bottom) for key, owner, rank, top, bottom in rows.values_list(*columns)}
