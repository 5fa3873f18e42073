"""What Laurel adds to the admin, in the browser: live previews, without JavaScript too, under the strict policy."""

import datetime as dt
import io

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from goals.enums import Counted
from goals.models import Event, Goal
from goals.tests.factories import make_goal, make_terms
from integrations.api.models import GoalKey
from integrations.webhooks.actions import start_endpoint
from integrations.webhooks.models import Attempt, Delivery, Endpoint, GoalLink, Report, Source
from leaderboards.models import Board
from ledger.tests.factories import make_pool
from metrics.models import Metric
from people.actions import object_to_use
from rewards.catalogue.actions import restock, show_picture
from rewards.catalogue.models import Category, Item
from rewards.catalogue.rules.pictures import encode
from rewards.thanks.models import Survey
from scorecards.models import Badge, Objective, ObjectiveTerms, Watch
from scorecards.tests.factories import make_badge

from .conftest import NARROW, WIDE, axe_violations

ROLE = "administrator"


def profile_page(centre):
    return reverse("admin:scorecards_profile_change", args=[centre.profile.pk])


def handle_time(centre):
    """Number of the objective's form on the page."""
    keys = list(Objective.objects.filter(profile=centre.profile).values_list("metric__key", flat=True))
    return keys.index("average_handle_time")


def open_objective(page, number):
    page.locator(f"#objectives-{number} > details > summary").click()


def test_the_curve_follows_what_is_typed_and_nothing_is_saved(open_page, centre):
    page, number, before = (
        open_page(profile_page(centre), role=ROLE),
        handle_time(centre),
        ObjectiveTerms.objects.count(),
    )
    open_objective(page, number)
    rule = page.locator(f"#objectives-{number}-rule")
    assert "up to 4:00" in rule.inner_text()
    page.fill(f"#id_objectives-{number}-target_to", "3:00")
    page.fill(f"#id_objectives-{number}-target_points", "310")
    rule.get_by_text("310 points").wait_for()
    assert "3:00 → 310" in rule.inner_text()
    assert page.input_value(f"#id_objectives-{number}-target_to") == "3:00"
    page.fill(f"#id_objectives-{number}-near_to", "2:00")
    page.locator("#preview").get_by_text("The near zone must end above the target.").wait_for()
    assert ObjectiveTerms.objects.count() == before


def test_the_last_days_are_reckoned_before_publishing(open_page, centre):
    page, number = open_page(profile_page(centre), role=ROLE), handle_time(centre)
    open_objective(page, number)
    page.fill(f"#id_objectives-{number}-target_points", "400")
    page.get_by_role("button", name="What would the last 30 days have paid?").click()
    page.locator("#trial table").wait_for()
    assert page.locator("#trial tbody tr").count() == Objective.objects.filter(profile=centre.profile).count()


def test_the_preview_works_without_javascript(open_page, centre):
    page, number = open_page(profile_page(centre), role=ROLE, js=False), handle_time(centre)
    open_objective(page, number)
    page.fill(f"#id_objectives-{number}-target_to", "3:00")
    page.get_by_role("button", name="Preview without saving").click()
    assert "3:00 → 300" in page.locator(f"#objectives-{number}-rule").inner_text()
    page.get_by_role("button", name="What would the last 30 days have paid?").click()
    assert page.locator("#trial table").is_visible()
    assert page.input_value(f"#id_objectives-{number}-target_to") == "3:00"


def test_an_objective_is_added_and_published(open_page, centre):
    page = open_page(profile_page(centre), role=ROLE)
    number = Objective.objects.filter(profile=centre.profile).count()
    page.get_by_role("button", name="Add another Objective").click()
    page.select_option(f"#id_objectives-{number}-metric", label="Transfer rate")
    page.select_option(f"#id_objectives-{number}-kind", "lower")
    page.fill(f"#id_objectives-{number}-target_to", "5 %")
    page.fill(f"#id_objectives-{number}-target_points", "50")
    page.locator(f"#objectives-{number}-rule").get_by_text("up to 5.0%").wait_for()
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".messagelist .success").wait_for()
    assert ObjectiveTerms.objects.get(objective__metric__key="transfer_rate").zones[0]["upper"] == 500_000


