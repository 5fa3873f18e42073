"""Analytics: sums and averages of what the people have whose figures the caller may see."""

from collections import defaultdict
from fractions import Fraction

from metrics.enums import Aggregation, Unit
from metrics.models import Metric
from metrics.rules.measures import COUNT_UNITS, TOTAL_UNITS
from people.access import may, visible_people
from people.actions import note_looks
from people.enums import Page, Permission
from people.models import Queue, User

from ..analytics_queries import Key, Question, is_of_legs, sums_for
from ..asking import today_of, viewer_of
from ..enums import FilterField
from ..gate import Token
from ..goal_queries import fields_by_alias, metric_named
from ..problems import Problem
from ..rules.analytics import GRANULARITIES, selection_of, workdays_of
from ..rules.goals import AGGREGATIONS, Unfit, word_of
from ..schemas import analytics as schemas
from ..wire import Resource, keys_of, number, uuids_of

resource = Resource("analytics", tag="Analytics")
QUERIES = Token("analytics.read", "analytics:details:query")
FIGURES = (Permission.VIEW_OWN, Permission.VIEW_LED, Permission.VIEW_DIVISION)
MOST_FIGURES = 50_000


@resource.post("/details/query", response=schemas.DetailsResponse, auth=QUERIES)
def query_details(request, body: schemas.DetailsQuery):
    """Values of whole workdays, of the people whose figures the caller may see and of nobody else. Grouped or limited
    by media type, direction or queue they come from the interactions, else from the values of workdays.
    """
    return _answered(request, body)


@resource.get("/details/query", response=schemas.DetailsResponse, auth=QUERIES)
def get_details(request, body: schemas.DetailsQuery):
    """The same, for clients that send a body with GET."""
    return _answered(request, body)


def _answered(request, body: schemas.DetailsQuery) -> schemas.DetailsResponse:
    viewer = viewer_of(request)
    if not any(may(viewer, permission) for permission in FIGURES):
        raise Problem(403)
    try:
        question, names = _question(body)
        asked = [_asked(each, body.aggregation, question) for each in body.metrics]
    except Unfit as error:
        raise Problem(400, str(error)) from error
    found = sums_for(viewer, question, [each.metric for each in asked], on=today_of(request))
    if len(found) > MOST_FIGURES:
        raise Problem(400, f"These would be more than {MOST_FIGURES} figures; ask for less, or for fewer groups.")
    return _told(request, question, names, asked, found)


class Asked:
    """A metric as it was named, and whether its totals are added up."""

    def __init__(self, name: str, metric: Metric, aggregation: str):
        self.name, self.metric, self.aggregation = name, metric, aggregation

    def stats(self, total: int, count: int) -> schemas.MetricStats:
        added, number_of = Fraction(total, TOTAL_UNITS), Fraction(count, COUNT_UNITS)
        average = added / number_of
        return schemas.MetricStats(
            metric=self.name,
            aggregation=self.aggregation.upper(),
            value=number(added if self.aggregation == Aggregation.SUM else average),
            stats=schemas.Stats(
                sum=None if self.metric.unit == Unit.PERCENT else number(added),
                count=number(number_of),
                average=number(average),
            ),
        )


def _asked(given: str | schemas.AskedMetric, usual: str | None, question: Question) -> Asked:
    name = given if isinstance(given, str) else given.metric
    metric, said = metric_named(name)
    if metric is None:
        raise Unfit(f"metrics: there is no metric “{name}”. Names are set in the admin.")
    word = (None if isinstance(given, str) else given.aggregation) or usual
    aggregation = word_of(AGGREGATIONS, word, "aggregation") if word else said or metric.aggregation
    if aggregation == Aggregation.SUM and metric.unit == Unit.PERCENT:
        raise Unfit(f"aggregation: percents cannot be added up; ask for the AVERAGE of “{name}”.")
    if question.needs_legs and not is_of_legs(metric):
        raise Unfit(f"metrics: “{name}” is not of interactions, and cannot be told apart by them.")
    return Asked(name, metric, aggregation)


def _question(body: schemas.DetailsQuery) -> tuple[Question, list[str]]:
    """What is asked, and how the caller names the fields it groups by."""
    fields = fields_by_alias()

    def field_of(name: str, where: str) -> FilterField:
        if name.lower() not in fields:
            raise Unfit(f"{where}: “{name}” is none of {', '.join(sorted(fields))}.")
        return fields[name.lower()]

    groups = [field_of(name, "groupBy") for name in body.group_by]
    if len(set(groups)) < len(groups):
        raise Unfit("groupBy: two of the names are of the same field.")
    only: dict[FilterField, list] = {}
    for name, values in selection_of(body.filter).items():
        field = field_of(name, "filter")
        if field in only:
            raise Unfit(f"filter: {name} is the same field as another.")
        only[field] = _values(field, values)
    kind = word_of(GRANULARITIES, body.granularity, "granularity") if body.granularity else None
    return Question(workdays_of(body.interval), kind, tuple(groups), only), body.group_by


def _values(field: FilterField, texts: list[str]) -> list:
    """What the values of a filter are here. One that is nothing here matches nothing."""
    if field == FilterField.PERSON:
        return uuids_of(texts)
    if field == FilterField.QUEUE:
        by_name = Queue.objects.filter(name__in=[text for text in texts if "\x00" not in text])
        return [*keys_of(texts), *by_name.values_list("pk", flat=True)]
    return keys_of(texts) if field in (FilterField.TEAM, FilterField.DIVISION) else [text.lower() for text in texts]


def _told(request, question: Question, names: list[str], asked: list[Asked], found: dict) -> schemas.DetailsResponse:
    """The figures by group and part of the time, both in order; whose they are by name is noted."""
    people = _people(request, question, found)
    by_group: dict[tuple, dict] = defaultdict(lambda: defaultdict(list))
    for each in asked:
        for key in sorted((key for key in found if key.metric_id == each.metric.pk), key=_order):
            by_group[key.group][key.part].append(each.stats(*found[key]))
    results = [
        schemas.DetailsGroup(
            group={
                name: _word(field, value, people)
                for name, field, value in zip(names, question.groups, group, strict=True)
                if value is not None
            },
            data=[schemas.DetailsPart(interval=_interval(part), metrics=parts[part]) for part in sorted(parts)],
        )
        for group, parts in sorted(by_group.items(), key=lambda item: tuple(map(str, item[0])))
    ]
    return schemas.DetailsResponse(results=results, interval=_interval(question.days))


def _order(key: Key) -> tuple:
    return key.part, tuple(map(str, key.group))


def _interval(days) -> str:
    return f"{days.start}/{days.end}"


def _word(field: FilterField, value, people: dict[int, User]) -> str:
    return str(people[value].public_id) if field == FilterField.PERSON else str(value)


def _people(request, question: Question, found: dict) -> dict[int, User]:
    """The people whom the answer names, by key. That they were looked at is noted, as where a filter names them."""
    viewer = viewer_of(request)
    named: dict[int, User] = {}
    looked: set[int] = set()
    if FilterField.PERSON in question.groups:
        place = question.groups.index(FilterField.PERSON)
        named = User.objects.in_bulk({key.group[place] for key in found})
        looked = set(named)
    elif FilterField.PERSON in question.only:
        seen = visible_people(viewer, on=today_of(request))
        looked = set(seen.filter(public_id__in=question.only[FilterField.PERSON]).values_list("pk", flat=True))
    note_looks(viewer, looked, Page.API, at=request.call.at)
    return named
