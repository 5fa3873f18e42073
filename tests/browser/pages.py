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
]

UNSTYLED = "waits for its template"
NO_PAGE = dict.fromkeys(
    [
        "account_change_password",
        "account_confirm_email",
        "account_confirm_login_code",
        "account_email",
        "account_email_verification_sent",
        "account_inactive",
        "account_login",
        "account_logout",
        "account_reauthenticate",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "account_set_password",
        "account_signup",
        "mfa_activate_totp",
        "mfa_authenticate",
        "mfa_deactivate_totp",
        "mfa_download_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_index",
        "mfa_reauthenticate",
        "mfa_view_recovery_codes",
    ],
    UNSTYLED,
) | dict.fromkeys(["pages:theme", "pages:language"], "answers a form with a redirect")
NO_PAGE |= dict.fromkeys(["scorecards:csv", "scorecards:xlsx"], "a file")
"""Addresses that show no page of ours, each with the reason."""
