"""The operations, each kind in its own file. `RESOURCES` is what is mounted, and where."""

from . import analytics, external, goals, interactions, leaderboards, people, profiles, scorecards, thanks, webhooks

RESOURCES = [
    ("", people.resource),
    ("/gamification", profiles.resource),
    ("/gamification", scorecards.resource),
    ("/gamification", leaderboards.resource),
    ("/gamification", goals.resource),
    ("/wem", goals.wem),
    ("/integrations", webhooks.resource),
    ("/analytics", analytics.resource),
    ("/employeeperformance/externalmetrics", external.resource),
    ("/interactions", interactions.resource),
    ("/thanks", thanks.resource),
]
