"""What docs/imports.md and docs/examples say is so."""

import datetime as dt
import re
from pathlib import Path

import pytest

from integrations.imports.rules.mapping import FIELDS, Condition, Expression, FileOptions, Spec, Table, load_mapping
from integrations.imports.rules.patterns import moment_parser

from .factories import counts, imported

DOCS = Path(__file__).resolve().parents[3] / "docs"
TEXT = (DOCS / "imports.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
WHOLE = [block for block in BLOCKS if re.search(r"^source: \w", block, re.M) and re.search(r"^fields:", block, re.M)]
SMALL = DOCS / "examples" / "small"


@pytest.mark.parametrize("text", [block for block in WHOLE if "agent: {}" not in block])
def test_every_whole_mapping_of_the_documentation_is_valid(text):
    load_mapping(text)


def test_the_documentation_has_whole_mappings():
    assert len(WHOLE) >= 7


@pytest.mark.parametrize("model", [FileOptions, Expression, Condition, Table, Spec])
def test_every_key_of_the_language_is_documented(model):
    keys = [field.alias or name for name, field in model.model_fields.items() if name != "name"]
    assert [key for key in keys if not re.search(rf"(?:^|[`{{ ]){key}:|`{key}`", TEXT, re.M)] == []


@pytest.mark.parametrize("kind", FIELDS)
def test_every_field_is_documented(kind):
    assert [field for field in FIELDS[kind] if not re.search(rf"`{field}`|{field}:", TEXT)] == []


@pytest.mark.parametrize(
    ("formats", "texts"),
    [
        (formats, re.findall(r"`([^`]+)`", texts))
        for formats, texts in re.findall(r"^\| `([^`]*[ydm%][^`]*)` \| (`\d[^|]*)\|", TEXT, re.M)
    ],
)
def test_every_format_of_the_documentation_reads_what_it_says(formats, texts):
    days = {
        str(dt.date(1970, 1, 1) + dt.timedelta(microseconds=moment_parser((formats,))(text).local)) for text in texts
    }
    assert days <= {"2024-09-30", "2024-09-03"}


@pytest.mark.django_db
def test_the_small_examples_come_in():
    def run(name: str, file: str, **tables):
        mapping = (SMALL / f"{name}.yaml").read_text(encoding="utf-8")
        return counts(imported(mapping, SMALL / file, tables={key: SMALL / path for key, path in tables.items()}))

    assert run("minimal", "minimal.csv") == (2, 0, 0, 0, 0)
    assert run("tabs", "tabs.tsv") == (2, 0, 0, 0, 0)
    assert run("llamadas", "llamadas.csv") == (2, 0, 0, 0, 0)
    assert run("daily", "daily.csv") == (4, 0, 0, 0, 0)
    assert run("sites", "sites.csv", staff="staff.csv", rates="rates.csv") == (3, 0, 0, 0, 0)
    assert run("quality", "quality.csv") == (2, 0, 0, 0, 0)
    assert run("minimal", "minimal.csv") == (0, 0, 2, 0, 0)
