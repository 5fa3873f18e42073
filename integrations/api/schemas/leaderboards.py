"""Leaderboards on the wire."""

import datetime as dt

from ..wire import Named, Ref, Schema
from .scorecards import Granularity


class LeaderboardItem(Schema):
    user: Ref | None = None
    rank: int | None = None
    points: int | None = None


class Leaderboard(Schema):
    division: Named | None = None
    metric: Ref | None = None
    date_start_workday: dt.date
    date_end_workday: dt.date
    leaders: list[LeaderboardItem]
    user_rank: LeaderboardItem | None = None
    performance_profile: Ref | None = None


class AuditedTeam(Named):
    """A team whose members or leads may open a board."""

    division: Named


class AuditedLeaderboard(Schema):
    id: str
    name: str
    division: Named
    performance_profile: Ref
    team: Named | None = None
    queue: Named | None = None
    member_count: int
    teams: list[AuditedTeam]
    problems: list[str]


class LeaderboardAudit(Schema):
    entities: list[AuditedLeaderboard]
    total: int
    self_uri: str


class OverallBestPointsItem(Schema):
    granularity_type: Granularity
    users: list[Ref]
    count: int
    points: int
    date_start_workday: dt.date
    date_end_workday: dt.date


class OverallBestPoints(Schema):
    division: Named | None = None
    best_points: list[OverallBestPointsItem]
    performance_profile: Ref | None = None
