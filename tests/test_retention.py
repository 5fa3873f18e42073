"""What is kept for how long, what goes when its time is over, and what never goes."""

import datetime as dt
import json

import pytest
from auditlog.models import LogEntry
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from model_bakery import baker

from desk.my_data_queries import everything_about
from foundation.records import retention
from integrations.imports.actions import create_import, store_upload
from integrations.imports.enums import Status
from integrations.imports.models import Import, ImportFile, ImportIssue
from interactions.models import Leg
from leaderboards.models import Board, Publication, Round, RoundMember, Standing
from leaderboards.tests.factories import make_board
from leaderboards.tests.publishing import boards_of_everyone
from leaderboards.tests.test_actions import publish_boards
from ledger.models import Transfer
from people.actions import erase_person
from people.enums import Page
from people.models import Look, User
from people.tests.factories import make_person
from rewards.thanks.models import Response, Thanks
from rewards.thanks.tests.factories import AT as ASKED
from rewards.thanks.tests.factories import make_agent, make_response, walk
from scorecards.models import ScoreDay

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 9, 1, 6, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def short_and_in_a_folder_of_the_test(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(retention, "PAUSE_SECONDS", 0)
    settings.LAUREL_KEEP_DAYS = {
        "people": 0,
        "looks": 90,
        "standings": 200,
        "customers": 100,
        "thanks": 100,
        "inbox": 365,
        "uploads": 30,
    }
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }


def gone(at=AT) -> dict[str, int]:
    return {str(kind.label): rows for kind, rows in retention.apply_retention(at=at) if rows}


def look(person, viewer, *, days) -> Look:
    return Look.objects.create(person=person, viewer=viewer, page=Page.TEAM, hour=AT - dt.timedelta(days=days))


def upload(*, days, status=Status.DONE) -> Import:
    run = create_import(at=AT - dt.timedelta(days=days))
    store_upload(SimpleUploadedFile("calls.csv", b"Agent\nAda"), run=run)
    ImportIssue.objects.create(import_run=run, line=2, value="Ada", reason="unknown")
    Import.objects.filter(pk=run.pk).update(status=status, rows_refused=1)
    return run


# By age ----------------------------------------------------------------------------------------------------------


def test_looks_go_when_their_days_are_over_and_a_second_run_finds_none():
    ada, boss = make_person("Ada"), make_person("Boss")
    look(ada, boss, days=91)
    kept = look(ada, boss, days=90)
    assert gone() == {"Who looked at figures": 1}
    assert list(Look.objects.all()) == [kept]
    assert gone() == {}


def test_more_than_a_batch_goes_by_batches(monkeypatch):
    ada, boss = make_person("Ada"), make_person("Boss")
    for days in range(100, 107):
        look(ada, boss, days=days)
    kind = next(kind for kind in retention.kinds() if kind.setting == "looks")
    small = retention.Kept(kind.setting, kind.label, kind.aged, kind.clear, batch=3)
    sizes = []
    monkeypatch.setattr(retention, "kinds", lambda: [small])
    monkeypatch.setattr(retention.time, "sleep", lambda seconds: sizes.append(Look.objects.count()))
    assert gone() == {"Who looked at figures": 7}
    assert sizes == [4, 1, 0]


def test_nothing_goes_without_end_or_in_a_dry_run(settings, capsys):
    look(make_person("Ada"), make_person("Boss"), days=4000)
    call_command("apply_retention", "--dry-run")
    assert "Who looked at figures: 1 would go (kept 90 days)" in capsys.readouterr().out
    settings.LAUREL_KEEP_DAYS["looks"] = 0
    call_command("apply_retention")
    assert "Who looked at figures: 0 gone (kept without end)" in capsys.readouterr().out
    assert Look.objects.count() == 1


def test_uploads_lose_files_and_unread_rows_and_keep_their_counts(django_capture_on_commit_callbacks):
    old, young, running = upload(days=31), upload(days=29), upload(days=31, status=Status.RUNNING)
    with django_capture_on_commit_callbacks(execute=True):
        assert sum(gone().values()) == 1
    assert set(ImportFile.objects.values_list("import_run", flat=True)) == {young.pk, running.pk}
    assert set(ImportIssue.objects.values_list("import_run", flat=True)) == {young.pk, running.pk}
    assert not default_storage.exists(f"imports/{old.public_id}")
    assert default_storage.exists(f"imports/{young.public_id}")
    assert Import.objects.get(pk=old.pk).rows_refused == 1


def test_page_of_an_import_opens_without_its_file(client):
    run = upload(days=31)
    gone()
    client.force_login(make_person("Root", role="administrator"))
    assert client.get(reverse("imports:detail", args=[run.public_id])).status_code == 200


