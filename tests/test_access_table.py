"""Every URL × every role → what comes back. An address without a row fails, and so does a row without an address.

The roles: nobody signed in; Alice, whose pages are asked for; Bob of her team; Charlie of another division; Dana, who
leads the team above Alice's; Erin, who leads Charlie's team; Fay, who led Alice's team until yesterday; Quinn, who
evaluates quality in Alice's division, and Rory, who does in Charlie's; Vic, the compliance reviewer; Ada, the
administrator; Nora, who administers Alice's division only.

What comes back: a status, or `in` for the way to the sign-in page.
"""

import io
import itertools
import uuid
import zipfile
from dataclasses import dataclass, field

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import get_resolver, resolve, reverse
from django.utils import timezone
from model_bakery import baker

from goals.models import Review
from goals.tests.factories import make_frozen, make_goal, make_reward_pool
from leaderboards.tests.publishing import board_of
from ledger.actions import Order, account_of, single_account, transfer
from ledger.enums import AccountKind, Purpose
from people.actions import align_staff
from people.models import User
from people.tests.factories import join, lead, make_division, make_person, make_team
from rewards.catalogue.actions import request_item
from rewards.recognition.tests.factories import make_gift
from rewards_site.policies import ADMIN, API_DOCUMENT, PAGES
from scorecards.actions import rescore
from scorecards.models import Profile
from tests.centre import write_calls

pytestmark = pytest.mark.django_db

ROLES = ["nobody", "alice", "bob", "charlie", "dana", "erin", "fay", "quinn", "rory", "vic", "ada", "nora"]
STAFF = "dana erin fay quinn rory vic ada nora"
"""Whose roles have anything to do in the admin."""


@dataclass(frozen=True)
class Row:
    """`expected` holds one entry for each of ROLES; `of` names URL parameters by attribute of the centre."""

    expected: str
    of: dict = field(default_factory=dict)
    query: str = ""
    method: str = "get"


def everyone(what: str) -> str:
    """The same for all, signed in or not."""
    return " ".join([what] * len(ROLES))


def members(what: str) -> str:
    """The same for all who are signed in."""
    return " ".join(["in", *[what] * (len(ROLES) - 1)])


def only(names: str, *, other: str = "403", what: str = "200") -> str:
    """`what` for the named roles, `other` for everyone else who is signed in."""
    allowed = set(names.split())
    assert allowed <= set(ROLES)
    return " ".join(["in", *(what if role in allowed else other for role in ROLES[1:])])


SEE_ALICE = "alice dana quinn vic"
"""Who sees Alice's figures: herself, today's lead above her, and who sees her whole division, or all."""

FIGURES = "alice bob charlie dana erin fay quinn rory vic"
"""Who has figures of their own or of others to see."""

BOARD = "in 200 200 404 200 404 200 200 404 200 403 403"
"""The board of Alice's division: of whoever stands there, or sees somebody who does."""

