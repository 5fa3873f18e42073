"""Permissions and the roles that ship. A role is a list of permissions; a grant is role × division."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(models.TextChoices):
    VIEW_OWN = "view_own", _("see one's own figures")
    VIEW_LED = "view_led", _("see the figures of people one leads")
    VIEW_DIVISION = "view_division", _("see the figures of everyone in the division")
    EVALUATE = "evaluate", _("enter quality evaluations")
    REVIEW = "review", _("decide reviews of results and payouts")
    CONFIGURE_PEOPLE = "configure_people", _("configure people, teams, queues and roles")
    CONFIGURE_SCORING = "configure_scoring", _("configure metrics, profiles and objectives")
    CONFIGURE_LED = "configure_led", _("configure objectives and goals of teams one leads")
    IMPORT = "import", _("import files")
    REOPEN = "reopen", _("reopen closed workdays for late data")
    OPERATE = "operate", _("see jobs and their runs")
    CATALOGUE = "catalogue", _("run the catalogue and decide requests of everyone in the division")


ROLES = {
    "agent": (_("Agent"), [Permission.VIEW_OWN]),
    "supervisor": (
        _("Supervisor"),
        [Permission.VIEW_OWN, Permission.VIEW_LED, Permission.CONFIGURE_LED, Permission.EVALUATE],
    ),
    "quality_evaluator": (_("Quality evaluator"), [Permission.VIEW_OWN, Permission.VIEW_DIVISION, Permission.EVALUATE]),
    "compliance_reviewer": (_("Compliance reviewer"), [Permission.VIEW_DIVISION, Permission.REVIEW, Permission.REOPEN]),
    "administrator": (
        _("Administrator"),
        [
            Permission.CONFIGURE_PEOPLE,
            Permission.CONFIGURE_SCORING,
            Permission.IMPORT,
            Permission.REOPEN,
            Permission.OPERATE,
        ],
    ),
    "rewards_manager": (_("Rewards manager"), [Permission.CATALOGUE]),
}


class Belonging(models.TextChoices):
    """What someone belongs to by dated rows."""

    DIVISION = "division", _("division")
    TEAM = "team", _("team")
    QUEUE = "queue", _("queue")


class Page(models.TextChoices):
    """Where someone's figures were shown to somebody else, by name."""

    SCORECARD = "scorecard", _("scorecard")
    SCORECARD_FILE = "scorecard_file", _("download of the scorecard")
    FACTS = "facts", _("interactions behind a value")
    BOARD = "board", _("leaderboard")
    BOARD_FILE = "board_file", _("download of a leaderboard")
    TEAM = "team", _("team page")
    TEAM_FILE = "team_file", _("download of the team page")
    WORTH_A_LOOK = "worth_a_look", _("worth a look")
    GOAL = "goal", _("goal")
    REVIEW = "review", _("review of a result")
    HOME = "home", _("home page")
    REQUESTS = "requests", _("requests of rewards")
    REQUESTS_FILE = "requests_file", _("download of requests")
    API = "api", _("programming interface")
