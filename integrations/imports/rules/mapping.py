"""The mapping language: which column feeds which field, as YAML. Described in docs/imports.md.

Every mistake names its key and its line, and says what to do. All plain scalars are text (`no`, `12:30` and
`2024-01-01` mean what they look like); only `null` and `~` are nothing.
"""

import difflib
import re
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

MAX_MAPPING_CHARS = 200_000


class MappingError(ValueError):
    """A mapping that cannot be used. Its text lists every mistake, a line each, with what to do."""


class _Loader(yaml.SafeLoader):
    """Scalars stay text, so that YAML's own ideas of truth, time and octal numbers change no mapping."""

    yaml_implicit_resolvers = {}

    def construct_mapping(self, node, deep=False):
        seen: dict[str, int] = {}
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if key.value in seen:
                raise MappingError(
                    f"line {line}: “{key.value}” stands twice here (first on line {seen[key.value]}); keep one"
                )
            seen[str(key.value)] = line
        return super().construct_mapping(node, deep)

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise MappingError(f"line {mark.line + 1}: put a text that begins with * in quotes")
        return super().compose_node(parent, index)


_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])
PLAIN_RESOLVERS = _Loader.yaml_implicit_resolvers
"""What a writer must know to leave quotes away where this reader needs none."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _column(value):
    """A plain text where an expression may stand is the name of a column."""
    return {"column": value} if isinstance(value, str) else value


def _words(value):
    """One word or a list of words; nothing inside a list is the word null."""
    if value is None:
        return ("null",)
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list):
        return tuple("null" if word is None else word for word in value)
    return value


def _list(value):
    return value if isinstance(value, (list, tuple)) or value is None else [value]


def _separator(value):
    named = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " ", "\\t": "\t"}
    return named.get(value, value)


def _sign(value):
    named = {"comma": ",", "point": ".", "dot": ".", "space": " ", "apostrophe": "'", "none": ""}
    return named.get(value, value)


def _map(value):
    if isinstance(value, dict):
        return {("null" if key is None else key): result for key, result in value.items()}
    return value


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
Formats = Annotated[tuple[str, ...], BeforeValidator(_words)]
WordMap = Annotated[dict[str, str | None], BeforeValidator(_map)]


class FileOptions(Strict):
    """How a file is read."""

    format: Literal["csv", "xlsx", "jsonl"] | None = None
    encoding: str | None = None
    delimiter: Annotated[str | None, BeforeValidator(_separator)] = None
    quote: str = '"'
    header: str = "1"
    columns: tuple[str, ...] = ()
    sheet: str | None = None
    footer: int = Field(0, ge=0, le=1000)
    ragged: Literal["refuse", "fill"] = "refuse"
    other_keys: Literal["leave", "refuse"] = "leave"
    empty: Words = ()
    decimal: Annotated[Literal[".", ","], BeforeValidator(_sign)] = "."
    thousands: Annotated[Literal[".", ",", " ", "'", ""], BeforeValidator(_sign)] = ""

    @model_validator(mode="after")
    def _consistent(self):
        if self.header not in ("none", "find") and not self.header.isdigit():
            raise ValueError("`header:` is a line number, `find` or `none`")
        if self.header == "0":
            raise ValueError("`header:` counts from 1; for a file without names of columns say `none`")
        if self.delimiter is not None and len(self.delimiter) != 1:
            raise ValueError("`delimiter:` is one character, or tab, comma, semicolon, pipe, space")
        if self.quote != "none" and len(self.quote) != 1:
            raise ValueError("`quote:` is one character, or none")
        if self.decimal == self.thousands:
            raise ValueError("`decimal:` and `thousands:` cannot be the same sign")
        return self


SOURCES = (
    "column", "position", "value", "columns", "row", "first_of", "field", "sum", "minus", "product", "divide", "not_",
    "condition", "date", "time", "plus", "from_", "occurrence",
)  # fmt: skip


class Expression(Strict):
    """Where a value comes from (exactly one source) and what is done to it."""

    column: str | None = None
    position: int | None = Field(None, ge=1, le=16384)
    value: str | None = None
    columns: Annotated[tuple["Expr", ...] | None, BeforeValidator(lambda v: v if v is None else _list(v))] = None
    join: str = " "
    row: bool | None = None
    first_of: tuple["Expr", ...] | None = None
    field: str | None = None
    sum: tuple["Expr", ...] | None = None
    minus: tuple["Expr", ...] | None = None
    product: tuple["Expr", ...] | None = None
    divide: tuple["Expr", ...] | None = None
    not_: "Expr | None" = Field(None, alias="not")
    condition: "Test | None" = None
    date: "Expr | None" = None
    time: "Expr | None" = None
    plus: tuple["Expr", ...] | None = None
    from_: "Expr | None" = Field(None, alias="from")
    to: "Expr | None" = None
    occurrence: "Expr | None" = None

    extract: str | None = None
    replace: WordMap | None = None
    map: WordMap | None = None
    otherwise: str | None = None
    case: Literal["lower", "upper", "title"] | None = None
    default: str | None = None
    empty: Words | None = None
    when: "Test | None" = None

    format: Formats = ()
    zone: str | None = None
    overnight: bool = False
    unit: Literal["ms", "s", "min", "h", "days"] | None = None
    as_: Literal["number", "duration"] | None = Field(None, alias="as")
    in_: Literal["ms", "s", "min", "h", "days"] | None = Field(None, alias="in")
    decimal: Annotated[Literal[".", ","] | None, BeforeValidator(_sign)] = None
    thousands: Annotated[Literal[".", ",", " ", "'", ""] | None, BeforeValidator(_sign)] = None
    yes: Words = ()
    no: Words = ()

    @model_validator(mode="after")
    def _one_source(self):
        given = [name.rstrip("_") for name in SOURCES if getattr(self, name) is not None]
        if set(given) == {"date", "time"}:
            given = ["date"]
        if set(given) == {"column", "position"}:
            raise ValueError("give a `column:` by its name or by its `position:`, not both")
        if not given:
            raise ValueError("says no source: give `column:`, `value:`, `columns:` or another source")
        if len(given) > 1:
            hint = "; a date and a time are `date:` and `time:`" if "time" in given else ""
            raise ValueError(f"has more than one source ({', '.join(given)}); keep one{hint}")
        if (self.to is None) != (self.from_ is None):
            raise ValueError("`from:` and `to:` go together")
        if self.row is False:
            raise ValueError("`row:` is yes or is not there")
        if self.extract is not None:
            _check_regex(self.extract)
        if self.otherwise is not None and self.map is None:
            raise ValueError("`otherwise:` goes with `map:`")
        for name in ("sum", "minus", "product", "divide", "plus", "first_of", "columns"):
            if getattr(self, name) is not None and not getattr(self, name):
                raise ValueError(f"`{name}:` is an empty list")
        for name in ("minus", "divide", "plus"):
            if getattr(self, name) is not None and len(getattr(self, name)) < 2:
                raise ValueError(f"`{name}:` takes a list of two or more")
        return self

    @property
    def source(self) -> str:
        return next(name for name in SOURCES if getattr(self, name) is not None)


def _check_regex(text: str) -> None:
    try:
        found = re.compile(text)
    except re.error as error:
        raise ValueError(f"“{text}” is not a regular expression: {error}") from None
    if found.groups > 1:
        raise ValueError(f"“{text}” has more than one group in parentheses; write (?:…) for those not meant")


Expr = Annotated[Expression, BeforeValidator(_column)]

TESTS = (
    "is_", "is_not", "one_of", "none_of", "is_empty", "matches", "contains", "begins_with",
    "at_least", "at_most", "over", "under", "since", "before",
)  # fmt: skip


class Condition(Strict):
    """What must hold of a row: one column under one or more tests, or a combination."""

    column: str | None = None
    position: int | None = Field(None, ge=1)
    of: "Expr | None" = None
    all: tuple["Test", ...] | None = None
    any: tuple["Test", ...] | None = None
    not_: "Test | None" = Field(None, alias="not")

    is_: str | None = Field(None, alias="is")
    is_not: str | None = None
    one_of: Words | None = None
    none_of: Words | None = None
    is_empty: bool | None = Field(None, alias="empty")
    matches: str | None = None
    contains: str | None = None
    begins_with: str | None = None
    at_least: str | None = None
    at_most: str | None = None
    over: str | None = None
    under: str | None = None
    since: str | None = None
    before: str | None = None
    as_: Literal["number", "duration"] = Field("number", alias="as")
    unit: Literal["ms", "s", "min", "h", "days"] | None = None
    format: Formats = ()

    @model_validator(mode="after")
    def _one_shape(self):
        about = [name for name in ("column", "position", "of") if getattr(self, name) is not None]
        combined = [name for name in ("all", "any", "not_") if getattr(self, name) is not None]
        tests = [name for name in TESTS if getattr(self, name) is not None]
        if len(about) + len(combined) != 1:
            raise ValueError("a condition is about one `column:`, or is one `all:`, `any:` or `not:`")
        if about and not tests:
            raise ValueError("a condition needs a test, such as `is:`, `one_of:`, `empty:` or `matches:`")
        if combined and tests:
            raise ValueError("tests go inside `all:`, `any:` or `not:`")
        if self.matches is not None:
            try:
                re.compile(self.matches)
            except re.error as error:
                raise ValueError(f"“{self.matches}” is not a regular expression: {error}") from None
        return self

    @property
    def subject(self) -> Expression | None:
        if self.of is not None:
            return self.of
        if self.column is None and self.position is None:
            return None
        return Expression(column=self.column, position=self.position)


def _all_of(value):
    """A list of conditions means that all must hold."""
    return {"all": value} if isinstance(value, list) else value


Test = Annotated[Condition, BeforeValidator(_all_of)]
AnyTest = Annotated[Condition, BeforeValidator(lambda value: {"any": value} if isinstance(value, list) else value)]


class Unfold(Strict):
    """A wide table made long: each column whose name matches becomes a row of its own."""

    columns: str
    name: str
    value: str

    @model_validator(mode="after")
    def _regex(self):
        _check_regex(self.columns)
        return self


class Table(FileOptions):
    """A file joined in: the row whose `key` columns equal the `match` values of the row in hand."""

    file: str
    key: Annotated[tuple[str, ...], BeforeValidator(_list)]
    match: Annotated[tuple["Expr", ...], BeforeValidator(_list)]
    unfold: Unfold | None = None
    missing: Literal["empty", "refuse"] = "empty"
    repeated: Literal["refuse", "first", "last"] = "refuse"
    any_case: bool = False

    @model_validator(mode="after")
    def _as_many(self):
        if len(self.key) != len(self.match):
            raise ValueError("`key:` and `match:` must name equally many columns")
        return self


class Agent(Strict):
    """Who took the interaction, and what to do with people that Laurel does not know."""

    id: "Expr | None" = None
    email: "Expr | None" = None
    name: "Expr | None" = None
    match: Annotated[tuple[Literal["id", "email", "name"], ...], BeforeValidator(_words)] = ()
    unknown: Literal["create", "refuse"] = "refuse"
    missing: Literal["keep", "leave_out", "refuse"] = "leave_out"
    division: "Expr | None" = None
    team: "Expr | None" = None
    lead: "Expr | None" = None

    @model_validator(mode="after")
    def _matchable(self):
        given = [name for name in ("id", "email", "name") if getattr(self, name) is not None]
        if not given:
            raise ValueError("say by which column agents are known: `id:`, `email:` or `name:`")
        for name in self.match:
            if name not in given:
                raise ValueError(f"`match: {name}` needs `{name}:` with the column that holds it")
        if self.lead is not None and self.team is None:
            raise ValueError("`lead:` needs `team:`")
        if self.unknown == "create" and self.name is None and self.id is None:
            raise ValueError("people can be created from a `name:` or an `id:`, not from an e-mail alone")
        return self

    @property
    def ways(self) -> tuple[str, ...]:
        """How agents are matched, in order."""
        return self.match or tuple(name for name in ("id", "email", "name") if getattr(self, name) is not None)[:1]


class NewMetric(Strict):
    """An external metric to make when there is none of this key."""

    name: str = Field(min_length=1, max_length=120)
    unit: Literal["seconds", "percent", "number", "currency"] = "number"
    currency: str = Field("", max_length=3)
    precision: int = Field(0, ge=0, le=5)
    better: Literal["higher", "lower"] = "higher"
    aggregation: Literal["sum", "average"] = "average"


class MetricReading(Strict):
    """One metric read from each row."""

    metric: str = Field(pattern=r"^[a-z0-9_-]{1,80}$")
    value: "Expr | None" = None
    mean: "Expr | None" = None
    count: "Expr | None" = None
    create: NewMetric | None = None

    @model_validator(mode="after")
    def _total(self):
        if (self.value is None) == (self.mean is None):
            raise ValueError("give either the `value:` of the whole day, or its `mean:` and `count:`")
        if self.mean is not None and self.count is None:
            raise ValueError("`mean:` needs `count:`, the number that it is a mean of")
        return self

    @property
    def total(self) -> Expression:
        """The sum over the day."""
        return self.value or Expression(product=(self.mean, self.count))


def _agent(value):
    if isinstance(value, str):
        raise ValueError(f"say how agents are known, as in `agent: {{name: {value}}}` (or `id:`, or `email:`)")
    return value


def _fixed(value):
    return {"value": value} if isinstance(value, str) else value


TEXT, MOMENT, DURATION, TRUTH, NUMBER, CHOICE, WHOLE, SECRET, DAY = (
    "text", "moment", "duration", "truth", "number", "choice", "whole", "secret", "day",
)  # fmt: skip

FIELDS: dict[str, dict[str, str]] = {
    "interactions": {
        "id": TEXT, "leg": WHOLE, "started_at": MOMENT, "ended_at": MOMENT, "media_type": CHOICE, "direction": CHOICE,
        "queue": TEXT, "wait": DURATION, "talk": DURATION, "hold": DURATION, "after_call": DURATION, "answered": TRUTH,
        "abandoned": TRUTH, "transferred": TRUTH, "resolved": TRUTH, "wrap_up": TEXT, "rating": NUMBER,
        "charge": NUMBER, "customer": SECRET,
    },
    "readings": {"workday": DAY, "id": TEXT},
    "evaluations": {
        "id": TEXT, "interaction": TEXT, "leg": WHOLE, "workday": DAY, "form": TEXT, "score": NUMBER,
        "maximum": NUMBER, "evaluator": TEXT, "released": TRUTH,
    },
}  # fmt: skip
"""The fields of each kind, and what each holds."""

REQUIRED = {"interactions": ("id", "started_at"), "readings": ("workday",), "evaluations": ("id", "score", "maximum")}

ALIASES = {
    "external_id": "id", "start": "started_at", "started": "started_at", "end": "ended_at", "ended": "ended_at",
    "acw": "after_call", "after_call_work": "after_call", "wrap_up_code": "wrap_up", "leg_number": "leg",
    "satisfaction": "rating", "csat": "rating", "duration": "talk", "date": "workday", "customer_key": "customer",
    "wait_seconds": "wait", "talk_seconds": "talk", "hold_seconds": "hold", "after_call_seconds": "after_call",
    "media": "media_type", "channel": "media_type", "disposition": "wrap_up", "speed_of_answer": "wait",
}  # fmt: skip
"""What people write for a field; only ever suggested, never silently taken."""


class Spec(Strict):
    """A whole mapping."""

    name: str = ""
    kind: Literal["interactions", "readings", "evaluations"] = "interactions"
    source: str = Field(min_length=1, max_length=60)
    time_zone: Annotated[Expression, BeforeValidator(_fixed)] = Expression(value="division")
    file: FileOptions = FileOptions()
    tables: dict[str, Table] = {}
    keep: Test | None = None
    leave_out: AnyTest | None = None
    agent: Annotated[Agent, BeforeValidator(_agent)]
    divisions: dict[str, str] = {}
    fields: dict[str, Expr] = {}
    metrics: tuple[MetricReading, ...] = ()
    reading: Literal["total", "cumulative"] = "total"

    @model_validator(mode="after")
    def _whole(self):
        known = FIELDS[self.kind]
        for name in self.fields:
            if name not in known:
                raise ValueError(f"fields.{name}: there is no such field for {self.kind}{did_you_mean(name, known)}")
        missing = [name for name in REQUIRED[self.kind] if name not in self.fields]
        if missing:
            raise ValueError(f"fields: {' and '.join(f'`{name}:`' for name in missing)} must be given")
        if (self.kind == "readings") != bool(self.metrics):
            raise ValueError("`metrics:` is what `kind: readings` needs, and only it")
        if self.kind == "evaluations" and not {"workday", "interaction"} & set(self.fields):
            raise ValueError("fields: give the `workday:` of an evaluation, or the `interaction:` that it is of")
        for name in self.tables:
            if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,59}", name):
                raise ValueError(f"tables.{name}: a table's name is letters, digits and _")
        if self.source == "laurel":
            raise ValueError("source: “laurel” is what was entered by hand; take another name")
        if self.reading == "cumulative" and self.kind != "readings":
            raise ValueError("`reading:` goes with `kind: readings`")
        return self


for _model in (Expression, Condition, Table, Agent, MetricReading, Spec):
    _model.model_rebuild()


def did_you_mean(name: str, known) -> str:
    """`; did you mean “x”?`, or the list of what there is when it is short."""
    known = list(known)
    if name in ALIASES and ALIASES[name] in known:
        return f"; did you mean “{ALIASES[name]}”?"
    folded = {other.casefold().strip(): other for other in known}
    near = difflib.get_close_matches(name.casefold().strip(), folded, n=1, cutoff=0.6)
    if near:
        return f"; did you mean “{folded[near[0]]}”?"
    return f" (there are: {', '.join(known)})" if 0 < len(known) <= 30 else ""


def load_mapping(text: str) -> Spec:
    """The mapping of a YAML text. Raises `MappingError` with every mistake, its key, its line and what to do."""
    node, data = _parsed(text)
    try:
        return Spec.model_validate(data)
    except ValidationError as error:
        raise MappingError("\n".join(_mistakes(error, node))) from None


def data_of(text: str) -> dict[str, Any]:
    """The YAML of a mapping as plain data, whether or not it makes a whole mapping. Raises `MappingError`."""
    return _parsed(text)[1]


def file_options_of(text: str) -> FileOptions:
    """How the file is read, also while the rest of the mapping has mistakes."""
    try:
        return FileOptions.model_validate(data_of(text).get("file") or {})
    except (MappingError, ValidationError):
        return FileOptions()


def _parsed(text: str) -> tuple[yaml.Node, dict[str, Any]]:
    if len(text) > MAX_MAPPING_CHARS:
        raise MappingError("The mapping is longer than 200,000 characters; this is probably another file.")
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        data = loader.construct_document(node) if node is not None else None
    except MappingError:
        raise
    except yaml.YAMLError as error:
        raise MappingError(_yaml_mistake(error)) from None
    except RecursionError:
        raise MappingError("The mapping is nested too deeply.") from None
    if not isinstance(data, dict):
        raise MappingError("The mapping is empty or is not YAML with `key: value` lines; see docs/imports.md.")
    return node, data


def _yaml_mistake(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}: " if mark else ""
    problem = getattr(error, "problem", None) or str(error)
    hint = "; put a text with `:`, `#`, `%`, `@` or brackets in quotes, and indent with spaces"
    return f"{where}this is not YAML: {problem}{hint}"


def _mistakes(error: ValidationError, node) -> list[str]:
    found = []
    for mistake in error.errors():
        path = [part for part in mistake["loc"] if not _is_internal(part)]
        line = _line_of(node, path)
        where = f"line {line}: " if line else ""
        found.append(f"{where}{_sentence('.'.join(str(part) for part in path), mistake)}")
    return list(dict.fromkeys(found))


def _is_internal(part) -> bool:
    return isinstance(part, str) and ("[" in part or part in ("Expression", "Condition"))


_SAY = {
    "missing": "must be given",
    "literal_error": "“{input}” is not one of {expected}",
    "bool_parsing": "“{input}” is neither yes nor no",
    "int_parsing": "“{input}” is not a whole number",
    "int_type": "“{input}” is not a whole number",
    "model_type": "needs keys of its own, indented below it",
    "dict_type": "needs keys of its own, indented below it",
    "model_attributes_type": "needs keys of its own, indented below it",
    "tuple_type": "needs a list, as in [one, two]",
    "list_type": "needs a list, as in [one, two]",
    "string_type": "needs a plain text; put it in quotes",
}


def _sentence(path: str, mistake: dict[str, Any]) -> str:
    parent, _, key = path.rpartition(".")
    if mistake["type"] == "extra_forbidden":
        return f"{path}: there is no key “{key}” here{did_you_mean(key, _keys_at(parent))}"
    message = mistake["msg"].removeprefix("Value error, ")
    if said := _SAY.get(mistake["type"]):
        message = said.format(input=mistake["input"], expected=mistake.get("ctx", {}).get("expected"))
    return f"{path}: {message}" if path else message


def _keys_at(path: str) -> list[str]:
    """The keys that may stand at a place."""
    parts = [part for part in path.split(".") if part]
    top: dict[str, type[Strict]] = {"": Spec, "file": FileOptions, "agent": Agent}
    if not parts or path in top:
        model = top[path]
    elif parts[-1] in ("when", "condition", "keep", "leave_out", "any", "all") or (
        len(parts) > 1 and parts[-1].isdigit() and parts[-2] in ("any", "all", "keep", "leave_out", "when")
    ):
        model = Condition
    elif parts[0] == "tables" and len(parts) == 2:
        model = Table
    elif parts[0] == "metrics" and len(parts) == 2:
        model = MetricReading
    elif parts[-1] in ("unfold", "create"):
        model = Unfold if parts[-1] == "unfold" else NewMetric
    else:
        model = Expression
    return [field.alias or name for name, field in model.model_fields.items()]


def _line_of(node, path) -> int | None:
    """The line of the YAML on which the thing at `path` stands, or the nearest thing around it."""
    line = None
    for part in path:
        if part in ("any", "all") and isinstance(node, yaml.SequenceNode):
            continue
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(part)]
            if not found:
                return line
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            return line
    return line
