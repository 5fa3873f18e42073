"""Standings for tests: taken from the figures as they are now, whatever the time of day."""

import datetime as dt

from foundation.periods import DAY, Kind, Period, period_of
from leaderboards.actions import make_standard_boards, open_rounds, publish
from leaderboards.models import Board, Publication, Round
from leaderboards.queries.populations import day_of
from people.models import Division
from scorecards.models import Profile, ScoreDay


def board_of(profile: Profile, division: Division) -> Board:
    """The standard board of a profile in a division."""
    make_standard_boards(division, {profile.pk: profile}, {profile.pk})
    return Board.objects.get(profile=profile, division=division, is_standard=True)


def boards_of_everyone() -> list[Board]:
    """Every board; the standard one of each profile and division with scored days is made where there is none."""
    profiles, divisions = Profile.objects.in_bulk(), Division.objects.in_bulk()
    for profile, division in set(ScoreDay.objects.order_by().values_list("profile", "division").distinct()):
        if profile:
            make_standard_boards(divisions[division], profiles, {profile})
    return list(Board.objects.filter(is_active=True).select_related("profile", "division"))


def publish_now(*periods: Period, at: dt.datetime | None = None) -> None:
    """Publishes every board for these periods, with everyone who stands on it on the last of the days. Rounds are
    opened anew."""
    at = at or dt.datetime.combine(max(period.end for period in periods), dt.time(5), dt.UTC)
    boards = boards_of_everyone()
    for period in periods:
        day = day_of(period.last)
        for board in boards:
            whole = period_of(Kind(board.rounds), period.start)
            Round.objects.filter(board=board, period=whole.key).delete()
        for board in boards:
            beside = [each for each in boards if (each.profile, each.division) == (board.profile, board.division)]
            open_rounds(beside, period_of(Kind(board.rounds), period.start), day, at=at)
            publish(board, period, people=day.people_of(board), before=period.end + DAY, at=at)


def published_people(period: Period) -> list[int]:
    found = Publication.objects.get(period=period.key)
    return sorted(found.rows.filter(ranking="points").values_list("owner", flat=True))
