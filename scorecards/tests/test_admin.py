"""Profiles, objectives, members and switches in the admin."""

import datetime as dt
from decimal import Decimal
from html import unescape

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from foundation.records.dated import EVER
from metrics.tests.factories import metric
from people.models import Queue, User
from people.tests.factories import join, lead, make_division, make_person, make_team
from scorecards.actions import assign_profile, publish_terms, rescore
from scorecards.enums import ZoneKind
from scorecards.forms.objectives import draft_of
from scorecards.models import (
    DivisionDay,
    Multiplier,
    Objective,
    ObjectiveTerms,
    Profile,
    ProfileAssignment,
    ScoringSwitch,
)
from scorecards.queries import first_open_day, members_of, tomorrow_everywhere
from scorecards.rules.curve import score_at
from scorecards.rules.flat import Flat, zones_of
from scorecards.rules.scoring import Zone, zones_from_json
from scorecards.rules.terms import TermsDraft
from scorecards.tests.factories import make_external, make_profile, make_terms, put_day_value

pytestmark = pytest.mark.django_db
UNIT = 100_000
PREFIX = "objectives"

HANDLE_TIME = {
    "kind": "lower",
    "position": "10",
    "is_active": "on",
    "target_to": "3:00",
    "near_to": "600",
    "edge_points": "100",
    "near_points": "200",
    "target_points": "300",
    "guard_operator": "at_least",
    "guard_scope": "agent",
}


@pytest.fixture
def administrator(client):
    person = make_person("Ines", role="administrator", is_staff=True)
    client.force_login(person)
    return person


@pytest.fixture
def profile():
    return make_profile("Sales")


def tomorrow():
    return tomorrow_everywhere(at=timezone.now())


def typed(*rows, name="Sales", from_on=None, **more):
    """The profile's form as it is posted: each row an objective, with its `id` where it is there already."""
    data = {"name": name, "is_active": "on", "from_on": (from_on or tomorrow()).isoformat()}
    known = sum("id" in row for row in rows)
    data |= {f"{PREFIX}-TOTAL_FORMS": str(len(rows)), f"{PREFIX}-INITIAL_FORMS": str(known)}
    for number, row in enumerate(rows):
        data |= {f"{PREFIX}-{number}-{field}": value for field, value in row.items()}
    return data | more


def row(key="average_handle_time", **changes):
    return {"metric": str(metric(key).pk), **HANDLE_TIME, **changes}


def row_of(objective, **changes):
    """The row of a published handle-time objective."""
    return {**HANDLE_TIME, "id": str(objective.pk), "profile": str(objective.profile_id), **changes}


def change_page(profile):
    return reverse("admin:scorecards_profile_change", args=[profile.pk])


def post(client, profile, *rows, **more):
    return client.post(change_page(profile), typed(*rows, name=profile.name, **more))


def publish(client, profile, **changes):
    assert post(client, profile, row(**changes)).status_code == 302
    return profile.objectives.get()


def row_errors(response):
    forms = response.context["inline_admin_formsets"][0].formset.forms
    return {field: list(errors) for form in forms for field, errors in form.errors.items()}


# Publishing ----------------------------------------------------------------------------------------------------------


def test_a_new_objective_is_published_from_the_chosen_day(client, administrator, profile):
    terms = publish(client, profile).terms.get()
    assert (terms.from_on, terms.by, terms.kind) == (tomorrow(), administrator, "lower")
    assert [score_at(value * UNIT, zones_from_json(terms.zones)).points for value in (180, 181, 300, 600, 601)] == [
        300,
        200,
        171,
        100,
        0,
    ]


def test_a_change_writes_new_terms_and_leaves_the_old_ones(client, administrator, profile):
    objective = publish(client, profile)
    old = ObjectiveTerms.objects.filter(objective=objective).values().get()
    later = tomorrow() + dt.timedelta(days=7)
    assert post(client, profile, row_of(objective, target_points="400"), from_on=later).status_code == 302
    assert ObjectiveTerms.objects.filter(pk=old["id"]).values().get() == old
    assert objective.terms.get(from_on=later).zones[0]["lower_points"] == 400


