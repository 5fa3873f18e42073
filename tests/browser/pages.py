"""Every page of Laurel with a row: who opens it, and where. A test fails when an address has no row here."""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from goals.models import Goal, Review, Snapshot, SnapshotMember
from goals.queries.standing import payout_reference
from goals.tests.factories import make_frozen, make_goal
from inbox.actions import notify
from inbox.enums import Kind
from integrations.api.enums import Acting
from integrations.api.models import Client
from integrations.api.tests.factories import make_client
from integrations.imports.actions.uploads import upload
from integrations.imports.models import Import, ImportIssue
from leaderboards.models import Board
from ledger.actions import Order, account_of, pend, single_account, transfer
from ledger.enums import AccountKind, Purpose
from ledger.models import Account
from metrics.models import Metric
from people.actions import note_looks
from people.enums import Page
from rewards.catalogue.actions import request_item
from rewards.catalogue.models import Category, Item, Request
from rewards.recognition.models import Gift
from rewards.recognition.tests.factories import make_gift
from rewards.thanks.actions import Contact, answer, begin
from rewards.thanks.enums import Way
from rewards.thanks.queries import token_of
from scorecards.actions import award_badges
from scorecards.enums import BadgeKind, BadgePeriod
from scorecards.models import Badge
from scorecards.tests.factories import make_badge
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


def board(centre: Centre) -> list:
    return [Board.objects.get(profile=centre.profile, division=centre.division).pk]


def agent(centre: Centre) -> list:
    return [centre.people["agent"].public_id]


def with_points(centre: Centre) -> list:
    """Points that are there, that expire soon, and that are on their way."""
    person = centre.people["agent"]
    if not Account.objects.filter(person=person).exists():
        goal, at = make_goal(centre.team, name="Paid together"), timezone.now()
        reference, soon = payout_reference(goal, "2024-09"), centre.today + dt.timedelta(days=3)
        order = {"debit": single_account(AccountKind.ISSUED), "credit": account_of(person), "reference": reference}
        transfer(Order(points=40, key="paid", purpose=Purpose.PAYOUT, expires_on=soon, **order), by=None, at=at)
        pend([Order(points=25, key="next", purpose=Purpose.PAYOUT, **order)], by=None, at=at)
    return []


def told(centre: Centre) -> list:
    """Notifications of two kinds, one with a note."""
    agent, by, at = centre.people["agent"], centre.people["supervisor"], timezone.now()
    notify(agent, Kind.THANKS, params={"gift": {"en": "Coffee"}, "points": 40}, key="told:1", at=at)
    notify(agent, Kind.RECOGNITION, params={"note": "Well <b>done</b>"}, key="told:2", by=by, at=at)
    return []


def recognised(centre: Centre) -> list:
    """The supervisor has recognised the agent."""
    gift = Gift.objects.first() or make_gift(centre.people["supervisor"], centre.people["agent"])
    return [gift.public_id]


def looked_at(centre: Centre) -> list:
    """The supervisor has looked."""
    note_looks(centre.people["supervisor"], [centre.people["agent"].pk], Page.SCORECARD, at=timezone.now())
    return []


def with_badges(centre: Centre) -> list:
    """Badges: earned with a next level, earned to the top, and still locked."""
    if not Badge.objects.exists():
        make_badge("Thousands", thresholds=(100, 10**7), period=BadgePeriod.EVER, icon="trophy")
        make_badge("Good day", thresholds=(1,), period=BadgePeriod.DAILY, description="A workday with points.")
        make_badge("In a row", thresholds=(900,), kind=BadgeKind.STREAK, period="")
        award_badges(at=timezone.now())
    return agent(centre)


def uploaded(centre: Centre) -> list:
    """The import of the centre, which was not started: a call log with one row that cannot be read."""
    rows = b"Call Id,Agent,Start,Talk\n1,Ada Okafor,2024-03-01 09:00,120\n2,Ada Okafor,soon,90\n"
    file, by = SimpleUploadedFile("calls.csv", rows), centre.people["administrator"]
    run = Import.objects.first() or upload([("data", file)], by=by, at=timezone.now())
    return [run.public_id]