TABLE = {
    # Sign-in and account. A reset link that is not valid says so; what needs the password again leads there (302).
    "account_login": Row("200 " + " ".join(["302"] * (len(ROLES) - 1))),
    "account_logout": Row("302 " + " ".join(["200"] * (len(ROLES) - 1))),
    "account_inactive": Row(everyone("200")),
    "account_signup": Row("200 " + " ".join(["302"] * (len(ROLES) - 1))),
    "account_reauthenticate": Row(members("200")),
    "account_email": Row(everyone("404")),
    "account_change_password": Row(members("200")),
    "account_set_password": Row(members("302")),
    "account_reset_password": Row(everyone("200")),
    "account_reset_password_done": Row(everyone("200")),
    "account_reset_password_from_key_done": Row(everyone("200")),
    "account_reset_password_from_key": Row(everyone("200"), of={"uidb36": "zero", "key": "zero"}),
    "mfa_index": Row(members("200")),
    "mfa_authenticate": Row(members("302")),
    "mfa_reauthenticate": Row(members("302")),
    "mfa_activate_totp": Row(members("302")),
    "mfa_deactivate_totp": Row(members("404")),
    "mfa_view_recovery_codes": Row(members("404")),
    "mfa_generate_recovery_codes": Row(members("302")),
    "mfa_download_recovery_codes": Row(members("404")),
    # Preferences answer forms.
    "pages:theme": Row(everyone("405")),
    "pages:language": Row(everyone("302")),
    # Scorecards. Who leads people and has no figures is sent to the team; who sees nobody's figures gets 403.
    "scorecards:own": Row("in 200 200 200 302 302 200 200 200 302 403 403"),
    "scorecards:scorecard": Row(only(SEE_ALICE, other="404"), of={"public_id": "alice"}),
    "scorecards:csv": Row(only(SEE_ALICE, other="404"), of={"public_id": "alice"}),
    "scorecards:xlsx": Row(only(SEE_ALICE, other="404"), of={"public_id": "alice"}),
    "scorecards:badges": Row(only(SEE_ALICE, other="404"), of={"public_id": "alice"}),
    "scorecards:facts": Row(only(SEE_ALICE, other="404"), of={"public_id": "alice", "key": "metric_key"}),
    # Boards. Who leads or reviews people of one sees it too, nobody sees one of another division.
    "leaderboards:index": Row(only(FIGURES)),
    "leaderboards:audit": Row(only("ada nora")),
    "leaderboards:audit_csv": Row(only("ada nora")),
    "leaderboards:board": Row(BOARD, of={"board": "board"}),
    "leaderboards:board_csv": Row(BOARD, of={"board": "board"}),
    "leaderboards:board_xlsx": Row(BOARD, of={"board": "board"}),
    # Goals. Members and whoever leads or reviews see a goal; who may decide sees its reviews.
    "goals:index": Row(only(FIGURES)),
    "goals:detail": Row("in 200 200 404 200 404 404 200 404 200 403 403", of={"goal": "goal"}),
    "goals:reviews": Row(only("vic")),
    "goals:review": Row(only("vic"), of={"review": "review"}),
    # Home is everyone's; its cards are what each may see. The team is for who may lead or look at others.
    "desk:home": Row(members("200")),
    "desk:team": Row(only("dana erin fay quinn rory vic")),
    "desk:worth_a_look": Row(only("dana erin fay quinn rory vic")),
    "desk:team_csv": Row(only("dana erin fay quinn rory vic")),
    "desk:team_xlsx": Row(only("dana erin fay quinn rory vic")),
    # Rewards. Whoever has points spends them; whoever leads, or runs the catalogue, decides. Pictures are everyone's.
    "catalogue:index": Row(only(FIGURES.replace(" vic", ""))),
    "catalogue:picture": Row(everyone("404"), of={"digest": "zero"}),
    "catalogue:ask": Row("in 200 200 404 200 404 200 200 404 403 403 403", of={"item": "item"}),
    "catalogue:mine": Row(only(FIGURES.replace(" vic", ""))),
    "catalogue:mine_csv": Row(only(FIGURES.replace(" vic", ""))),
    "catalogue:queue": Row(only("dana erin fay")),
    "catalogue:queue_csv": Row(only("dana erin fay")),
    "catalogue:detail": Row(only("alice dana", other="404"), of={"request_id": "asked"}),
    "desk:points": Row(only(FIGURES.replace(" vic", ""))),
    "desk:my_data": Row(members("200")),
    "desk:my_data_json": Row(members("200")),
    "desk:my_data_csv": Row(members("200")),
    "desk:my_data_zip": Row(members("200")),
    "desk:workdays": Row(only("vic ada nora")),
    # One's own inbox. Nobody opens a notification of somebody else.
    "inbox:index": Row(members("200")),
    "inbox:settings": Row(members("200")),
    "inbox:read_all": Row(members("405")),
    "inbox:open": Row(only("alice", what="302", other="404"), of={"notification": "notification"}),
    # Recognition: leads to whom they lead, agents to people of their teams; whoever gave it takes it back.
    "recognition:index": Row(only("alice bob charlie dana erin fay quinn rory")),
    "recognition:csv": Row(only("alice bob charlie dana erin fay quinn rory")),
    "recognition:new": Row(only("dana erin fay"), of={"kind": "by_lead"}),
    "recognition:back": Row(only("dana", other="404"), of={"gift": "gift"}),
    # Imports: files hold rows of whole centres, so the right in one division opens all of them.
    "imports:index": Row(only("ada nora")),
    "imports:new": Row(only("ada nora")),
    "imports:detail": Row(only("ada nora"), of={"public_id": "import"}),
    "imports:mapping": Row(only("ada nora"), of={"public_id": "import"}),
    "imports:refused": Row(only("ada nora"), of={"public_id": "import"}),
    "imports:kind": Row(only("ada nora", what="302"), of={"public_id": "import"}, method="post"),
    "imports:use": Row(only("ada nora", what="302"), of={"public_id": "import"}, method="post"),
    "imports:tables": Row(only("ada nora", what="302"), of={"public_id": "import"}, method="post"),
    "imports:again": Row(only("ada nora", what="302"), of={"public_id": "import"}, method="post"),
    "imports:cancel": Row(members("405"), of={"public_id": "import"}),
    "imports:discard": Row(members("405"), of={"public_id": "import"}),
    # Customers are not signed in: a link that was not made here leads nowhere.
    "thanks:customer": Row(everyone("404"), of={"token": "zero"}),
    "thanks:index": Row(only("dana erin fay quinn rory vic")),
    "thanks:offer": Row(only("dana erin fay quinn rory vic")),
    "thanks:trial": Row(only("dana erin fay quinn rory vic ada nora")),
    "thanks:queue": Row(only("vic")),
    "thanks:waiting": Row(only("vic", what="404"), of={"response": "nobodys"}),
    "thanks:start": Row(everyone("401"), method="post"),
    "thanks:resume": Row(everyone("401"), of={"call": "nobodys"}),
    "thanks:press": Row(everyone("401"), of={"call": "nobodys", "turn": "zero"}, method="post"),
    "thanks:link": Row(everyone("401"), method="post"),
    # Other systems. Without a signature nobody is anybody.
    "webhooks:receive": Row(everyone("401"), of={"source": "source"}, method="post"),
    # The API. Getting a token needs a client's secret; letting a client act for one needs to know which.
    "oauth-token": Row(everyone("400"), method="post"),
    "oauth-revoke": Row(everyone("400"), method="post"),
    "oauth-authorize": Row(members("400")),
    "api-nothing": Row(everyone("404")),
    "api:openapi-json": Row(everyone("200")),
    "api:openapi-view": Row(everyone("200")),
    "api:api-root": Row(everyone("404")),
    # Machines.
    "healthz": Row(everyone("200")),
    "healthz-jobs": Row(everyone("503")),
    "metrics": Row(everyone("404")),
}

