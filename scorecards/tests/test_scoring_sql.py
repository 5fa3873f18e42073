"""The generated SQL says the same as the rule in Python, on the engine at hand, for every rule and value."""

import itertools
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from metrics.tests.factories import AT, make_agent
from people.models import Division, Team
from scorecards.actions import rescore
from scorecards.enums import GuardOperator, ObjectiveKind, ScoreReason, ZoneKind
from scorecards.models import Profile, Score
from scorecards.rules.guards import guard_of
from scorecards.rules.scoring import Measured, Zone, points_for

from .factories import make_external, make_terms, put_day_value
from .strategies import Rule, measures, rules

pytestmark = pytest.mark.django_db

NEAR_64_BITS = 2**62
SECOND = 100_000
STEEP = Rule(
    ObjectiveKind.LOWER,
    (
        Zone(ZoneKind.TARGET, None, 180 * SECOND + 1, 300, 300),
        Zone(ZoneKind.GOOD, 180 * SECOND + 1, 10**15 + 7, 200, 100),
        Zone(ZoneKind.OUT, 10**15 + 7, None, 0, 0),
    ),
    percent=10_000,
)

any_measure = st.one_of(
    measures(),
    st.builds(Measured, st.integers(-NEAR_64_BITS, NEAR_64_BITS), st.integers(1, NEAR_64_BITS)),
)
any_guard = st.one_of(
    st.none(),
    st.tuples(st.sampled_from(GuardOperator), st.integers(-(10**15), 10**15), st.one_of(st.none(), any_measure)),
)


@st.composite
def on_and_near_boundaries(draw, rule: Rule) -> Measured:
    """A value on, or a hair beside, a boundary of the rule."""
    bound = draw(st.sampled_from([z.upper for z in rule.zones if z.upper is not None]))
    count = draw(st.sampled_from([1000, 7000, 123_456]))
    total = bound * count // 1000 + draw(st.integers(-1, 1))
    assume(abs(total) < NEAR_64_BITS)
    return Measured(total, count)


@st.composite
def cases(draw):
    rule = draw(rules(largest=draw(st.sampled_from([10**8, 10**12, 10**15]))))
    measured = draw(st.one_of(any_measure, on_and_near_boundaries(rule)))
    return rule, measured, draw(any_guard)


def expected(rule, measured, guard, percent):
    scored = points_for(measured, rule.zones, percent=percent)
    paused = guard is not None and guard_of(guard[2], guard[0], guard[1]).paused
    reason = ScoreReason.GUARDED if paused else ScoreReason.SCORED
    return (0 if paused else scored.points, scored.maximum, str(scored.zone.kind.value), str(reason.value))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(cases(), min_size=1, max_size=8), st.sampled_from([None, 50, 150, 333]))
@example([(STEEP, Measured(NEAR_64_BITS, NEAR_64_BITS), None)], 333)
@example([(STEEP, Measured(-NEAR_64_BITS, 1), (GuardOperator.AT_MOST, -(10**15), Measured(NEAR_64_BITS, 1)))], None)
@example([(STEEP, Measured(10**15, 1), None), (STEEP, Measured(10**12, 123_457), None)], None)
def test_sql_and_python_agree(drawn, percent):
    with transaction.atomic():
        _sql_and_python_agree(drawn, percent)
        transaction.set_rollback(True)


def _sql_and_python_agree(drawn, percent):
    Profile.objects.filter(is_default=True).update(is_default=False)
    profile = Profile.objects.create(name="Drawn", is_default=True)
    agent = make_agent()
    team = _team_of(agent) if percent else None
    numbers = itertools.count(1)
    expectations = {}
    for rule, measured, guard in drawn:
        metric = make_external(f"drawn-{next(numbers)}")
        put_day_value(agent, metric, total=measured.total, count=measured.count)
        fields = {}
        if guard:
            fields["guard_metric"] = make_external(f"guard-{next(numbers)}")
            fields["guard_operator"] = guard[0]
            if guard[2]:
                put_day_value(agent, fields["guard_metric"], total=guard[2].total, count=guard[2].count)
        terms = make_terms(profile, metric, rule.zones, kind=rule.kind, **fields, guard_bound=0 if guard else None)
        if guard:
            type(terms).objects.filter(pk=terms.pk).update(guard_bound=_natural(guard[1]))
        if team:
            terms.multipliers.create(team=team, percent=percent)
        expectations[terms.objective_id] = expected(rule, measured, guard, percent or 100)
    rescore(at=AT)
    scores = Score.objects.filter(agent=agent).values_list("objective_id", "points", "maximum", "zone", "reason")
    assert {row[0]: row[1:] for row in scores} == expectations


def _natural(units):
    return Decimal(units).scaleb(-5)


def _team_of(agent):
    team = Team.objects.create(name="Drawn", division=Division.objects.get_or_create(name="Main")[0])
    team.memberships.create(person=agent)
    return team
