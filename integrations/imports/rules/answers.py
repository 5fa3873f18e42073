"""A mapping as the flat answers of a form, and back. What the form cannot say stays as it stands in the text.

Answers are texts. A source is `c:NAME` (a column), `v:VALUE` (always the same), `row` (made from the row's content),
`keep` (something else, written in the text) or empty (not in the file).
"""

from collections.abc import Mapping
from typing import Any

import yaml

from .mapping import CHOICE, DAY, DURATION, FIELDS, MOMENT, PLAIN_RESOLVERS, TRUTH

KEEP = "keep"
ROW = "row"
COLUMN = "c:"
FIXED = "v:"

AGENT_SOURCES = ("id", "email", "name", "team", "lead", "division")
AGENT_CHOICES = {"unknown": "refuse", "missing": "leave_out"}
FILE_KEYS = ("delimiter", "encoding", "header", "sheet", "decimal")
SEPARATORS = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "pipe", " ": "space"}

Data = dict[str, Any]
Answers = dict[str, str]


class _Dumper(yaml.SafeDumper):
    """Writes texts without quotes wherever the mapping language reads them as texts."""

    yaml_implicit_resolvers = PLAIN_RESOLVERS

    def ignore_aliases(self, data):
        return True


def text_of(data: Data) -> str:
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)


def answers_of(data: Data) -> Answers:
    """What the form shows for a mapping."""
    kind = data.get("kind", "interactions")
    file, agent = _dict(data.get("file")), _dict(data.get("agent"))
    answers = {
        "kind": kind,
        "source": data.get("source", ""),
        "zone": _zone(data),
        "reading": data.get("reading", "total"),
    }
    answers |= {f"file-{key}": str(file.get(key, "")) for key in FILE_KEYS}
    answers["file-delimiter"] = SEPARATORS.get(answers["file-delimiter"], answers["file-delimiter"])
    answers |= {f"agent-{key}": _source(agent.get(key)) for key in AGENT_SOURCES}
    answers |= {f"agent-{key}": agent.get(key, default) for key, default in AGENT_CHOICES.items()}
    for name, holds in FIELDS.get(kind, {}).items():
        answers |= _field_answers(name, holds, _dict(data.get("fields")).get(name))
    return answers | _metric_answers(data.get("metrics"))


def with_answers(data: Data, answers: Mapping[str, str]) -> Data:
    """The mapping with the answers of the form in it; everything else as it was."""
    kind = answers["kind"]
    file = {**_dict(data.get("file")), **{key: answers[f"file-{key}"] for key in FILE_KEYS}}
    made = {
        **data,
        "kind": kind,
        "source": answers["source"],
        "time_zone": data.get("time_zone") if answers["zone"] == KEEP else answers["zone"],
        "file": {key: value for key, value in file.items() if value not in ("", None)},
        "agent": _agent(_dict(data.get("agent")), answers),
        "fields": _fields(_dict(data.get("fields")), FIELDS[kind], answers),
    }
    if kind == "readings":
        made["reading"] = answers["reading"]
        made["metrics"] = _metrics(data.get("metrics"), answers)
    return {key: value for key, value in made.items() if value not in ({}, None)}


def of_kind(data: Data, kind: str) -> Data:
    """The beginnings of a mapping of another kind for the same file."""
    kept = {key: data[key] for key in ("name", "source", "time_zone", "file", "tables", "agent") if key in data}
    return {**kept, "kind": kind}


def _dict(value) -> Data:
    return value if isinstance(value, dict) else {}


def _zone(data: Data) -> str:
    zone = data.get("time_zone", "division")
    if isinstance(zone, dict) and set(zone) == {"value"}:
        zone = zone["value"]
    return zone if isinstance(zone, str) else KEEP


def _source(value) -> str:
    """A plain source as an answer; `keep` for one that the form cannot say."""
    match value:
        case None:
            return ""
        case str():
            return COLUMN + value
        case {"column": str(name), **more} if not more:
            return COLUMN + name
        case {"value": str(text), **more} if not more:
            return FIXED + text
        case {"row": "yes" | "true", **more} if not more:
            return ROW
    return KEEP


def _expression(answer: str, was) -> Any:
    if answer == KEEP:
        return was
    if answer == ROW:
        return {"row": "yes"}
    if answer.startswith(FIXED):
        return {"value": answer.removeprefix(FIXED)}
    return answer.removeprefix(COLUMN) or None


