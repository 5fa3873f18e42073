"""Which cards the home page shows, and in which order, and how it greets."""

import datetime as dt
from dataclasses import dataclass

from foundation.pages.panels import Panel
from goals.panels import panel as goals_panel
from inbox.panels import panel as inbox_panel
from leaderboards.panels import panel as leaderboard_panel
from people.queries import zone_of
from scorecards.panels import panel as scorecard_panel
from scorecards.wording import greeting

from .panels import panel as team_panel
from .panels import points_panel

OWN = (scorecard_panel, goals_panel, leaderboard_panel, points_panel)
"""The apps that show a viewer's own figures, in order."""


@dataclass(frozen=True)
class Home:
    greeting: str
    today: dt.date
    cards: list[Panel]


def home_for(viewer, *, at: dt.datetime) -> Home:
    """Own figures first, then what waits in the inbox; for whoever has no figures of their own, the team first."""
    local = at.astimezone(zone_of(viewer, on=at.astimezone(dt.UTC).date()))
    cards = [card for build in (*OWN, inbox_panel, team_panel) if (card := build(viewer, at=at))]
    if not any(card.is_own for card in cards):
        cards.sort(key=lambda card: card.template != "desk/team_panel.html")
    return Home(greeting(local.hour, viewer.get_short_name()), local.date(), cards)
