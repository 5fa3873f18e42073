"""The people pages of the admin in a real browser, under the admin's policy."""

from django.urls import reverse

from people.models import TeamMembership


def test_membership_is_added_with_the_search_field(open_page, centre):
    person = centre.people["supervisor"]
    page = open_page(reverse("admin:people_user_change", args=[person.pk]), role="administrator")
    page.get_by_text("Add another Team membership").click()
    page.locator("#team_memberships-0 .select2-selection").click()
    page.locator(".select2-search__field").last.fill("Book")
    page.locator(".select2-results__option", has_text="Bookings").click()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("was changed successfully").wait_for()
    assert TeamMembership.objects.filter(person=person, team=centre.team).count() == 1


def test_roles_are_a_list_of_boxes_to_tick(open_page, centre):
    page = open_page(reverse("admin:people_role_add"), role="administrator")
    page.locator("#id_name").press_sequentially("Floor walker")
    assert page.get_by_label("Short name").input_value() == "floor-walker"
    page.get_by_label("see the figures of people one leads").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("was added successfully").wait_for()