def test_saving_what_was_not_changed_publishes_nothing(client, administrator, profile):
    objective = publish(client, profile)
    later = tomorrow() + dt.timedelta(days=7)
    assert post(client, profile, row_of(objective, position="20"), from_on=later).status_code == 302
    objective.refresh_from_db()
    assert (objective.position, objective.terms.count()) == (20, 1)


def test_what_the_page_shows_can_be_posted_back_unchanged(client, administrator, profile):
    """Every shipped and drafted rule survives the way through the form's own fields."""
    standard = Profile.objects.get(is_default=True)
    formset = client.get(change_page(standard)).context["inline_admin_formsets"][0].formset
    rows = [
        {"id": str(form.instance.pk), "profile": str(standard.pk)}
        | {name: form[name].value() for name in form.fields if name not in ("id", "profile", "multipliers", "metric")}
        for form in formset.initial_forms
    ]
    rows = [{name: "on" if value is True else str(value or "") for name, value in one.items()} for one in rows]
    before = ObjectiveTerms.objects.count()
    assert post(client, standard, *rows).status_code == 302
    assert ObjectiveTerms.objects.count() == before == 6


def test_a_rule_with_more_zones_than_fields_stays_unless_they_are_filled(client, administrator, profile):
    kinds = (ZoneKind.OUT, None, 5), (ZoneKind.TARGET, 5, 9), (ZoneKind.GREAT, 9, None)
    zones = tuple(
        Zone(kind, lower and lower * UNIT, upper and upper * UNIT, points, points)
        for points, (kind, lower, upper) in zip((0, 10, 20), kinds, strict=True)
    )
    terms = make_terms(profile, metric("satisfaction"), zones)
    kept = {"id": str(terms.objective_id), "profile": str(profile.pk), "position": "7", "is_active": "on"}
    kept |= {"kind": "higher", "guard_operator": "at_least", "guard_scope": "agent"}
    assert "more zones than the fields below can say" in client.get(change_page(profile)).content.decode()
    assert post(client, profile, kept).status_code == 302
    assert terms.objective.terms.count() == 1
    assert post(client, profile, {**kept, "target_from": "4", "target_points": "30"}).status_code == 302
    assert len(terms.objective.terms.order_by("-from_on")[0].zones) == 2


def test_guard_filters_and_multipliers_are_published(client, administrator, profile):
    queue, team = Queue.objects.create(name="Sales"), make_team("Closers")
    more = {
        "media_type": "voice",
        "queue": str(queue.pk),
        "guard_metric": str(metric("service_level_20s").pk),
        "guard_bound": "80 %",
        "multipliers-target": [f"q{queue.pk}", f"t{team.pk}", ""],
        "multipliers-percent": ["120", "50", ""],
    }
    terms = publish(client, profile, **more).terms.get()
    assert (terms.media_type, terms.queue, terms.guard_bound) == ("voice", queue, Decimal(80))
    assert (terms.metric.narrowed_from, terms.metric.narrow_queue) == (metric("average_handle_time"), queue)
    found = set(Multiplier.objects.filter(terms=terms).values_list("queue", "team", "percent"))
    assert found == {(queue.pk, None, 120), (None, team.pk, 50)}
    draft = draft_of(terms)
    assert (draft.guard_metric_id, draft.queue_id, len(draft.multipliers)) == (terms.guard_metric_id, queue.pk, 2)


def test_a_change_before_terms_that_are_published_already_is_refused(client, administrator, profile):
    objective = publish(client, profile)
    ObjectiveTerms.objects.filter(objective=objective).update(from_on=tomorrow() + dt.timedelta(days=5))
    response = post(client, profile, row_of(objective, target_points="400"))
    assert "Let your change hold from that day or a later one." in response.content.decode()
    assert objective.terms.count() == 1


