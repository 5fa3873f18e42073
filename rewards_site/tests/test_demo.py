import datetime as dt
import zoneinfo
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client

from desk.worth_queries import worth_a_look_for
from inbox.models import Notification
from inbox.queries import kinds_for
from interactions.models import Evaluation, Leg, Touch
from metrics.models import Reading
from people.access import led_people, may_see
from people.enums import Permission
from people.models import Division, Grant, QueueMembership, Team, TeamLead, TeamMembership, User
from rewards.catalogue.models import Item
from rewards.recognition.models import Gift
from rewards.thanks.queries import version_for
from rewards_site.demo import PASSWORD, SIGN_INS
from rewards_site.demo.build import NotEmpty, build, stands
from rewards_site.demo.names import draw_name
from rewards_site.demo.plan import SITES, SMALLEST_TEAM, team_sizes
from rewards_site.demo.staff import draw_staff
from rewards_site.demo.workdays import Records, workday_of
from scorecards.actions import rescore
from scorecards.models import DivisionDay, ObjectiveTerms, Profile, ProfileAssignment, Score, ScoreDay
from scorecards.queries import profiles_within

AT = dt.datetime(2026, 11, 20, 14, 0, tzinfo=dt.UTC)
SMALL = {"seed": 1, "at": AT, "agents": 24, "days": 6}


def rows() -> dict[str, list]:
    """Everything that a build writes, without keys of the database and the salted password."""
    listed = {
        User: ("external_id", "public_id", "email", "name", "short_name", "is_active", "is_staff"),
        TeamMembership: ("team__name", "person__external_id", "from_on", "until_on"),
        QueueMembership: ("queue__name", "person__external_id", "weight", "from_on", "until_on"),
        TeamLead: ("team__name", "person__external_id"),
        Grant: ("person__external_id", "role__slug", "division__name"),
        ProfileAssignment: ("person__external_id", "profile__name", "from_on"),
        ObjectiveTerms: ("objective__profile__name", "metric__key", "from_on", "zones", "guard_metric__key"),
        Leg: (
            *("external_id", "agent__external_id", "workday", "started_at", "ended_at", "queue__name"),
            *("wait_seconds", "talk_seconds", "hold_seconds", "after_call_seconds", "resolved", "rating", "wrap_up"),
        ),
        Evaluation: ("external_id", "leg__external_id", "score", "released", "evaluator__external_id"),
        Reading: ("key", "value", "workday"),
        Touch: ("agent__external_id", "workday"),
    }
    return {
        model.__name__: sorted(model.objects.values_list(*fields).iterator(), key=str)
        for model, fields in listed.items()
    }


def rows_of(**changed) -> dict[str, list]:
    """The rows of a build that is then undone."""
    with transaction.atomic():
        build(**{**SMALL, **changed})
        written = rows()
        transaction.set_rollback(True)
    return written


@pytest.mark.django_db
def test_build_same_seed_and_moment_writes_same_rows():
    first = rows_of()
    assert all(first.values())
    assert rows_of() == first


@pytest.mark.django_db
def test_build_other_seed_writes_other_rows():
    first, other = rows_of(), rows_of(seed=2)
    assert {name for name in first if first[name] == other[name]} == {"ObjectiveTerms", "TeamLead", "Grant"}


@pytest.mark.django_db
def test_build_has_nothing_after_its_moment_and_each_workday_is_local():
    build(**SMALL)
    assert not Leg.objects.filter(ended_at__gt=AT).exists()
    zones = {
        person.pk: zoneinfo.ZoneInfo(person.division_assignments.get().division.time_zone)
        for person in User.objects.all()
    }
    wrong = [leg for leg in Leg.objects.all() if leg.started_at.astimezone(zones[leg.agent_id]).date() != leg.workday]
    assert wrong == []
    worked_today = {
        name for (name,) in Leg.objects.filter(workday=AT.date()).values_list("agent__grants__division__name")
    }
    assert worked_today == {site.name for site in SITES}


