"""The pages for administrators say what the code does."""

from django.conf import settings
from django.utils.translation import override

from people.enums import ROLES, Permission


def matrix() -> dict[str, list[str]]:
    """First cell of each row of the table of roles → its other cells."""
    text = (settings.BASE_DIR / "docs" / "administrators.md").read_text()
    table = text.split("<!-- roles:")[1].split("\n\n")[1]
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in table.splitlines()]
    return {row[0]: row[1:] for row in rows if not row[0].startswith("---")}


def test_matrix_of_roles_is_the_one_that_ships():
    with override("en"):
        expected = {"": [str(title) for title, _ in ROLES.values()]}
        for permission in Permission:
            held = ["✓" if permission in permissions else "" for _, permissions in ROLES.values()]
            expected[str(permission.label)] = held
    assert matrix() == expected