def test_an_objective_is_switched_off_from_a_day(client, administrator, profile):
    objective = publish(client, profile)
    off = {name: value for name, value in row_of(objective).items() if name != "is_active"}
    later = tomorrow() + dt.timedelta(days=1)
    assert post(client, profile, off, from_on=later).status_code == 302
    assert list(objective.terms.order_by("from_on").values_list("is_active", flat=True)) == [True, False]


def test_a_new_profile_begins_without_a_start_date(client, administrator):
    data = typed(row(), name="Night", from_on=None) | {"from_on": ""}
    assert client.post(reverse("admin:scorecards_profile_add"), data).status_code == 302
    assert Profile.objects.get(name="Night").objectives.get().terms.get().from_on == EVER


def test_publishing_leaves_entries_in_the_log(client, administrator, profile):
    terms = publish(client, profile).terms.get()
    entry = LogEntry.objects.get_for_object(terms).get()
    assert (entry.action, entry.actor) == (LogEntry.Action.CREATE, administrator)
    client.force_login(administrator)
    assert client.get(reverse("admin:auditlog_logentry_change", args=[entry.pk])).status_code == 200


# What is refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"target_to": ""}, "target_to", "Say up to which value the target is met."),
        ({"near_to": "2:00"}, "near_to", "The near zone must end above the target."),
        ({"near_to": "soon"}, "near_to", "“soon” is not a number. Write 180, or 3:00 for three minutes."),
        ({"target_points": "-1"}, "target_points", "Points cannot be negative."),
        (
            {"edge_points": "250"},
            "edge_points",
            "The edge of the near zone must not pay more than values next to the target.",
        ),
        ({"near_points": "301"}, "near_points", "The near zone must not pay more than the target."),
        ({"guard_bound": "80"}, "guard_metric", "Choose the metric of the guard, or leave its value empty."),
        (
            {"multipliers-target": ["q999"], "multipliers-percent": ["120"]},
            "multipliers",
            "Choose a queue or a team for each percent.",
        ),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_in_plain_words(client, administrator, profile, changes, field, message):
    response = post(client, profile, row(**changes))
    assert response.status_code == 200
    assert row_errors(response) == {field: [message]}
    assert not ObjectiveTerms.objects.filter(objective__profile=profile).exists()


def guarded(key, **changes):
    return row(guard_metric=str(metric(key).pk), **changes)


def test_a_guard_is_complete_and_another_metric_than_its_own(client, administrator, profile):
    assert row_errors(post(client, profile, guarded("service_level_20s"))) == {
        "guard_bound": ["Say which value the guard asks for."]
    }
    assert row_errors(post(client, profile, guarded("average_handle_time", guard_bound="5"))) == {
        "guard_metric": ["A guard must be another metric than the objective's own."]
    }
    home_queue = guarded("service_level_20s", guard_bound="80", guard_scope="home_queue")
    assert row_errors(post(client, profile, home_queue)) == {
        "guard_scope": ["This comes with queue figures. Choose the agent's own value for now."]
    }


def test_multipliers_are_whole_percents_each_once(client, administrator, profile):
    team = make_team("Closers")
    for percents in (["0"], ["1.5"], ["120", "130"]):
        targets = [f"t{team.pk}"] * len(percents)
        response = post(client, profile, row(**{"multipliers-target": targets, "multipliers-percent": percents}))
        assert list(row_errors(response)) == ["multipliers"]


def test_a_metric_is_not_scored_twice_with_the_same_filters(client, administrator, profile):
    response = post(client, profile, row(), row(position="20"))
    assert row_errors(response) == {"metric": ["This metric is scored twice with the same filters."]}
    assert post(client, profile, row(), row(position="20", media_type="chat")).status_code == 302