def test_standings_go_and_scores_stay():
    make_board(*range(130, 0, -10), on=dt.date(2026, 1, 5))
    boards_of_everyone()
    publish_boards(at=dt.datetime(2026, 1, 13, 12, tzinfo=dt.UTC))
    scores = list(ScoreDay.objects.order_by("pk").values())
    rounds = Round.objects.count()
    assert Standing.objects.exists() and RoundMember.objects.exists()
    assert gone(at=AT - dt.timedelta(days=120)) == {}
    assert set(gone()) == {"Published standings of leaderboards", "Whom leaderboards ranked"}
    assert not Publication.objects.exists() and not Standing.objects.exists() and not RoundMember.objects.exists()
    assert Round.objects.count() == rounds
    assert Board.objects.exists()
    assert list(ScoreDay.objects.order_by("pk").values()) == scores
    publish_boards(at=AT)
    assert not Publication.objects.filter(ends_on__lt=dt.date(2026, 2, 1)).exists()


def test_standings_that_are_still_compared_stay_whatever_the_setting_says(settings):
    settings.LAUREL_KEEP_DAYS["standings"] = 1
    assert {kind.days for kind in retention.kinds() if kind.setting == "standings"} == {101}


def test_thanks_lose_customer_and_name_and_keep_points():
    agent = make_agent("Ada", email="ada@example.com")
    walk(make_response(agent, customer="0123"))
    Response.objects.update(named="ada@example.com")
    before = list(Thanks.objects.values()), list(Transfer.objects.values())
    assert Response.objects.get().customer_key
    assert sum(gone(at=ASKED + dt.timedelta(days=100)).values()) == 0
    assert sum(gone(at=ASKED + dt.timedelta(days=101)).values()) == 1
    response = Response.objects.get()
    assert (response.named, response.customer_key, response.agent, response.recommend) == ("", "", agent, 1)
    assert (list(Thanks.objects.values()), list(Transfer.objects.values())) == before
    assert Transfer.objects.exists()


def test_interactions_lose_the_customer_and_stay():
    old, young = (baker.make(Leg, started_at=AT - dt.timedelta(days=days), customer_key="k") for days in (101, 99))
    assert gone() == {"Which interactions were with the same customer": 1}
    assert list(Leg.objects.order_by("pk").values_list("pk", "customer_key")) == [(old.pk, None), (young.pk, "k")]
    assert gone() == {}


def test_page_says_for_each_kind_how_long_it_is_kept(client):
    client.force_login(make_person("Ada", role="agent"))
    text = client.get(reverse("desk:my_data")).content.decode()
    for kind in retention.kinds():
        assert str(kind.label).replace("'", "&#x27;") in text
    assert "200 days" in text


def test_who_left_is_erased_at_the_moment_of_the_run(settings):
    settings.LAUREL_KEEP_DAYS["people"] = 100
    ada = make_person("Ada", is_active=False, left_at=AT - dt.timedelta(days=101))
    assert gone() == {"Name, e-mail and ids, after somebody left": 1}
    assert LogEntry.objects.get_for_object(ada).values_list("timestamp", flat=True).get() == AT
    assert gone() == {}


# Erasing ---------------------------------------------------------------------------------------------------------


def test_erased_person_is_quoted_nowhere_and_their_thanks_stay():
    agent = make_agent("Ada Unmistakable", email="ada@example.com", external_id="7")
    walk(make_response(agent))
    Response.objects.update(named="ada@example.com")
    run = upload(days=1)
    for value in ("x Ada Unmistakable", "ADA@example.com", "7", "17"):
        ImportIssue.objects.create(import_run=run, line=3, value=value, reason="unknown")
    before = list(Thanks.objects.values()), list(Transfer.objects.values()), agent.public_id
    agent.is_active, agent.left_at = False, AT
    erase_person(person=agent, by=None, at=AT)
    assert sorted(ImportIssue.objects.values_list("value", flat=True)) == ["17", "Ada"]
    assert Response.objects.get().named == ""
    assert (list(Thanks.objects.values()), list(Transfer.objects.values()), agent.public_id) == before


# Everything that names a person ----------------------------------------------------------------------------------