@pytest.mark.django_db
def test_build_voice_contacts_of_an_agent_do_not_overlap():
    build(**SMALL)
    ends: dict[int, dt.datetime] = {}
    for leg in Leg.objects.filter(media_type="voice").order_by("agent_id", "started_at"):
        assert leg.started_at >= ends.get(leg.agent_id, leg.started_at)
        ends[leg.agent_id] = leg.ended_at


@pytest.mark.django_db
def test_sign_ins_open_what_their_role_may_see():
    build(**SMALL)
    seen = {}
    for who, email, password in SIGN_INS:
        person = User.objects.get(email=email)
        assert person.check_password(password)
        seen[who] = sum(may_see(person, other, on=AT.date()) for other in User.objects.all())
    everyone = User.objects.count()
    assert seen["agent"] == 1
    assert 1 < seen["supervisor"] < 12
    assert seen["administrator"] == 0
    assert seen["quality evaluator"] < seen["compliance"] == everyone
    assert User.objects.exclude(password__startswith="!").count() == len(SIGN_INS)


@pytest.mark.django_db
def test_sign_in_page_takes_the_agent():
    build(**SMALL)
    client = Client()
    client.post("/accounts/login/", {"login": SIGN_INS[0][1], "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(User.objects.get(email=SIGN_INS[0][1]).pk)


@pytest.mark.django_db
def test_stands_people_of_others_are_refused():
    assert not stands()
    build(**SMALL)
    assert stands()
    User.objects.create(name="Real", email="real@example.com")
    with pytest.raises(NotEmpty):
        stands()


@pytest.mark.django_db
def test_command_refuses_a_database_with_people(capsys):
    User.objects.create(name="Real", email="real@example.com")
    with pytest.raises(CommandError, match="not the demo's own"):
        call_command("demo")
    assert not Division.objects.filter(name="Berlin").exists()


@pytest.mark.django_db
def test_command_twice_says_so_and_changes_nothing(capsys):
    call_command("demo", "--date=2026-11-20", agents=24, days=3)
    legs = Leg.objects.count()
    call_command("demo", "--date=2026-11-21", agents=24, days=3)
    said = capsys.readouterr().out
    assert "there already" in said
    assert Leg.objects.count() == legs
    assert all(email in said for _, email, _ in SIGN_INS)


@pytest.mark.django_db
def test_command_leaves_nothing_due_and_past_workdays_final(capsys):
    call_command("demo", "--date=2026-11-20", agents=24, days=6)
    assert not Touch.objects.exists()
    closed = DivisionDay.objects.filter(workday__gte=AT.date() - dt.timedelta(days=4), workday__lt=AT.date())
    assert closed.count() == 4 * len(SITES)
    assert not DivisionDay.objects.filter(workday__gte=AT.date()).exists()
    zones = set(Score.objects.values_list("zone", flat=True))
    assert zones == {"out", "good", "target"}
    profiles = set(ScoreDay.objects.values_list("profile__name", flat=True))
    assert profiles == {"Standard", "Sales", "Chat and e-mail", "Berlin support"}


@pytest.mark.django_db
def test_command_draws_rewards_and_lends_them_to_the_survey_and_people_recognise_each_other(capsys):
    call_command("demo", "--date=2026-11-20", agents=24, days=6)
    assert {bool(item.picture_id) for item in Item.objects.all()} == {True}
    options = version_for(None, on=AT.date()).definition.options
    assert [option.name("en") for option in options if option.picture] == [
        "Soft drink", "Delivered snack", "Specialty coffee",
    ]  # fmt: skip
    assert set(Gift.objects.values_list("kind", "taken_back__reason")) == {
        ("recognition", None), ("thanks", None), ("recognition", "It was another Saturday."),
    }  # fmt: skip
    agent = User.objects.get(email="agent@example.com")
    told = Notification.objects.filter(person=agent)
    assert {row.read_at is None for row in told} == {True, False}
    people = User.objects.filter(notifications__isnull=False).distinct()
    kinds = {person: set(person.notifications.values_list("kind", flat=True)) for person in people}
    assert set().union(*kinds.values()) >= {"thanks", "request_made"}
    assert {person.email: kinds[person] - set(kinds_for(person)) for person in people} == {
        person.email: set() for person in people
    }


@pytest.mark.django_db
def test_team_tree_has_heads_above_leads_and_a_team_under_five():
    build(**SMALL)
    retention = Team.objects.get(name=SMALLEST_TEAM)
    assert retention.parent.name == "Berlin support"
    assert retention.parent.parent.name == "Berlin"
    assert 0 < retention.memberships.on(AT.date()).count() < 5
    assert set(Team.objects.values_list("leads__team", flat=True)) == set(Team.objects.values_list("pk", flat=True))
    assert Profile.objects.count() == 4


def test_team_sizes_add_up_and_only_one_is_small():
    for agents in (24, 60, 120, 300):
        sizes = team_sizes(agents)
        assert sum(sizes.values()) == agents
        assert sizes[SMALLEST_TEAM] < 5
    assert [name for name, size in team_sizes(120).items() if size < 5] == [SMALLEST_TEAM]


def test_draw_staff_has_joiners_leavers_part_timers_and_one_who_games():
    first = AT.date() - dt.timedelta(days=90)
    agents = draw_staff(seed=1, agents=120, first=first, today=AT.date()).agents
    assert len({agent.email for agent in agents}) == len({agent.public_id for agent in agents}) == 120
    assert sum(agent.is_gaming for agent in agents) == 1
    assert 4 <= sum(agent.joined_late for agent in agents) <= 20
    assert 2 <= sum(agent.until_on is not None for agent in agents) <= 15
    assert 12 <= sum(agent.shift_hours < 8 for agent in agents) <= 40
    assert sum(agent.moved is not None for agent in agents) == 2
    assert sum(not agent.name.isascii() for agent in agents) > 30


def test_gaming_agent_is_quick_and_leaves_work_to_others():
    first = AT.date() - dt.timedelta(days=30)
    records = Records(1, first, 30, AT)
    agents = draw_staff(seed=1, agents=120, first=first, today=AT.date()).agents
    team = [agent for agent in agents if agent.team.name == "Bengaluru billing"]

    def figures(agent):
        days = [workday_of(agent, first + dt.timedelta(days=offset), records) for offset in range(30)]
        answered = [contact for day in days for contact in day.contacts if contact.answered]
        return (
            sum(contact.talk for contact in answered) / len(answered),
            sum(contact.transferred for contact in answered) / len(answered),
            sum(contact.resolved is True for contact in answered) / len(answered),
        )

    gaming = figures(next(agent for agent in team if agent.is_gaming))
    others = [figures(agent) for agent in team if not agent.is_gaming and not agent.joined_late]
    assert gaming[0] < min(talk for talk, _, _ in others)
    assert gaming[1] > max(transferred for _, transferred, _ in others)
    assert gaming[2] < min(resolved for _, _, resolved in others)


@pytest.mark.django_db
def test_the_demo_supervisor_finds_the_agent_who_hurries_worth_a_look():
    build(seed=1, at=AT, agents=24, days=35)
    rescore(at=AT)
    supervisor = User.objects.get(email="supervisor@example.com")
    first = AT.date() - dt.timedelta(days=35)
    agents = draw_staff(seed=1, agents=24, first=first, today=AT.date()).agents
    (hurried,) = [agent.name for agent in agents if agent.hurries_from]
    hints = worth_a_look_for(supervisor, on=AT.date()).hints
    assert (hurried, "Handle time against transfers") in {(hint.person.name, hint.watched.watch.name) for hint in hints}


def test_draw_name_namesakes_get_handles_of_their_own():
    taken: set[str] = set()
    rng = Random(1)
    handles = [draw_name(rng, SITES[2].cultures, taken=taken).handle for _ in range(700)]
    assert len(set(handles)) == 700


@pytest.mark.django_db
def test_the_demo_supervisor_finds_a_profile_to_change():
    build(**SMALL)
    supervisor, day = User.objects.get(email="supervisor@example.com"), AT.date()
    led = led_people(supervisor, on=day, permission=Permission.CONFIGURE_LED)
    assert [profile.name for profile in profiles_within(led, on=day)] == ["Berlin support"]
