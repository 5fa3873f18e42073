"""German is complete: every message stands in the catalogue, is translated, and is in the compiled file."""

import gettext
import io
import shutil
import subprocess
import sys

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from conftest import BASE_DIR, outside_tool_is_missing

CATALOGUE = BASE_DIR / "locale" / "de" / "LC_MESSAGES" / "django.po"
ROOMS = [
    "desk", "foundation", "goals", "inbox", "integrations", "interactions", "leaderboards", "ledger", "metrics",
    "people", "rewards", "rewards_site", "scorecards", "templates",
]  # fmt: skip


def messages(file) -> dict:
    """Message and context → translation, or None where it is missing or only guessed."""
    with file.open("rb") as source:
        return {
            (message.context, message.id): None if message.fuzzy or not all(strings(message)) else message.string
            for message in read_po(source, locale="de")
            if message.id
        }


def strings(message) -> tuple:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def test_every_message_is_translated():
    assert [message for message, translated in messages(CATALOGUE).items() if translated is None] == []


def test_compiled_file_is_up_to_date():
    with CATALOGUE.open("rb") as source:
        compiled = io.BytesIO()
        write_mo(compiled, read_po(source, locale="de"))
    compiled.seek(0)
    wanted = gettext.GNUTranslations(compiled)._catalog
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        found = gettext.GNUTranslations(file)._catalog
    for catalogue in (wanted, found):
        catalogue.pop("")
    assert found == wanted, "run manage.py compilemessages"


def test_every_message_of_the_source_is_in_the_catalogue(tmp_path):
    if not shutil.which("xgettext"):
        outside_tool_is_missing("GNU gettext")
    for room in ROOMS:
        if (BASE_DIR / room).exists():
            shutil.copytree(BASE_DIR / room, tmp_path / room, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    (tmp_path / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "--locale", "de", "--verbosity", "0"]
    subprocess.run(command, cwd=tmp_path, check=True)
    wanted, found = set(messages(tmp_path / "locale" / "de" / "LC_MESSAGES" / "django.po")), set(messages(CATALOGUE))
    how = (
        "run manage.py makemessages -l de --no-obsolete --add-location file --no-wrap -i tests -i .venv -i var,"
        " translate, and run manage.py compilemessages"
    )
    assert sorted(map(str, wanted - found)) == [], how
    assert sorted(map(str, found - wanted)) == [], how


@pytest.mark.django_db
def test_pages_come_in_german(client):
    page = client.get("/accounts/login/", headers={"accept-language": "de"}).content.decode()
    assert '<html lang="de"' in page
    assert "Noch kein Konto?" in page
