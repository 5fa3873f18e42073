"""Every page of Laurel with a row: who opens it, and where. A test fails when an address has no row here."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from tests.centre import Centre


@dataclass(frozen=True)
class PageRow:
    """`name` is the name of the address, `arguments` what it needs of the test's centre; `role` None is signed out.
    `lands_on` is the path that it leads to, where that is another.
    """

    name: str
    role: str | None = "agent"
    arguments: Callable[[Centre], list] = lambda centre: []
    query: str = ""
    lands_on: str = ""

    def address(self, centre: Centre) -> str:
        return reverse(self.name, args=self.arguments(centre)) + self.query

    def __str__(self):
        return f"{self.name}{self.query} {self.role or 'signed out'}"


def profile(centre: Centre) -> list:
    return [centre.profile.pk]


def agent(centre: Centre) -> list:
    return [centre.people["agent"].public_id]


PAGES = [
    PageRow("account_login", role=None),
    PageRow("account_signup", role=None),
    PageRow("account_inactive", role=None),
    PageRow("account_reset_password", role=None),
    PageRow("account_reset_password_done", role=None),
    PageRow("account_reset_password_from_key", role=None, arguments=lambda centre: ["1", "old-key"]),
    PageRow("account_reset_password_from_key_done", role=None),
    PageRow("account_logout"),
    PageRow("account_reauthenticate"),
    PageRow("account_change_password"),
    PageRow("mfa_index"),
    PageRow("mfa_index", role="two factor"),
    PageRow("mfa_activate_totp"),
    PageRow("mfa_reauthenticate", role="two factor"),
    PageRow("mfa_deactivate_totp", role="two factor"),
    PageRow("mfa_view_recovery_codes", role="two factor"),
    PageRow("mfa_generate_recovery_codes", role="two factor"),
    PageRow("scorecards:own"),
    PageRow("scorecards:own", query="?period=2024-W36"),
    PageRow("scorecards:scorecard", role="supervisor", arguments=agent),
    PageRow("scorecards:facts", arguments=lambda centre: [*agent(centre), "satisfaction"]),
    PageRow("leaderboards:index"),
    PageRow("leaderboards:board", arguments=profile),
    PageRow("leaderboards:board", arguments=profile, role="supervisor"),
    PageRow("desk:home"),
    PageRow("desk:home", role="supervisor"),
    PageRow("desk:home", role="administrator"),
    PageRow("desk:team", role="supervisor"),
    PageRow("desk:workdays", role="administrator"),
]

NO_PAGE = {
    "account_email": "not offered",
    "account_set_password": "leads to the change of the password",
    "mfa_authenticate": "a step of signing in; has a test of its own",
    "mfa_download_recovery_codes": "a file",
    "pages:theme": "answers a form with a redirect",
    "pages:language": "answers a form with a redirect",
    "scorecards:csv": "a file",
    "scorecards:xlsx": "a file",
    "leaderboards:board_csv": "a file",
    "leaderboards:board_xlsx": "a file",
    "desk:team_csv": "a file",
    "desk:team_xlsx": "a file",
    "healthz-jobs": "plain text for monitoring",
    "healthz": "plain text for monitoring",
    "metrics": "plain text for monitoring",
}
"""Addresses that show no page of ours, each with the reason."""