def test_final_workdays_take_no_change_without_the_right_to_reopen(client, profile):
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    DivisionDay.objects.create(division=make_division(), workday=yesterday, closed_at=timezone.now())
    assert first_open_day() == timezone.localdate()
    lea = make_person("Lea", role="supervisor", is_staff=True)
    team = make_team()
    lead(lea, team)
    member = make_person("Mo")
    join(member, team)
    assign_profile(people=[member], profile=profile, from_on=EVER, by=None, at=timezone.now())
    client.force_login(lea)
    response = post(client, profile, row(), from_on=yesterday)
    assert list(response.context["adminform"].form.errors) == ["from_on"]
    client.force_login(make_person("Ines", role="administrator", is_staff=True))
    assert post(client, profile, row(), from_on=yesterday).status_code == 302


def test_terms_that_final_workdays_used_are_not_replaced(client, administrator, profile):
    """What the action refuses is said on the page, which comes back as it was typed."""
    day = timezone.localdate() - dt.timedelta(days=2)
    objective = publish(client, profile)
    ObjectiveTerms.objects.filter(objective=objective).update(from_on=day)
    division = make_division()
    agent = make_person("Ada", division=division)
    assign_profile(people=[agent], profile=profile, from_on=EVER, by=None, at=timezone.now())
    put_day_value(agent, metric("average_handle_time"), total=100 * UNIT, count=1000, day=day)
    rescore(at=timezone.now())
    DivisionDay.objects.create(division=division, workday=day, closed_at=timezone.now())
    response = post(client, profile, row_of(objective, target_points="400"), from_on=day)
    assert response.status_code == 200
    assert "Final workdays were scored by the terms" in unescape(response.content.decode())
    assert response.context["inline_admin_formsets"][0].formset.forms[0]["target_points"].value() == "400"
    assert objective.terms.get().zones[0]["lower_points"] == 300


# Preview -------------------------------------------------------------------------------------------------------------


def test_the_preview_shows_what_the_rule_pays_and_saves_nothing(client, administrator, profile):
    response = post(client, profile, row(), _preview="1")
    assert not Objective.objects.filter(profile=profile).exists()
    form = response.context["inline_admin_formsets"][0].formset.forms[0]
    assert [(one.value, one.points) for one in form.rule.examples] == [
        ("2:59", 300),
        ("3:00", 300),
        ("3:01", 200),
        ("6:30", 150),
        ("9:59", 100),
        ("10:00", 100),
        ("10:01", 0),
    ]
    assert [(line.values, line.points) for line in form.rule.words] == [
        ("up to 3:00", "300 points"),
        ("above 3:00 up to 10:00", "200 falling to 100 points"),
        ("above 10:00", "0 points"),
    ]
    assert response.context["preview"]["maximum"] == 300


def test_with_htmx_the_preview_comes_with_its_curves_only(client, administrator, profile):
    data = typed(row(), _preview="1")
    page = client.post(change_page(profile), data, headers={"HX-Request": "true"}).content.decode()
    assert '<div id="objectives-0-rule" hx-swap-oob="innerHTML">' in page
    assert "<html" not in page
    assert "style=" not in page


def test_the_preview_says_what_is_not_ready_yet(client, administrator, profile):
    response = post(client, profile, row(near_to="2:00"), _preview="1")
    assert response.context["preview"]["problems"] == [
        "Average handle time: Near target up to: The near zone must end above the target."
    ]


def scored_profile(agents):
    """A profile whose only objective pays 100 from 10, with agents who had 15 yesterday."""
    profile, sold = make_profile("Sales"), make_external("sold")
    objective = Objective.objects.create(profile=profile, metric=sold)
    zones = zones_of(Flat(kind="higher", target_from=10 * UNIT, target_points=100))
    at = timezone.now()
    publish_terms(objective=objective, draft=TermsDraft(kind="higher", zones=zones), from_on=EVER, by=None, at=at)
    people = [make_person(f"Agent {number}") for number in range(agents)]
    assign_profile(people=people, profile=profile, from_on=EVER, by=None, at=at)
    for person in people:
        put_day_value(person, sold, total=15 * UNIT, count=1000, day=timezone.localdate() - dt.timedelta(days=1))
    rescore(at=at)
    return objective