OFFICE = "an act of office: it speaks of others"
SECRET = "a secret, or a way to sign in"
EXPORTED = {
    "people.DivisionAssignment.person": "divisions",
    "people.QueueMembership.person": "queues",
    "people.TeamMembership.person": "teams",
    "people.TeamLead.person": "teams_led",
    "people.BoardChoice.person": "leaderboard_choices",
    "people.Objection.person": "objections",
    "people.Look.person": "who_looked",
    "people.Look.viewer": "own_looks",
    "people.Grant.person": "roles",
    "ledger.Account.person": "reward_points",
    "interactions.Leg.agent": "interactions",
    "interactions.Evaluation.agent": "quality_evaluations",
    "metrics.Reading.agent": "readings",
    "metrics.DayValue.agent": "workdays",
    "scorecards.ProfileAssignment.person": "profiles",
    "scorecards.Score.agent": "workdays",
    "scorecards.ScoreDay.agent": "workdays",
    "scorecards.DayRevision.agent": "revised_values",
    "scorecards.BadgeAward.person": "badges",
    "goals.SnapshotMember.person": "goal_results",
    "goals.Payout.person": "goal_payouts",
    "goals.Review.person": "goal_reviews",
    "goals.Adjustment.person": "goal_adjustments",
    "leaderboards.RoundMember.person": "leaderboards",
    "catalogue.Request.person": "catalogue_requests",
    "inbox.Notification.person": "notifications",
    "inbox.Switch.person": "notification_choices",
    "inbox.Mailing.person": "daily_mail",
    "inbox.Digest.person": "daily_mails_sent",
    "recognition.Gift.giver": "recognition",
    "recognition.LeadBudget.person": "recognition_budgets",
    "recognition.Gift.recipient": "recognition",
    "thanks.Response.agent": "customer_thanks",
    "thanks.Thanks.agent": "thanks",
    "thanks.Resolution.agent": "thanks_given_by_hand",
    "api.GoalScore.person": "goal_scores",
}
NOT_EXPORTED = {
    "account.EmailAddress.user": "stands under the person",
    "admin.LogEntry.user": OFFICE,
    "auditlog.LogEntry.actor": OFFICE,
    "interactions.Touch.agent": "gone within seconds",
    **dict.fromkeys(
        (
            "mfa.Authenticator.user",
            "oauth2_provider.Grant.user",
            "oauth2_provider.AccessToken.user",
            "oauth2_provider.RefreshToken.user",
            "oauth2_provider.IDToken.user",
            "oauth2_provider.DeviceGrant.user",
        ),
        SECRET,
    ),
    "people.User_groups.user": "not used: roles stand in grants",
    "people.User_user_permissions.user": "not used: roles stand in grants",
    **dict.fromkeys(
        (
            "people.Objection.answered_by",
            "inbox.Notification.by",
            "ledger.Transfer.by",
            "ledger.Debt.by",
            "interactions.Evaluation.evaluator",
            "scorecards.ObjectiveTerms.by",
            "scorecards.ScoringSwitch.by",
            "scorecards.Reopening.by",
            "goals.Goal.created_by",
            "goals.GoalTerms.by",
            "goals.ReviewDecision.by",
            "catalogue.Decision.by",
            "catalogue.StockChange.by",
            "recognition.TakenBack.by",
            "thanks.SurveyVersion.by",
            "thanks.Resolution.by",
            "imports.Mapping.by",
            "imports.Import.by",
            "webhooks.GoalLink.by",
            "webhooks.Handling.by",
            "api.Client.user",
            "api.Client.person",
            "api.WrittenCall.person",
            "api.GoalScore.by",
        ),
        OFFICE,
    ),
}


def relations_to_people() -> set[str]:
    fields = (field for model in apps.get_models(include_auto_created=True) for field in model._meta.get_fields())
    return {
        f"{field.model._meta.label}.{field.name}"
        for field in fields
        if field.concrete and (field.many_to_one or field.one_to_one) and field.related_model is User
    }


def test_every_relation_to_a_person_is_exported_or_has_a_reason_not_to_be():
    assert relations_to_people() == {*EXPORTED, *NOT_EXPORTED}
    assert not set(EXPORTED) & set(NOT_EXPORTED)
    person = make_person("Ada")
    assert set(EXPORTED.values()) <= set(everything_about(person, on=AT.date()))


def test_thanks_boards_and_looks_of_the_person_are_in_the_file_and_nobody_elses(client):
    agent, boss = make_agent("Ada", email="ada@example.com"), make_person("Boss", role="supervisor")
    walk(make_response(agent))
    walk(make_response(make_agent("Bob", email="bob@example.com")))
    look(agent, boss, days=3)
    found = everything_about(agent, on=timezone.now().date())
    assert [each["points"] for each in found["thanks"]] == [40]
    assert [each["viewer"] for each in found["who_looked"]] == ["Boss"]
    assert everything_about(boss, on=AT.date())["own_looks"] == [{"hour": AT - dt.timedelta(days=3), "page": "team"}]
    client.force_login(agent)
    assert [each["points"] for each in json.loads(client.get(reverse("desk:my_data_json")).content)["thanks"]] == [40]