def reported(centre: Centre) -> list:
    """A finished import that refused a row."""
    (public_id,) = uploaded(centre)
    Import.objects.filter(public_id=public_id).update(
        status="done", rows_total=2, rows_taken=2, rows_new=1, rows_refused=1
    )
    ImportIssue.objects.create(
        import_run=Import.objects.get(public_id=public_id),
        file="calls.csv",
        line=3,
        column="Start",
        value="soon",
        reason="is not a date",
    )
    return [public_id]


def goal(centre: Centre) -> list:
    """A goal of the team with a closed period and a member's part in it."""
    found = Goal.objects.first()
    if not found:
        metric = Metric.objects.get(key="interactions_answered")
        terms = {"achieved": 400, "on_track": 380, "at_risk": 300, "points": 50}
        found = make_goal(centre.team, metric, terms=terms, name="Answered together")
        snapshot = make_frozen(found)
        SnapshotMember.objects.create(snapshot=snapshot, person=centre.people["agent"], total=100, count=1, points=50)
    return [found.public_id]


def reviewed(centre: Centre) -> list:
    """A review of that goal's closed period."""
    goal(centre)
    snapshot = Snapshot.objects.get()
    found = Review.objects.first() or Review.objects.create(snapshot=snapshot, cause="value", at=timezone.now())
    return [found.public_id]


def asked(centre: Centre) -> list:
    """The link of a survey that has begun."""
    contact = Contact("tests", "asked", timezone.now(), centre.people["agent"].email)
    response = begin(contact, way=Way.LINK, language="en", at=timezone.now())
    return [TOKENS.setdefault(response.public_id, token_of(response))]


def unclaimed(centre: Centre) -> list:
    """A thanks whose agent nobody knows."""
    at = timezone.now()
    response = begin(Contact("tests", "unclaimed", at, "nobody@example.com"), way=Way.PHONE, language="en", at=at)
    for turn, key in enumerate(["1", "1", "4"], start=1):
        answer(response, turn=turn, key=key, at=at)
    return [response.public_id]


def wished(centre: Centre) -> list:
    """The agent has points, and has asked for a coffee that waits."""
    with_points(centre)
    category, _made = Category.objects.get_or_create(name="Drinks", icon="coffee")
    item, _made = Item.objects.get_or_create(
        name="Coffee", category=category, defaults={"price_points": 10, "stock": 3}
    )
    agent = centre.people["agent"]
    found = Request.objects.first() or request_item(item, token=uuid.uuid4(), by=agent, at=timezone.now())
    return [found.public_id]


TOKENS = {}
"""A token holds its time: one for each response, so that the address stays the same."""


def program(centre) -> list:
    """A program that asks to act for whoever opens the page."""
    if not Client.objects.filter(client_id="program").exists():
        make_client(acting=Acting.DEVICE, redirect_uris=BACK, name="Pocket scorecard", client_id="program")
    return []


BACK = "https://program.example/back"
ASKED_OF_PEOPLE = (
    f"?response_type=code&client_id=program&redirect_uri={BACK}&scope=gamification:readonly%20users:readonly"
    "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
)