def test_a_metric_says_what_it_gives_while_it_is_typed(open_page, centre):
    metric = Metric.objects.get(key="service_level_20s")
    page = open_page(reverse("admin:metrics_metric_change", args=[metric.pk]), role=ROLE)
    page.fill("#id_conditions-1-value", "45")
    page.locator("#preview").get_by_text("waited at most 45 s").wait_for()
    assert metric.conditions.get(field="wait").value == "20"


def fill_goal(page):
    page.fill("#id_name", "Answered together")
    page.select_option("#id_team", index=1)
    page.select_option("#id_metric", label="Interactions answered")
    page.fill("#id_starts_on", (timezone.now().date() + dt.timedelta(days=70)).isoformat())
    page.fill("#id_achieved", "400")
    page.fill("#id_points", "50")


@pytest.mark.parametrize("js", [True, False], ids=["", "without JavaScript"])
def test_a_goal_is_previewed_over_three_periods_before_it_is_saved(js, open_page, centre, watch):
    watch.expected = ("Applying inline style", "preload assets")
    page = open_page(reverse("admin:goals_goal_add"), role=ROLE, js=js)
    fill_goal(page)
    page.get_by_role("button", name="Preview without saving").click()
    page.locator("#preview tbody tr").nth(2).wait_for()
    assert page.locator("#preview tbody tr").count() == 3
    assert page.input_value("#id_achieved") == "400"
    assert not Goal.objects.exists()
    assert not js or not [one for one in axe_violations(page) if "(serious)" in one or "(critical)" in one]


PAGES = {
    "objections": lambda centre: (objection(centre), reverse("admin:people_objection_changelist"))[1],
    "objection": lambda centre: reverse("admin:people_objection_change", args=[objection(centre).pk]),
    "erase": lambda centre: reverse("admin:people_user_erase", args=[who_left(centre).pk]),
    "pairs": lambda centre: reverse("admin:scorecards_watch_changelist"),
    "pair": lambda centre: reverse("admin:scorecards_watch_change", args=[Watch.objects.first().pk]),
    "new pair": lambda centre: reverse("admin:scorecards_watch_add"),
    "boards": lambda centre: reverse("admin:leaderboards_board_changelist"),
    "board": lambda centre: reverse("admin:leaderboards_board_change", args=[Board.objects.first().pk]),
    "new board": lambda centre: reverse("admin:leaderboards_board_add"),
    "index": lambda centre: reverse("admin:index"),
    "profile": profile_page,
    "members": lambda centre: reverse("admin:scorecards_profile_members", args=[centre.profile.pk]),
    "profiles": lambda centre: reverse("admin:scorecards_profile_changelist"),
    "badge": lambda centre: reverse("admin:scorecards_badge_change", args=[made_badge().pk]),
    "new badge": lambda centre: reverse("admin:scorecards_badge_add"),
    "badges": lambda centre: (made_badge(), reverse("admin:scorecards_badge_changelist"))[1],
    "switch": lambda centre: reverse("admin:scorecards_scoringswitch_add"),
    "metric": lambda centre: reverse("admin:metrics_metric_change", args=[Metric.objects.first().pk]),
    "runs": lambda centre: reverse("admin:jobs_jobrun_changelist"),
    "heartbeats": lambda centre: reverse("admin:jobs_heartbeat_changelist"),
    "goal": lambda centre: reverse("admin:goals_goal_change", args=[made_goal(centre).pk]),
    "new goal": lambda centre: reverse("admin:goals_goal_add"),
    "goals": lambda centre: reverse("admin:goals_goal_changelist"),
    "pool": lambda centre: reverse("admin:ledger_account_change", args=[make_pool(500).pk]),
    "pools": lambda centre: reverse("admin:ledger_account_changelist"),
    "transfers": lambda centre: reverse("admin:ledger_transfer_changelist"),
    "endpoint": lambda centre: reverse("admin:webhooks_endpoint_add"),
    "endpoints": lambda centre: reverse("admin:webhooks_endpoint_changelist"),
    "deliveries": lambda centre: reverse("admin:webhooks_delivery_changelist"),
    "delivery": lambda centre: reverse("admin:webhooks_delivery_change", args=[delivery(centre).pk]),
    "endpoint with its circuit": lambda centre: reverse(
        "admin:webhooks_endpoint_change", args=[delivery(centre).endpoint_id]
    ),
    "source": lambda centre: reverse("admin:webhooks_source_add"),
    "source with a goal": lambda centre: reverse("admin:webhooks_source_change", args=[linked(centre).pk]),
    "survey": lambda centre: reverse("admin:thanks_survey_change", args=[Survey.objects.get().pk]),
    "item": lambda centre: reverse("admin:catalogue_item_change", args=[made_item().pk]),
    "new item": lambda centre: reverse("admin:catalogue_item_add"),
    "items": lambda centre: (made_item(), reverse("admin:catalogue_item_changelist"))[1],
    "category": lambda centre: reverse("admin:catalogue_category_add"),
    "budget": lambda centre: reverse("admin:recognition_budget_add"),
    "access key": lambda centre: reverse("admin:thanks_accesskey_add"),
    "API client": lambda centre: reverse("admin:api_client_add"),
    "keys of goals": lambda centre: (waiting_name(), reverse("admin:api_goalkey_changelist"))[1],
    "name that no goal has": lambda centre: reverse("admin:api_goalkey_change", args=[waiting_name().pk]),
    "aliases": lambda centre: reverse("admin:api_metricalias_changelist"),
    "alias": lambda centre: reverse("admin:api_metricalias_add"),
    "scores": lambda centre: reverse("admin:api_goalscore_changelist"),
    "report": lambda centre: reverse("admin:webhooks_report_change", args=[report(centre).pk]),
    "reports": lambda centre: (report(centre), reverse("admin:webhooks_report_changelist"))[1],
}


