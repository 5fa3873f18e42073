"""How things look on the wire: names in camelCase, absent instead of null, pages of entities, comma-joined lists."""

import contextlib
import uuid
from collections.abc import Callable, Iterable
from typing import Annotated, Any
from urllib.parse import urlencode

import ninja
from django.db.models import QuerySet
from django.http import Http404
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from .gate import Token

LARGEST_KEY = 2**63 - 1


class Schema(BaseModel):
    """Not the library's own base: it looks each field up as a template would, which costs more than all the rest."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Refusal(Schema):
    message: str
    code: str
    status: int
    context_id: str
    details: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []


REFUSALS = dict.fromkeys((400, 401, 403, 404, 405, 409, 413, 415, 429, 500, 503), Refusal)


class Resource(ninja.Router):
    """Operations of one kind, under one scope: reading asks for `scope:readonly`, writing for `scope`. An operation may
    name other scopes, of which one is enough. Every refusal stands in the document.
    """

    def __init__(self, scope: str, *, tag: str):
        super().__init__(tags=[tag], by_alias=True, exclude_none=True)
        self.scope = scope

    def api_operation(self, methods, path, *, auth=ninja.constants.NOT_SET, response=None, **more):
        if auth is ninja.constants.NOT_SET:
            auth = Token(f"{self.scope}:readonly" if methods == ["GET"] else self.scope)
        answers = response if isinstance(response, dict) else {200: response}
        more |= {"by_alias": True, "exclude_none": True}
        return super().api_operation(methods, path, auth=auth, response={**answers, **REFUSALS}, **more)


def _split(value):
    """`a,b` and `a&b` are the same list; so is any mixture, and empty parts are none."""
    values = value if isinstance(value, list) else [value]
    return [part.strip() for each in values for part in (each.split(",") if isinstance(each, str) else [each]) if part]


CommaList = Annotated[list[str], BeforeValidator(_split)]
Asked = Annotated[CommaList, ninja.Query(())]
"""A list in the query, empty where nothing is asked for."""


class Ref(Schema):
    """Something by its id, and where to read it."""

    id: str
    self_uri: str


class Named(Ref):
    name: str


class Paging(ninja.Schema):
    page_size: int = Field(25, ge=1, le=100, alias="pageSize")
    page_number: int = Field(1, ge=1, le=1_000_000, alias="pageNumber")


def paged(request, rows: QuerySet, paging: Paging, shown: Callable[[Any], Any]) -> dict:
    """One page of rows, with the addresses of those around it."""
    total = rows.count()
    size, number = paging.page_size, paging.page_number
    pages = max(1, -(-total // size))
    found = rows[(number - 1) * size : number * size]
    page = {
        "entities": [shown(row) for row in found],
        "page_size": size,
        "page_number": number,
        "page_count": pages,
        "total": total,
        "self_uri": _page_uri(request, number),
        "first_uri": _page_uri(request, 1),
        "last_uri": _page_uri(request, pages),
    }
    if number < pages:
        page["next_uri"] = _page_uri(request, number + 1)
    if number > 1:
        page["previous_uri"] = _page_uri(request, min(number - 1, pages))
    return page


def _page_uri(request, number: int) -> str:
    query = request.GET.copy()
    query["pageNumber"] = str(number)
    return f"{request.path}?{urlencode(sorted(query.lists()), doseq=True)}"


class Page(Schema):
    """What every listing has besides its entities."""

    page_size: int
    page_number: int
    page_count: int
    total: int
    self_uri: str
    first_uri: str
    last_uri: str
    next_uri: str | None = None
    previous_uri: str | None = None


def key_of(text: str) -> int:
    """The primary key that an id on the wire stands for; what cannot be one is not found."""
    if not (text.isascii() and text.isdigit() and int(text) <= LARGEST_KEY):
        raise Http404
    return int(text)


def keys_of(texts: Iterable[str]) -> list[int]:
    """The primary keys among ids on the wire."""
    return [int(text) for text in texts if text.isascii() and text.isdigit() and int(text) <= LARGEST_KEY]


def uuid_of(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None


def uuids_of(texts: Iterable[str]) -> list[uuid.UUID]:
    """The public ids among ids on the wire."""
    found = []
    for text in texts:
        with contextlib.suppress(ValueError):
            found.append(uuid.UUID(text))
    return found


def number(value) -> float | None:
    """An exact value as a number of the wire; None stays away."""
    return None if value is None else float(value)
