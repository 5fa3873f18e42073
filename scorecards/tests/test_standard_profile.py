"""The profile that ships."""

import pytest

from scorecards.models import ObjectiveTerms, Profile
from scorecards.rules.scoring import validate_zones, zones_from_json

pytestmark = pytest.mark.django_db


def test_standard_profile_is_the_default_with_valid_zones_from_ever():
    profile = Profile.objects.get(is_default=True)
    terms = ObjectiveTerms.objects.filter(objective__profile=profile).select_related("objective__metric")
    assert [t.objective.metric.key for t in terms.order_by("objective__position")] == [
        "interactions_answered",
        "average_handle_time",
        "average_speed_of_answer",
        "first_contact_resolution",
        "satisfaction",
        "quality_score",
    ]
    for row in terms:
        validate_zones(row.kind, zones_from_json(row.zones))