PAGES = [
    PageRow("oauth-authorize", arguments=program, query=ASKED_OF_PEOPLE),
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
    PageRow("scorecards:badges", arguments=with_badges),
    PageRow("scorecards:badges", role="supervisor", arguments=with_badges),
    PageRow("scorecards:facts", arguments=lambda centre: [*agent(centre), "satisfaction"]),
    PageRow("leaderboards:index"),
    PageRow("leaderboards:audit", role="administrator"),
    PageRow("leaderboards:board", arguments=board),
    PageRow("leaderboards:board", arguments=board, role="supervisor"),
    PageRow("imports:index", role="administrator", arguments=lambda centre: uploaded(centre)[1:]),
    PageRow("imports:new", role="administrator"),
    PageRow("imports:detail", role="administrator", arguments=uploaded),
    PageRow("imports:mapping", role="administrator", arguments=uploaded, query="?as=text"),
    PageRow("imports:detail", role="administrator", arguments=reported),
    PageRow("goals:index", arguments=lambda centre: goal(centre)[1:]),
    PageRow("goals:detail", arguments=goal),
    PageRow("goals:detail", role="supervisor", arguments=goal),
    PageRow("goals:reviews", role="reviewer", arguments=lambda centre: reviewed(centre)[1:]),
    PageRow("goals:review", role="reviewer", arguments=reviewed),
    PageRow("thanks:index", role="supervisor", arguments=lambda centre: asked(centre)[1:]),
    PageRow("thanks:offer", role="supervisor"),
    PageRow("thanks:trial", role="supervisor"),
    PageRow("thanks:trial", role="administrator", query="?keys=1,-&key=1"),
    PageRow("thanks:queue", role="reviewer", arguments=lambda centre: unclaimed(centre)[1:]),
    PageRow("thanks:waiting", role="reviewer", arguments=unclaimed),
    PageRow("thanks:customer", role=None, arguments=asked),
    PageRow("desk:home"),
    PageRow("desk:home", role="supervisor"),
    PageRow("desk:home", role="administrator"),
    PageRow("desk:team", role="supervisor"),
    PageRow("catalogue:index", arguments=lambda centre: wished(centre)[1:]),
    PageRow("catalogue:ask", arguments=lambda centre: [wished(centre) and Item.objects.get().public_id]),
    PageRow("catalogue:mine", arguments=lambda centre: wished(centre)[1:]),
    PageRow("catalogue:detail", arguments=wished),
    PageRow("catalogue:queue", role="supervisor", arguments=lambda centre: wished(centre)[1:]),
    PageRow("catalogue:detail", role="supervisor", arguments=wished),
    PageRow("desk:worth_a_look", role="supervisor"),
    PageRow("desk:points", arguments=with_points),
    PageRow("desk:my_data", arguments=looked_at),
    PageRow("inbox:index", arguments=told),
    PageRow("inbox:index", role="supervisor"),
    PageRow("inbox:settings"),
    PageRow("recognition:index", arguments=lambda centre: recognised(centre)[1:]),
    PageRow("recognition:index", role="supervisor"),
    PageRow("recognition:new", role="supervisor", arguments=lambda centre: ["recognition"]),
    PageRow("recognition:new", arguments=lambda centre: ["thanks"]),
    PageRow("recognition:back", role="supervisor", arguments=recognised),
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
    "leaderboards:audit_csv": "a file",
    "leaderboards:board_csv": "a file",
    "leaderboards:board_xlsx": "a file",
    **dict.fromkeys(
        ["imports:kind", "imports:use", "imports:tables", "imports:again", "imports:cancel", "imports:discard"],
        "answers a form with a redirect",
    ),
    "imports:refused": "a file",
    "catalogue:picture": "a picture",
    "catalogue:mine_csv": "a file",
    "catalogue:queue_csv": "a file",
    "desk:team_csv": "a file",
    "desk:team_xlsx": "a file",
    "desk:my_data_json": "a file",
    "desk:my_data_csv": "a file",
    "desk:my_data_zip": "a file",
    **dict.fromkeys(
        ["thanks:start", "thanks:resume", "thanks:press", "thanks:link"], "answers other systems in JSON or XML"
    ),
    **dict.fromkeys(["oauth-token", "oauth-revoke", "api-nothing"], "answers programs in JSON"),
    "recognition:csv": "a file",
    "inbox:open": "leads to what the notification is about",
    "inbox:read_all": "answers a form with a redirect",
    "webhooks:receive": "answers other systems in JSON",
    "healthz-jobs": "plain text for monitoring",
    "healthz": "plain text for monitoring",
    "metrics": "plain text for monitoring",
}
"""Addresses that show no page of ours, each with the reason."""