ADMIN_TABLE = {
    # The admin around its models. Whoever has no role that configures gets 403 everywhere in it.
    "admin:index": Row(only(STAFF)),
    "admin:login": Row(only(STAFF, what="302")),
    "admin:logout": Row(only(STAFF, other="302", what="405")),
    "admin/password_change/": Row(members("302")),
    "admin:password_change": Row(members("302")),
    "admin:password_change_done": Row(only(STAFF)),
    "admin:autocomplete": Row(members("403")),
    "admin:jsi18n": Row(only(STAFF)),
    "admin:view_on_site": Row(only(STAFF, what="404"), of={"content_type_id": "zero", "object_id": "zero"}),
    "admin:app_list": Row("in 403 403 403 200 200 200 404 404 200 200 200", of={"app_label": "people_label"}),
    "admin:scorecards_profile_members": Row("in 403 403 403 404 404 404 403 403 403 200 200", of={"pk": "profile"}),
    "admin:ledger_account_fund": Row(only("ada"), of={"pk": "pool"}),
    "admin:people_user_erase": Row(only("ada nora"), of={"pk": "alice_key"}),
    "admin:auth_user_password_change": Row(only("ada nora"), of={"id": "alice_key"}),
    "admin/(?P<url>.*)$": Row(only(STAFF, what="404"), of={"url": "zero"}),
}

