"""The mapping of interactions that come under Laurel's own names, so that whoever writes the file needs none."""

from collections.abc import Iterable
from typing import Any

from .answers import text_of
from .mapping import FIELDS, REQUIRED, MappingError, did_you_mean

KIND = "interactions"
AGENT = {"agent_id": "id", "agent_email": "email", "agent_name": "name"}
NAMES = (*AGENT, *FIELDS[KIND])


def own_mapping(columns: Iterable[str], *, source: str, file: dict[str, Any], keep_nobodys: bool) -> str:
    """The mapping of a file with these columns: it names what is there, so that what stands beside it stays.

    Times are UTC, and agents are never made. A name alone names an agent where no column of ids and addresses is.
    `keep_nobodys` says whether rows without an agent are taken. Raises `MappingError` with every mistake.
    """
    columns = list(columns)
    agent = _agent(columns)
    fields = [name for name in FIELDS[KIND] if name in columns]
    _refuse_mistakes(columns, agent)
    missing = "keep" if keep_nobodys else "refuse"
    return text_of(
        {
            "kind": KIND,
            "source": source,
            "time_zone": "UTC",
            "file": file,
            "agent": {**agent, "match": list(agent), "unknown": "refuse", "missing": missing},
            "fields": {name: name for name in fields},
        }
    )


def _agent(columns: list[str]) -> dict[str, str]:
    ways = {way: name for name, way in AGENT.items() if name in columns}
    if len(ways) > 1:
        ways.pop("name", None)
    return ways


def _refuse_mistakes(columns: list[str], agent: dict[str, str]) -> None:
    mistakes = [f"there is no field “{name}”{did_you_mean(name, NAMES)}" for name in columns if name not in NAMES]
    if not agent:
        mistakes.append("say whose the interactions are: agent_id or agent_email, or agent_name where neither is known")
    elif "agent_name" in columns and "name" not in agent:
        mistakes.append("agent_name stands beside a column that knows agents surely; leave it away")
    mistakes += [f"“{name}” must be there" for name in REQUIRED[KIND] if name not in columns]
    if mistakes:
        raise MappingError("; ".join(mistakes))
