"""Boards, whom they rank round by round, and their standings as they were published."""

import datetime as dt

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from goals.models import Goal
from metrics.models import Metric
from people.models import Division, Queue, Role, Team
from scorecards.models import Profile

from .enums import REFRESH_OF_NAMED, Names, Refresh, Rounds, RowsAre, RowsShown, Ties, Verdict

FIVE = dt.time(5)
LARGEST_LIMIT = 300


class Board(models.Model):
    """What is ranked, whose figures, and who may see what of it.

    Its people are scored by the profile in the division; a team (with those below it) or a home queue narrow them.
    """

    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(_("active"), default=True)
    is_standard = models.BooleanField(
        _("standard"),
        default=False,
        help_text=_("The board that a profile has in a division until somebody makes one."),
    )
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="boards", verbose_name=_("profile"))
    division = models.ForeignKey(Division, models.CASCADE, related_name="boards", verbose_name=_("division"))
    team = models.ForeignKey(
        Team, models.CASCADE, null=True, blank=True, related_name="boards", verbose_name=_("only this team")
    )
    queue = models.ForeignKey(
        Queue, models.CASCADE, null=True, blank=True, related_name="boards", verbose_name=_("only this home queue")
    )
    rows_are = models.CharField(_("rows are"), max_length=6, choices=RowsAre, default=RowsAre.PEOPLE)
    by_points = models.BooleanField(_("points"), default=True)
    by_percent = models.BooleanField(_("percent of goal"), default=True)
    by_improvement = models.BooleanField(_("most improved"), default=False)
    by_all_metrics = models.BooleanField(_("each metric of the profile"), default=True)
    metrics = models.ManyToManyField(Metric, blank=True, related_name="+", verbose_name=_("or these metrics only"))
    goals = models.ManyToManyField(Goal, blank=True, related_name="+", verbose_name=_("goals of each agent"))
    rounds = models.CharField(_("periods"), max_length=8, choices=Rounds, default=Rounds.WEEKLY)
    has_days = models.BooleanField(_("and each day"), default=True)
    refresh = models.CharField(_("refreshed"), max_length=6, choices=Refresh, default=Refresh.DAILY)
    refresh_at = models.TimeField(_("after"), default=FIVE)
    limit = models.PositiveIntegerField(
        _("rows"), default=10, validators=[MinValueValidator(1), MaxValueValidator(LARGEST_LIMIT)]
    )
    ties = models.CharField(_("ties"), max_length=11, choices=Ties, default=Ties.COMPETITION)
    names = models.CharField(_("names"), max_length=4, choices=Names, default=Names.NONE)
    top = models.PositiveIntegerField(_("how many by name"), default=3, validators=[MinValueValidator(1)])
    rows = models.CharField(_("rows that agents see"), max_length=10, choices=RowsShown, default=RowsShown.LIMIT)
    minimum = models.PositiveIntegerField(_("smallest group"), null=True, blank=True, validators=[MinValueValidator(3)])
    roles = models.ManyToManyField(Role, blank=True, related_name="+", verbose_name=_("roles"))
    teams = models.ManyToManyField(Team, blank=True, related_name="+", verbose_name=_("teams"))

    class Meta:
        verbose_name = _("leaderboard")
        verbose_name_plural = _("leaderboards")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "division"], condition=Q(is_standard=True), name="leaderboards_board_one_standard"
            ),
            models.CheckConstraint(
                name="leaderboards_board_often_only_by_name",
                condition=~Q(refresh__in=REFRESH_OF_NAMED) | Q(names=Names.ALL),
            ),
            models.CheckConstraint(
                name="leaderboards_board_minimum_not_under_three",
                condition=Q(minimum__isnull=True) | Q(minimum__gte=3),
            ),
            models.CheckConstraint(
                name="leaderboards_board_limit_in_range", condition=Q(limit__gte=1, limit__lte=LARGEST_LIMIT)
            ),
            models.CheckConstraint(
                name="leaderboards_board_teams_without_names",
                condition=~Q(rows_are=RowsAre.TEAMS) | Q(names=Names.NONE, rows=RowsShown.LIMIT),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def has_names(self) -> bool:
        return self.names != Names.NONE

    @property
    def has_team_rows(self) -> bool:
        return self.rows_are == RowsAre.TEAMS


class Round(models.Model):
    """A board within one of its largest periods: whether it may be shown then, and why. Its people are those of the
    first day. Made once, since a later answer would tell who came and went.

    Whom it names holds until it ends, whatever the board is set to meanwhile. `teams` are the ids of the teams whose
    rows may stand as a group of their own, `hidden_teams` how many may not.
    """

    board = models.ForeignKey(Board, models.CASCADE, related_name="round_rows", verbose_name=_("leaderboard"))
    period = models.CharField(_("period"), max_length=10)
    starts_on = models.DateField(_("first workday"))
    ends_on = models.DateField(_("ends before"))
    verdict = models.CharField(_("shown"), max_length=12, choices=Verdict)
    names = models.CharField(_("names"), max_length=4, choices=Names, default=Names.NONE)
    top = models.PositiveIntegerField(_("how many by name"), default=0)
    teams = models.JSONField(_("teams"), default=list)
    hidden_teams = models.PositiveIntegerField(_("teams hidden"), default=0)
    is_linked = models.BooleanField(
        _("compared with the round before"), default=False, help_text=_("Whether it may say who improved most.")
    )
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("round of a leaderboard")
        verbose_name_plural = _("rounds of leaderboards")
        ordering = ["-starts_on", "board_id"]
        constraints = [
            models.UniqueConstraint(fields=["board", "period"], name="leaderboards_round_once"),
            models.CheckConstraint(name="leaderboards_round_in_order", condition=Q(ends_on__gt=F("starts_on"))),
        ]

    def __str__(self):
        return f"{self.board} · {self.period}"

    @property
    def has_names(self) -> bool:
        return self.names != Names.NONE

    @property
    def names_everyone(self) -> bool:
        return self.names == Names.ALL


class RoundMember(models.Model):
    """A person whom a board ranks in a round. People of equal `part` stand in the same boards and goals."""

    pk = models.CompositePrimaryKey("round_id", "person_id")
    round = models.ForeignKey(Round, models.CASCADE, related_name="members")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    part = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("member of a round")
        verbose_name_plural = _("members of rounds")


class Publication(models.Model):
    """The standing of a board in one period, as it was taken at `made_at`. Frozen once late data has ended.

    `starts_on` is the first workday, `ends_on` the day after the last. `counts` says how many rows each ranking has;
    `digest` is of the figures, which are not written again while they are the same.
    `points` and `scored_days` are those of all `people` on it, for their average, on days on which more than *k*
    worked; `measured` maps each metric that they are ranked by to their total, their count and how many of them have
    data, in stored units.
    """

    board = models.ForeignKey(Board, models.CASCADE, related_name="publications", verbose_name=_("leaderboard"))
    period = models.CharField(_("period"), max_length=10)
    starts_on = models.DateField(_("first workday"))
    ends_on = models.DateField(_("ends before"))
    made_at = models.DateTimeField(_("taken at"))
    is_frozen = models.BooleanField(_("frozen"), default=False)
    counts = models.JSONField(_("rows of each ranking"), default=dict)
    digest = models.CharField(_("digest"), max_length=64, blank=True)
    people = models.PositiveIntegerField(_("people"), default=0)
    points = models.BigIntegerField(_("points"), default=0)
    scored_days = models.PositiveIntegerField(_("scored days"), default=0)
    measured = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name = _("published standing")
        verbose_name_plural = _("published standings")
        ordering = ["-starts_on", "pk"]
        constraints = [models.UniqueConstraint(fields=["board", "period"], name="leaderboards_publication_once")]
        indexes = [models.Index(fields=["board", "starts_on"], name="leaderboards_publication_start")]

    def __str__(self):
        return f"{self.board} · {self.period}"


class Standing(models.Model):
    """One row of a published standing: somebody's place by one ranking. It holds ids, never a name.

    `place` counts from 1 without gaps, ties in any order. The ranked value is `numerator / denominator`, exact; that of
    the standing before this one (for improvement, none) stands beside it, and `risen` says how many ranks the row has
    risen since. `points` and `maximum` are those of the same days.
    """

    pk = models.CompositePrimaryKey("publication_id", "ranking", "place")
    publication = models.ForeignKey(
        Publication, models.CASCADE, related_name="rows", verbose_name=_("published standing"), db_index=False
    )
    ranking = models.CharField(_("ranking"), max_length=64)
    place = models.PositiveIntegerField(_("place"))
    rank = models.PositiveIntegerField(_("rank"))
    owner = models.BigIntegerField(_("person or team"))
    numerator = models.BigIntegerField(_("value: numerator"))
    denominator = models.BigIntegerField(_("value: denominator"), default=1)
    points = models.BigIntegerField(_("points"), default=0)
    maximum = models.BigIntegerField(_("maximum"), default=0)
    numerator_before = models.BigIntegerField(_("value before: numerator"), null=True)
    denominator_before = models.BigIntegerField(_("value before: denominator"), null=True)
    risen = models.IntegerField(_("ranks risen"), null=True)

    class Meta:
        verbose_name = _("row of a published standing")
        verbose_name_plural = _("rows of published standings")
        constraints = [
            models.UniqueConstraint(fields=["publication", "ranking", "owner"], name="leaderboards_standing_once")
        ]