LISTS_AND_ADDS = {
    # model: who gets its list, who its add page; everyone else gets 403
    "people.user": ("dana erin fay ada nora", "ada nora"),
    "people.division": ("vic ada nora", "ada"),
    "people.team": ("dana erin fay ada nora", "ada nora"),
    "people.queue": ("dana erin fay ada nora", "ada nora"),
    "people.role": ("ada", "ada"),
    "people.objection": ("ada nora", ""),
    "interactions.leg": ("dana erin fay quinn rory", ""),
    "interactions.evaluation": ("dana erin fay quinn rory", "dana erin fay quinn rory"),
    "metrics.metric": ("dana erin fay ada nora", "ada"),
    "scorecards.profile": ("dana erin fay ada nora", "ada"),
    "scorecards.scoringswitch": ("ada nora", "ada nora"),
    "scorecards.divisionday": ("vic ada nora", ""),
    "scorecards.reopening": ("vic ada nora", ""),
    "scorecards.badge": ("ada nora", "ada"),
    "scorecards.watch": ("ada nora", "ada"),
    "leaderboards.board": ("ada nora", "ada nora"),
    "api.client": ("ada", "ada"),
    "api.writtencall": ("ada", ""),
    "api.metricalias": ("ada nora", "ada"),
    "api.fieldalias": ("ada nora", "ada"),
    "api.goalkey": ("ada nora", "ada nora"),
    "api.goalscore": ("ada nora", ""),
    "recognition.budget": ("ada", "ada"),
    "recognition.leadbudget": ("ada nora", "ada nora"),
    "thanks.survey": ("ada nora", "ada nora"),
    "thanks.accesskey": ("ada", "ada"),
    "thanks.response": ("dana erin fay quinn rory", ""),
    "webhooks.endpoint": ("ada", "ada"),
    "webhooks.delivery": ("ada", ""),
    "webhooks.source": ("ada", "ada"),
    "webhooks.report": ("ada", ""),
    "goals.goal": ("dana erin fay ada nora", "dana erin fay ada nora"),
    "catalogue.item": ("ada nora", "ada"),
    "catalogue.category": ("ada nora", "ada"),
    "ledger.account": ("ada", "ada"),
    "ledger.transfer": ("ada", ""),
    "ledger.debt": ("ada", ""),
    "jobs.jobrun": ("ada", ""),
    "jobs.heartbeat": ("ada", ""),
    "axes.accessattempt": ("ada", ""),
    "mfa.authenticator": ("ada", ""),
    "auditlog.logentry": ("ada", ""),
}
"""A list holds only the rows in reach: names of those one leads, or the people, teams and queues one configures.
Figures (legs, evaluations) are for who evaluates, and only of people whose figures they may see.
"""

ROW_PAGES = ("history", "delete", "change")


