import pytest

from integrations.imports.rules.answers import answers_of, of_kind, text_of, with_answers
from integrations.imports.rules.mapping import MappingError, data_of, load_mapping

CALLS = """
source: calls
time_zone: Europe/Berlin
file: {delimiter: tab, header: '3', decimal: ','}
leave_out: {column: Agent, is: System}
agent:
  name: Agent
  unknown: create
  missing: keep
fields:
  id: Call Id
  started_at: {date: {column: Date, format: yyyy-mm-dd}, time: Time}
  media_type: {value: voice}
  direction: Direction
  wait: {column: Wait, unit: ms}
  talk: {first_of: [Talk, Duration]}
  answered: {column: Answered, yes: Y, no: [N, X]}
  rating: Rating
"""


def test_answers_of_a_mapping_go_back_into_the_same_mapping():
    data = data_of(CALLS)
    again = with_answers(data, answers_of(data))
    assert load_mapping(text_of(again)) == load_mapping(CALLS)


def test_answers_of_a_mapping_say_what_the_form_shows():
    answers = answers_of(data_of(CALLS))
    assert {name: answer for name, answer in answers.items() if answer and not name.startswith("agent-")} == {
        "kind": "interactions",
        "source": "calls",
        "zone": "Europe/Berlin",
        "reading": "total",
        "file-delimiter": "tab",
        "file-header": "3",
        "file-decimal": ",",
        "field-id": "c:Call Id",
        "field-started_at": "c:Date",
        "time-started_at": "c:Time",
        "format-started_at": "yyyy-mm-dd",
        "field-media_type": "v:voice",
        "field-direction": "c:Direction",
        "field-wait": "c:Wait",
        "unit-wait": "ms",
        "field-talk": "keep",
        "field-answered": "c:Answered",
        "yes-answered": "Y",
        "no-answered": "N, X",
        "field-rating": "c:Rating",
    }
    assert answers["agent-name"] == "c:Agent"
    assert (answers["agent-unknown"], answers["agent-missing"]) == ("create", "keep")


def test_with_answers_changes_only_what_was_answered():
    data = data_of(CALLS)
    changed = with_answers(data, {**answers_of(data), "field-rating": "", "field-talk": "c:Talk", "unit-talk": "s"})
    assert changed["leave_out"] == data["leave_out"]
    assert changed["fields"]["talk"] == {"column": "Talk", "unit": "s"}
    assert "rating" not in changed["fields"]
    assert {**changed["fields"], "talk": 0, "rating": 0} == {**data["fields"], "talk": 0, "rating": 0}


@pytest.mark.parametrize(
    "expression",
    [
        "{column: Start, format: [iso, dd.mm.yyyy]}",
        "{column: Start, default: '2024-01-01'}",
        "{date: {columns: [A, B]}, time: T}",
        "{date: D, time: T, overnight: yes}",
        "{date: D, time: {column: T, format: hhmm}}",
        "{date: D, time: T, format: iso}",
    ],
)
def test_an_expression_that_the_form_cannot_say_is_kept(expression):
    text = f"source: x\nagent: {{id: A}}\nfields:\n  id: {{row: yes}}\n  started_at: {expression}\n"
    data = data_of(text)
    answers = answers_of(data)
    assert answers["field-started_at"] == "keep"
    assert answers["field-id"] == "row"
    assert load_mapping(text_of(with_answers(data, answers))) == load_mapping(text)


def test_readings_with_one_metric_are_shown_and_several_are_kept():
    text = (
        "kind: readings\nsource: shop\nagent: {email: Mail}\n"
        "fields: {workday: {column: Day, format: iso}}\nmetrics: %s\n"
    )
    one = data_of(text % "[{metric: sales, value: Sum, count: Orders}]")
    answers = answers_of(one)
    assert (answers["metric"], answers["metric-value"], answers["metric-count"]) == ("sales", "c:Sum", "c:Orders")
    two = data_of(text % "[{metric: sales, value: Sum}, {metric: orders, value: Orders}]")
    assert answers_of(two)["metric"] == "keep"
    for data in (one, two):
        assert load_mapping(text_of(with_answers(data, answers_of(data)))) == load_mapping(text_of(data))


def test_of_kind_keeps_file_and_agents_and_drops_the_fields():
    other = of_kind(data_of(CALLS), "evaluations")
    assert other["kind"] == "evaluations"
    assert other["agent"]["name"] == "Agent"
    assert "fields" not in other


def test_text_of_writes_plain_words_plainly():
    assert text_of({"agent": {"name": "no"}, "file": {"header": "1"}, "x": "a: b"}) == (
        "agent:\n  name: no\nfile:\n  header: 1\nx: 'a: b'\n"
    )
    assert data_of(text_of({"a": "null", "b": None, "c": ""})) == {"a": "null", "b": None, "c": ""}


@pytest.mark.parametrize("text", ["", "- a\n- b", "a: [", "just words"])
def test_data_of_refuses_what_is_no_mapping(text):
    with pytest.raises(MappingError, match=r"."):
        data_of(text)