def pay(client, objective, **changes):
    higher = {"id": str(objective.pk), "profile": str(objective.profile_id), "position": "0", "is_active": "on"}
    higher |= {"kind": "higher", "target_from": "10", "target_points": "100", **changes}
    higher |= {"guard_operator": "at_least", "guard_scope": "agent"}
    return post(client, objective.profile, higher, _preview="pay")


def test_what_the_last_days_would_have_paid_is_told_before_publishing(client, administrator):
    objective = scored_profile(5)
    same = pay(client, objective).context["preview"]["trial"]
    assert (same.points, same.draft_points, same.gaining, same.losing) == (500, 500, 0, 0)
    more = pay(client, objective, target_points="120").context["preview"]["trial"]
    assert (more.points, more.draft_points, more.change, more.gaining, more.losing) == (500, 600, 100, 5, 0)
    none = pay(client, objective, target_from="20").context["preview"]["trial"]
    assert (none.draft_points, none.gaining, none.losing) == (0, 0, 5)
    assert objective.terms.count() == 1


def test_a_multiplier_for_few_people_tells_nothing_about_them(client, administrator):
    objective, team = scored_profile(6), make_team("Two")
    join(User.objects.get(name="Agent 0"), team)
    few = {"multipliers-target": [f"t{team.pk}"], "multipliers-percent": ["200"]}
    trial = pay(client, objective, **few).context["preview"]["trial"]
    assert (trial.objectives, trial.hidden, trial.change) == ((), (objective.metric,), 0)
    assert (trial.gaining, trial.losing) == (0, 0)


def test_what_few_people_would_have_had_is_hidden(client, administrator):
    page = pay(client, scored_profile(4)).content.decode()
    assert "Hidden, because fewer than 5 people have data." in page
    assert "Would have paid" not in page


# Who may -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def led(client):
    """A supervisor, a profile whose members they all lead, and one with a member of another team besides."""
    sam, mine, theirs = make_person("Sam", role="supervisor", is_staff=True), make_team("Mine"), make_team("Theirs")
    lead(sam, mine)
    ada, bob = make_person("Ada"), make_person("Bob")
    join(ada, mine)
    join(bob, theirs)
    own, shared = make_profile("Own"), make_profile("Shared")
    at = timezone.now()
    assign_profile(people=[ada], profile=own, from_on=EVER, by=None, at=at)
    assign_profile(people=[bob], profile=shared, from_on=EVER, by=None, at=at)
    assign_profile(people=[ada], profile=shared, from_on=timezone.localdate() + dt.timedelta(days=9), by=None, at=at)
    client.force_login(sam)
    return {"own": own, "shared": shared, "ada": ada, "bob": bob, "mine": mine, "theirs": theirs, "sam": sam}


def test_a_supervisor_finds_only_profiles_whose_members_they_all_lead(client, led):
    page = client.get(reverse("admin:scorecards_profile_changelist"))
    assert list(page.context["cl"].result_list) == [led["own"]]
    for name in ("change", "history", "members"):
        assert client.get(reverse(f"admin:scorecards_profile_{name}", args=[led["shared"].pk])).status_code == 404
        assert client.get(reverse(f"admin:scorecards_profile_{name}", args=[led["own"].pk])).status_code == 200


def test_a_supervisor_publishes_for_those_they_lead(client, led):
    assert post(client, led["own"], row()).status_code == 302
    assert led["own"].objectives.get().terms.get().by == led["sam"]
    assert client.get(reverse("admin:scorecards_profile_add")).status_code == 403
    assert client.post(change_page(led["shared"]), typed(row(), name="Shared")).status_code == 404