def made_badge():
    return Badge.objects.first() or make_badge("Busy week", thresholds=(1000, 2000), period="weekly")


def waiting_name():
    return GoalKey.objects.create(key="sales-team")


def objection(centre):
    return object_to_use(person=centre.people["agent"], text="No badges, please", at=timezone.now())


def who_left(centre):
    person = centre.agents[-2]
    person.is_active, person.left_at = False, timezone.now()
    person.save()
    return person


def made_item():
    """With a picture, pieces and somebody who added them."""
    item = Item.objects.create(name="Mug", price_points=30, category=Category.objects.create(name="Things"))
    restock(item, pieces=3, by=None, at=timezone.now(), note="First box")
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(file, "PNG")
    show_picture(item, encode(file, size=file.tell()))
    return item


def made_goal(centre):
    terms = {"achieved": 400, "on_track": 380, "points": 50}
    metric = Metric.objects.get(key="interactions_answered")
    return make_goal(centre.team, metric, terms=terms, name="Answered together")


def delivery(centre):
    """One that was tried once, in vain."""
    goal, at = made_goal(centre), timezone.now()
    endpoint = start_endpoint(Endpoint(name="Forecasts", url="https://example.com/hook", events=["goal.closed"]))
    event = Event.objects.create(type="goal.closed", key="closed-1", goal=goal, at=at)
    found = Delivery.objects.create(endpoint=endpoint, event=event)
    Attempt.objects.create(delivery=found, status=503, duration_ms=12, answer="Not now", at=at)
    return found


def linked(centre):
    source = Source.objects.create(name="Forecasts", status_url="https://example.com/{goalId}")
    starts_on, at = centre.today, timezone.now()
    goal = Goal.objects.create(
        name="Renewals", team=centre.team, counted=Counted.REPORTED, starts_on=starts_on, created_at=at
    )
    make_terms(goal)
    GoalLink.objects.create(source=source, external_id="g-17", goal=goal, at=at)
    return source


def report(centre):
    source = Source.objects.create(name="Forecasts", status_url="https://example.com/{goalId}")
    return Report.objects.create(
        source=source,
        event_id="evt-1",
        external_goal="g-17",
        period="2024-09",
        status="ACHIEVED",
        state="manual",
        why="The goal is not linked.",
        received_at=timezone.now(),
        next_at=timezone.now(),
    )


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious_in_light_dark_and_narrow(name, open_page, centre, watch):
    watch.expected = ("Applying inline style", "preload assets")  # axe itself, where a style sheet imports another
    page, found = open_page(PAGES[name](centre), role=ROLE, reduced_motion="reduce"), {}
    for summary in page.locator("details > summary").all():
        if summary.is_visible():
            summary.click()
    for scheme, size in (("light", WIDE), ("dark", NARROW)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        found[scheme, size["width"]] = [
            one for one in axe_violations(page) if "(serious)" in one or "(critical)" in one
        ]
    assert {look: violations for look, violations in found.items() if violations} == {}
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