def addresses(patterns=None, prefix="", namespace=""):
    """(name, or the route where there is none) of every address in the resolver."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            inside = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern.url_patterns, route, inside)
        else:
            yield f"{namespace}{pattern.name}" if pattern.name else route


def model_names():
    """The names of the five standard pages of each model in the admin, and the old address that each has besides."""
    for model in admin.site._registry:
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        for page in ("changelist", "add", *ROW_PAGES):
            yield f"admin:{label}_{page}"
        yield f"admin/{label.replace('_', '/', 1)}/<path:object_id>/"


@pytest.fixture
def centre():
    """The people of the table, in a hierarchy of teams, and what URLs name."""
    today = timezone.now().date()
    baker.make("metrics.Metric", key="asked-for", source="external")
    north, south = make_division("North"), make_division("South")
    region = make_team("Region", division=north)
    team, other_team = make_team("Team", parent=region), make_team("Other", division=south)
    people = {
        "alice": make_person("Alice Quillfeather", division=north, role="agent"),
        "bob": make_person("Bob Underhill", division=north, role="agent"),
        "charlie": make_person("Charlie Thornberry", division=south, role="agent"),
        "dana": make_person("Dana", division=north, role="supervisor"),
        "erin": make_person("Erin", division=south, role="supervisor"),
        "fay": make_person("Fay", division=north, role="supervisor"),
        "quinn": make_person("Quinn", division=north, role="quality_evaluator", in_division=north),
        "rory": make_person("Rory", division=south, role="quality_evaluator", in_division=south),
        "vic": make_person("Vic", role="compliance_reviewer"),
        "ada": make_person("Ada", role="administrator"),
        "nora": make_person("Nora", division=north, role="administrator", in_division=north),
    }
    for person in people.values():
        person.set_password("never typed")
        person.save()
    align_staff(people=User.objects.all())
    join(people["alice"], team)
    join(people["bob"], team)
    join(people["charlie"], other_team)
    lead(people["dana"], region)
    lead(people["erin"], other_team)
    lead(people["fay"], team, until_on=today)
    alice = people["alice"]
    frozen = make_frozen(make_goal(team))
    item = baker.make("catalogue.Item", price_points=1, stock=2)
    item.divisions.add(north)
    order = Order(single_account(AccountKind.ISSUED), account_of(alice), 5, "given", Purpose.GRANT)
    transfer(order, by=None, at=timezone.now())
    asked = request_item(item, token=uuid.uuid4(), by=alice, at=timezone.now())
    named = {
        "item": item.public_id,
        "asked": asked.public_id,
        "zero": "0",
        "nobodys": uuid.UUID(int=0),
        "alice_key": alice.pk,
        "alice": alice.public_id,
        "people_label": "people",
        "metric_key": "asked-for",
        "today": today,
        "profile": Profile.objects.get(is_default=True).pk,
        "board": board_of(Profile.objects.get(is_default=True), north).pk,
        "goal": frozen.goal.public_id,
        "pool": make_reward_pool(100).pk,
        "by_lead": "recognition",
        "gift": make_gift(people["dana"], alice).public_id,
        "notification": baker.make("inbox.Notification", person=alice, kind="thanks", at=timezone.now()).public_id,
        "review": Review.objects.create(snapshot=frozen, cause="value", at=timezone.now()).public_id,
        "source": baker.make("webhooks.Source").public_id,
        "import": baker.make("imports.Import", created_at=timezone.now()).public_id,
    }
    return {"people": people, "named": named, "clients": {}, "division": north}


def client_of(centre, role) -> Client:
    """A browser of the role, signed in once."""
    if role == "nobody":
        return Client()
    if role not in centre["clients"]:
        centre["clients"][role] = Client()
        centre["clients"][role].force_login(centre["people"][role])
    return centre["clients"][role]


def directives(policy: str) -> dict[str, list[str]]:
    """A Content-Security-Policy as the settings write it."""
    return {name: sources for name, *sources in (part.split() for part in policy.split(";"))}


def outcome(client, path, method="get") -> str:
    """The status; `in` where the answer leads to the sign-in page. The admin's own login page counts as its answer.

    Every answer has its Content-Security-Policy.
    """
    response = getattr(client, method)(path)
    policy = ADMIN if path.startswith("/admin/") else API_DOCUMENT if path == "/api/v2/docs" else PAGES
    assert directives(response["Content-Security-Policy"]) == policy, path
    location = response.get("Location", "")
    if (
        response.status_code == 302
        and location == "/admin/"
        and not path.startswith(("/admin/login/", "/admin/logout/"))
    ):
        return "404"  # how the stock admin says that a row is not there
    if response.status_code == 302 and location.startswith("/admin/login/"):
        return outcome(client, location)
    if response.status_code == 302 and location.startswith("/accounts/login/"):
        return "in"
    return str(response.status_code)


def path_of(name, row, centre) -> str:
    given = {key: centre["named"][value] for key, value in row.of.items()}
    if "/" in name:
        return "/" + name.replace("(?P<url>.*)$", "nothing/here/")
    return reverse(name, kwargs=given) + row.query


def seen(centre, path, method="get") -> str:
    return " ".join(outcome(client_of(centre, role), path, method) for role in ROLES)


def operations() -> set[str]:
    """The addresses of the API's operations. Who may do what there stands in its own table, by token."""
    return {name for name in addresses() if name.startswith("api:") and name not in TABLE}


def test_operations_of_the_api_know_nobody_by_a_session(centre):
    """A signed-in browser is nobody there: a page of another site could make it call."""
    answers = {name: seen(centre, operation_path(name)) for name in operations()}
    assert answers
    assert {name for name, found in answers.items() if set(found.split()) - {"401", "405"}} == set()


def operation_path(name: str) -> str:
    [(_, parameters)] = get_resolver().namespace_dict["api"][1].reverse_dict.getlist(name.removeprefix("api:"))[0][0]
    return reverse(name, kwargs=dict.fromkeys(parameters, "0"))


def test_every_address_has_a_row_and_every_row_an_address():
    rows = {*TABLE, *ADMIN_TABLE, *model_names(), *operations()}
    assert rows - {"admin:password_change"} == set(addresses()) - {"admin:password_change"}
    assert {model._meta.label_lower for model in admin.site._registry} == set(LISTS_AND_ADDS)


def test_addresses_answer_each_role_as_their_rows_say(centre):
    rows = TABLE | ADMIN_TABLE
    answers = {name: seen(centre, path_of(name, row, centre), row.method) for name, row in rows.items()}
    assert answers == {name: row.expected for name, row in rows.items()}