def test_a_supervisor_is_offered_their_teams_only(client, led):
    form = client.get(change_page(led["own"])).context["inline_admin_formsets"][0].formset.empty_form
    assert [name for _group, choices in form.fields["multipliers"].targets for _key, name in choices] == ["Mine"]


def test_a_profile_with_someone_else_to_come_is_lost_to_a_supervisor(client, led):
    day = timezone.localdate() + dt.timedelta(days=3)
    assign_profile(people=[led["bob"]], profile=led["own"], from_on=day, by=None, at=timezone.now())
    assert client.get(change_page(led["own"])).status_code == 404


def test_someone_who_left_takes_no_profile_from_a_supervisor(client, led):
    gone = make_person("Gone", is_active=False)
    assign_profile(people=[gone], profile=led["own"], from_on=EVER, by=None, at=timezone.now())
    assert client.get(change_page(led["own"])).status_code == 200


def test_someone_who_configures_one_division_reads_profiles_and_changes_none(client, profile):
    nora = make_person("Nora", role="administrator", in_division=make_division(), is_staff=True)
    client.force_login(nora)
    assert client.get(change_page(profile)).status_code == 200
    assert post(client, profile, row()).status_code == 403


# Members -------------------------------------------------------------------------------------------------------------


def members_page(profile):
    return reverse("admin:scorecards_profile_members", args=[profile.pk])


def test_people_get_a_profile_by_team_and_by_name_from_a_day(client, administrator, profile):
    region = make_team("Region")
    below = make_team("Below", parent=region)
    ada, bob, eve = make_person("Ada"), make_person("Bob"), make_person("Eve")
    join(ada, below)
    join(bob, region, until_on=timezone.localdate())
    data = {"from_on": tomorrow().isoformat(), "teams": [region.pk], "people": eve.email.upper()}
    assert client.post(members_page(profile), data).status_code == 302
    assert set(members_of(profile, on=tomorrow())) == {ada, eve}
    assert not members_of(profile, on=timezone.localdate()).exists()
    page = client.get(members_page(profile))
    assert [one.person for one in page.context["coming"]] == [ada, eve]


@pytest.mark.parametrize(
    ("people", "message"),
    [
        ("", "Choose at least one team or person."),
        ("Nobody", "You may assign nobody who is called “Nobody”."),
        ("Kim", "Several people are called “Kim”. Write the e-mail address or the id."),
    ],
)
def test_members_that_cannot_be_found_are_said(client, administrator, profile, people, message):
    make_person("Kim"), make_person("Kim")
    response = client.post(members_page(profile), {"from_on": tomorrow().isoformat(), "people": people})
    assert [str(error) for errors in response.context["form"].errors.values() for error in errors] == [message]
    assert not ProfileAssignment.objects.exists()


def test_a_supervisor_assigns_only_those_they_lead(client, led):
    day = tomorrow().isoformat()
    assert client.post(members_page(led["own"]), {"from_on": day, "people": "Bob"}).status_code == 200
    assert client.post(members_page(led["own"]), {"from_on": day, "teams": [led["theirs"].pk]}).status_code == 200
    assert client.post(members_page(led["own"]), {"from_on": day, "teams": [led["mine"].pk]}).status_code == 302
    assert list(members_of(led["own"], on=tomorrow())) == [led["ada"]]


def test_the_default_profile_and_one_with_members_stay(client, administrator, profile):
    standard = Profile.objects.get(is_default=True)
    used = make_profile("Used")
    assign_profile(people=[make_person()], profile=used, from_on=EVER, by=None, at=timezone.now())
    statuses = [
        client.get(reverse("admin:scorecards_profile_delete", args=[one.pk])).status_code
        for one in (standard, used, profile)
    ]
    assert statuses == [403, 403, 200]


