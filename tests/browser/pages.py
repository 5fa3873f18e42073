"""Every page of Laurel with a row: who opens it, and where. A test fails when an address has no row here."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from tests.centre import Centre


@dataclass(frozen=True)
class PageRow:
    """`name` is the name of the address; `path` makes it for the test's centre; `role` None is signed out."""

    name: str
    role: str | None = "agent"
    path: Callable[[Centre], str] | None = None
    query: str = ""

    def address(self, centre: Centre) -> str:
        return (self.path(centre) if self.path else reverse(self.name)) + self.query

    def __str__(self):
        return f"{self.name}{self.query}"


def of_agent(name: str, centre: Centre, *more: str) -> str:
    return reverse(f"scorecards:{name}", args=[centre.agents[0].public_id, *more])


PAGES: list[PageRow] = [
    PageRow("scorecards:own"),
    PageRow("scorecards:own", query="?period=2024-W36"),
    PageRow("scorecards:scorecard", role="supervisor", path=lambda centre: of_agent("scorecard", centre)),
    PageRow("scorecards:facts", path=lambda centre: of_agent("facts", centre, "satisfaction")),
    PageRow("account_login", role=None),
    PageRow("account_signup", role=None),
    PageRow("account_inactive", role=None),
    PageRow("account_reset_password", role=None),
    PageRow("account_reset_password_done", role=None),
    PageRow("account_reset_password_from_key_done", role=None),
    PageRow(
        "account_reset_password_from_key",
        role=None,
        path=lambda centre: reverse("account_reset_password_from_key", args=["0", "0"]),
    ),
    PageRow("account_logout"),
    PageRow("account_reauthenticate"),
    PageRow("account_change_password"),
    PageRow("mfa_index"),
]

NO_PAGE = dict.fromkeys(
    ["account_email", "mfa_view_recovery_codes", "mfa_download_recovery_codes", "mfa_deactivate_totp"],
    "not there for someone without a second factor",
)
NO_PAGE |= dict.fromkeys(
    [
        "account_set_password",
        "mfa_authenticate",
        "mfa_reauthenticate",
        "mfa_activate_totp",
        "mfa_generate_recovery_codes",
    ],
    "leads elsewhere first; tests of sign-in open it",
)
NO_PAGE |= dict.fromkeys(["scorecards:csv", "scorecards:xlsx"], "a file")
NO_PAGE |= dict.fromkeys(["healthz", "metrics"], "for machines")
NO_PAGE |= dict.fromkeys(["admin/password_change/", "pages:theme", "pages:language"], "answers with a redirect")
"""Addresses that show no page of ours, each with the reason."""