def test_lists_and_add_pages_of_models_answer_each_role_as_their_rows_say(centre):
    names = {label: "admin:" + label.replace(".", "_") for label in LISTS_AND_ADDS}
    lists = {label: seen(centre, reverse(f"{name}_changelist")) for label, name in names.items()}
    adds = {label: seen(centre, reverse(f"{name}_add")) for label, name in names.items()}
    assert lists == {label: only(allowed) for label, (allowed, _) in LISTS_AND_ADDS.items()}
    assert adds == {label: only(allowed) for label, (_, allowed) in LISTS_AND_ADDS.items()}


def test_row_pages_of_models_are_closed_to_whoever_has_no_list(centre):
    opened = [
        (label, role, page)
        for label, (lists, _) in LISTS_AND_ADDS.items()
        for role, page in itertools.product(set(ROLES) - set(lists.split()), ROW_PAGES)
        if row_page(centre, label, role, page) not in (["in"] if role == "nobody" else ["403", "404"])
    ]
    assert opened == []


def row_page(centre, label, role, page) -> str:
    path = reverse(f"admin:{label.replace('.', '_')}_{page}", args=[1])
    return outcome(client_of(centre, role), path)


def test_guessed_ids_of_people_are_404_for_those_who_may_not_see_them(centre):
    """A row one may not see and a row that is not there look the same."""
    public = [name for name, row in TABLE.items() if row.of.get("public_id") == "alice"]
    for name in public:
        path = path_of(name, TABLE[name], centre)
        assert resolve(path.split("?")[0])
        for role in ("bob", "charlie", "erin", "fay", "rory", "ada", "nora"):
            assert outcome(client_of(centre, role), path) == "404", (name, role)


# What the pages say, not only whether they open -----------------------------------------------------------------------

ALICE, CHARLIE = "Quillfeather", "Thornberry"
"""Surnames that stand nowhere else."""


@pytest.fixture
def scored(centre):
    """The same centre with enough calls of enough people for boards to show rows."""
    at = timezone.now()
    people = centre["people"]
    more = [make_person(f"Agent {number}", division=centre["division"], role="agent") for number in range(6)]
    write_calls([people["alice"], people["bob"], people["charlie"], *more], at=at)
    rescore(at=at)
    return centre


def text_of(response) -> str:
    """What an answer holds, in a spreadsheet too."""
    body = b"".join(response) if response.streaming else response.content
    if not body.startswith(b"PK"):
        return body.decode()
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return "".join(book.read(part).decode() for part in book.namelist() if part.endswith(".xml"))


def finds(centre, role, path, surname) -> bool:
    response = client_of(centre, role).get(path)
    return response.status_code == 200 and surname in text_of(response)


def own_pages(centre) -> dict[str, str]:
    return {name: path_of(name, row, centre) for name, row in TABLE.items() if row.method == "get"}


def admin_pages(centre) -> dict[str, str]:
    named = {name: path_of(name, row, centre) for name, row in ADMIN_TABLE.items()}
    lists = {label: reverse(f"admin:{label.replace('.', '_')}_changelist") for label in LISTS_AND_ADDS}
    adds = {f"{label} add": reverse(f"admin:{label.replace('.', '_')}_add") for label in LISTS_AND_ADDS}
    return named | lists | adds


def test_no_page_names_alice_to_whoever_may_not_see_her_figures(scored):
    pages = own_pages(scored)
    strangers = set(ROLES) - {*SEE_ALICE.split()}
    found = [(role, name) for role in strangers for name, path in pages.items() if finds(scored, role, path, ALICE)]
    assert found == []


def test_pages_that_could_name_alice_do_so_to_her_lead(scored):
    found = {name for name, path in own_pages(scored).items() if finds(scored, "dana", path, ALICE)}
    assert found >= {"scorecards:scorecard", "desk:team", "desk:team_csv", "desk:team_xlsx", "leaderboards:board"}


def test_admin_names_nobody_beyond_reach(scored):
    pages = admin_pages(scored)
    reach = {"dana": ALICE, "nora": ALICE, "erin": CHARLIE, "quinn": ALICE, "rory": CHARLIE}
    beyond = {role: CHARLIE if near == ALICE else ALICE for role, near in reach.items()}
    leaks = [(role, name) for role in reach for name, path in pages.items() if finds(scored, role, path, beyond[role])]
    shown = {role: any(finds(scored, role, path, reach[role]) for path in pages.values()) for role in reach}
    assert leaks == []
    assert shown == dict.fromkeys(reach, True)