def test_the_default_profile_stays_active(client, administrator):
    standard = Profile.objects.get(is_default=True)
    data = typed(name="Standard")
    del data["is_active"]
    assert list(client.post(change_page(standard), data).context["adminform"].form.errors) == ["is_active"]


def test_a_copy_has_the_objectives_and_nobody(client, administrator, profile):
    publish(client, profile)
    ObjectiveTerms.objects.filter(objective__profile=profile).update(from_on=EVER)
    url = reverse("admin:scorecards_profile_changelist")
    for _ in range(2):
        client.post(url, {"action": "copy", "_selected_action": [profile.pk]})
    copies = Profile.objects.filter(name__startswith="Sales (copy")
    assert {copy.name for copy in copies} == {"Sales (copy)", "Sales (copy 2)"}
    assert [copy.objectives.get().terms.get().from_on for copy in copies] == [EVER, EVER]


# Switches ------------------------------------------------------------------------------------------------------------


def switch(client, division, what, **changes):
    data = {"division": str(division.pk), "what": what, "from_on": tomorrow().isoformat(), "reason": "", **changes}
    return client.post(reverse("admin:scorecards_scoringswitch_add"), data)


def test_scoring_is_switched_off_and_on_again_from_a_day(client, administrator):
    division = make_division()
    assert switch(client, division, "off").status_code == 302
    row = ScoringSwitch.objects.get()
    assert (row.is_on, row.by, row.from_on) == (False, administrator, tomorrow())
    assert switch(client, division, "on").status_code == 302
    assert ScoringSwitch.objects.get().is_on


def test_a_reset_needs_a_reason(client, administrator):
    division = make_division()
    response = switch(client, division, "reset")
    assert response.context["adminform"].form.errors["reason"] == ["Say why totals start anew."]
    assert switch(client, division, "reset", reason="A new year").status_code == 302
    assert ScoringSwitch.objects.get().is_reset


def test_switches_and_final_workdays_are_only_read_afterwards(client, administrator):
    switch(client, make_division(), "off")
    row = ScoringSwitch.objects.get()
    page = reverse("admin:scorecards_scoringswitch_change", args=[row.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"is_on": "on"}).status_code == 403
    day = DivisionDay.objects.create(division=row.division, workday=dt.date(2026, 1, 1), closed_at=timezone.now())
    assert client.get(reverse("admin:scorecards_divisionday_changelist")).status_code == 200
    assert (
        client.post(reverse("admin:scorecards_divisionday_delete", args=[day.pk]), {"post": "yes"}).status_code == 403
    )


def test_a_division_of_others_is_not_offered(client):
    north, south = make_division("North"), make_division("South")
    client.force_login(make_person("Nora", role="administrator", in_division=north, is_staff=True))
    assert switch(client, south, "off").status_code == 200
    assert switch(client, north, "off").status_code == 302


# Costs ---------------------------------------------------------------------------------------------------------------


def queries(client, url) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)


def test_lists_cost_the_same_queries_at_one_and_at_three(client, administrator):
    lists = [reverse(f"admin:scorecards_{name}_changelist") for name in ("profile", "scoringswitch", "divisionday")]

    def add(number):
        division = make_division()
        switch(client, division, "off")
        DivisionDay.objects.create(division=division, workday=dt.date(2026, 1, number), closed_at=timezone.now())

    add(1)
    one = [queries(client, url) for url in lists]
    for number in (2, 3):
        add(number)
        make_profile(f"Profile {number}")
    assert [queries(client, url) for url in lists] == one


def test_a_profile_costs_the_same_queries_with_one_objective_and_with_three(client, administrator, profile):
    publish(client, profile)
    one = queries(client, change_page(profile))
    post(client, profile, row_of(profile.objectives.get()), row("satisfaction"), row("average_talk"))
    assert profile.objectives.count() == 3
    assert queries(client, change_page(profile)) == one