DETAILS = {MOMENT: ("format",), DAY: ("format",), DURATION: ("unit",), TRUTH: ("yes", "no"), CHOICE: ()}


def _field_answers(name: str, holds: str, value) -> Answers:
    """The answers for one field: its source, a second column for the time, and how it is written."""
    details = DETAILS.get(holds, ())
    answers = {f"field-{name}": "", **{f"{detail}-{name}": "" for detail in details}}
    if holds == MOMENT:
        answers[f"time-{name}"] = ""
    if not isinstance(value, dict):
        return answers | {f"field-{name}": _source(value)}
    if holds == MOMENT and set(value) == {"date", "time"}:
        return answers | _two_columns(name, value["date"], value["time"])
    source = _source({key: part for key, part in value.items() if key not in details})
    written = {detail: _written(detail, value.get(detail)) for detail in details}
    if source == KEEP or None in written.values():
        return answers | {f"field-{name}": KEEP}
    return answers | {f"field-{name}": source, **{f"{detail}-{name}": text for detail, text in written.items()}}


def _two_columns(name: str, date, time) -> Answers:
    """Date and time in two columns; the format is the date's."""
    form = _written("format", date.get("format")) if isinstance(date, dict) else ""
    day = _source({key: part for key, part in date.items() if key != "format"} if isinstance(date, dict) else date)
    clock = _source(time)
    if form is None or not (day.startswith(COLUMN) and clock.startswith(COLUMN)):
        return {f"field-{name}": KEEP}
    return {f"field-{name}": day, f"time-{name}": clock, f"format-{name}": form}


def _written(detail: str, value) -> str | None:
    """A detail as one text; None where the form has no place for it."""
    words = [] if value is None else value if isinstance(value, list) else [value]
    most = 1 if detail in ("format", "unit") else len(words)
    if len(words) > most or not all(isinstance(word, str) and ("," not in word or most == 1) for word in words):
        return None
    return ", ".join(words)


def _fields(was: Data, known: Mapping[str, str], answers: Mapping[str, str]) -> Data:
    fields = {}
    for name, holds in known.items():
        expression = _field(name, holds, was.get(name), answers)
        if expression is not None:
            fields[name] = expression
    return fields


def _field(name: str, holds: str, was, answers: Mapping[str, str]):
    source = answers.get(f"field-{name}", "")
    expression = _expression(source, was)
    if source in ("", KEEP, ROW) or expression is None:
        return expression
    details = {detail: _detail(detail, answers.get(f"{detail}-{name}", "")) for detail in DETAILS.get(holds, ())}
    details = {key: value for key, value in details.items() if value}
    if details:
        expression = {**(expression if isinstance(expression, dict) else {"column": expression}), **details}
    if time := answers.get(f"time-{name}"):
        return {"date": expression, "time": _expression(time, None)}
    return expression


def _detail(detail: str, text: str):
    if detail in ("yes", "no"):
        words = [word.strip() for word in text.split(",") if word.strip()]
        return words[0] if len(words) == 1 else words
    return text.strip()


def _agent(was: Data, answers: Mapping[str, str]) -> Data:
    agent = {**was, **{key: _expression(answers[f"agent-{key}"], was.get(key)) for key in AGENT_SOURCES}}
    agent |= {key: answers[f"agent-{key}"] for key in AGENT_CHOICES}
    given = [key for key in ("id", "email", "name") if agent[key] is not None]
    if "match" in agent:
        ways = [agent["match"]] if isinstance(agent["match"], str) else agent["match"]
        agent["match"] = [way for way in ways if way in given]
    return {key: value for key, value in agent.items() if value not in (None, [])}


def _metric_answers(metrics) -> Answers:
    """The one metric that the form can show; several stay in the text."""
    if not metrics:
        return {"metric": "", "metric-value": "", "metric-count": ""}
    one = metrics[0] if len(metrics) == 1 and isinstance(metrics[0], dict) else {}
    value, count = _source(one.get("value")), _source(one.get("count"))
    if not one or "create" in one or KEEP in (value, count):
        return {"metric": KEEP, "metric-value": "", "metric-count": ""}
    return {"metric": one.get("metric", ""), "metric-value": value, "metric-count": count}


def _metrics(was, answers: Mapping[str, str]):
    if answers["metric"] == KEEP:
        return was
    reading = {"metric": answers["metric"], "value": _expression(answers["metric-value"], None)}
    if answers["metric-count"]:
        reading["count"] = _expression(answers["metric-count"], None)
    return [reading]
