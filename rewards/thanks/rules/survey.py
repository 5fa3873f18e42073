"""The survey as a definition, and what follows on each answer. Pure: a call and a page walk the same tree."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from ..enums import Ending, Question, Text

SCALE = ("1", "2", "3", "4", "5")
"""1 is extremely likely, 5 not at all."""
YES, NO = "1", "2"
FALLBACK = "en"


class Option(NamedTuple):
    """A reward that a customer can choose by a key. What an item of the catalogue lent it is kept as it was then:
    `item` is its public id, `picture` the digest of its picture. A name of the option's own goes before the lent one.
    """

    key: str
    points: int
    names: Mapping[str, str]
    item: str = ""
    lent_name: str = ""
    picture: str = ""

    def name(self, language: str) -> str:
        own = self.names.get(language) or self.lent_name or self.names.get(FALLBACK)
        return own or next(filter(None, self.names.values()), "")


class Lent(NamedTuple):
    """What an item of the catalogue lends: its name, and the digest of its picture or nothing."""

    name: str
    picture: str = ""


@dataclass(frozen=True)
class Definition:
    """One version of a survey. Answers from 1 to `leads_on_to` lead on to the reward; wrong or missing input is asked
    again `repeats` times. A cap of None caps nothing.
    """

    leads_on_to: int
    repeats: int
    options: tuple[Option, ...]
    texts: Mapping[str, Mapping[str, str]]
    day_points: int | None = None
    customer_thanks: int | None = None
    customer_days: int = 1
    link_days: int = 7

    @property
    def languages(self) -> list[str]:
        return list(self.texts)

    @property
    def pictures(self) -> set[str]:
        """Digests of the pictures that it shows."""
        return {option.picture for option in self.options if option.picture}

    @property
    def items(self) -> set[str]:
        """Public ids of the items that lend it something."""
        return {option.item for option in self.options if option.item}

    def lent_anew(self, lent: Mapping[str, Lent]) -> "Definition":
        """With what items lend by now, by public id. What is not among them lends what it lent."""
        return replace(self, options=tuple(_lent_anew(option, lent.get(option.item)) for option in self.options))

    def names(self, key: str) -> dict[str, str]:
        """What an option is called, by language."""
        return {language: self.option(key).name(language) for language in self.languages}

    def option(self, key: str) -> Option:
        return next(option for option in self.options if option.key == key)

    def text(self, text: Text, language: str) -> str:
        said = self.texts.get(language, {}).get(text) or self.texts.get(FALLBACK, {}).get(text)
        return said or next((texts[text] for texts in self.texts.values() if texts.get(text)), "")

    def keys(self, question: Question) -> tuple[str, ...]:
        if question is Question.RECOMMEND:
            return SCALE
        return (YES, NO) if question is Question.REWARD else tuple(option.key for option in self.options)


def _lent_anew(option: Option, lent: Lent | None) -> Option:
    return option._replace(lent_name=lent.name, picture=lent.picture) if lent else option


@dataclass(frozen=True)
class Turn:
    """Where a survey stands: the question that is asked, for the how many-th time again; None once it has ended.

    What was answered before is kept however it ends.
    """

    question: Question | None = Question.RECOMMEND
    repeated: int = 0
    recommend: int | None = None
    wants_reward: bool | None = None
    gift: str = ""
    ending: Ending | None = None

    @property
    def is_over(self) -> bool:
        return self.question is None


START = Turn()


def next_turn(definition: Definition, turn: Turn, key: str) -> Turn:
    """What follows on a key; an empty one is silence. A survey that has ended stays as it is."""
    if turn.question is None:
        return turn
    if key not in definition.keys(turn.question):
        return _again(definition, turn)
    turn = replace(turn, repeated=0)
    match turn.question:
        case Question.RECOMMEND:
            turn = replace(turn, recommend=int(key))
            leads_on = int(key) <= definition.leads_on_to
            return replace(turn, question=Question.REWARD) if leads_on else _end(turn, Ending.UNHAPPY)
        case Question.REWARD:
            turn = replace(turn, wants_reward=key == YES)
            return replace(turn, question=Question.GIFT) if key == YES else _end(turn, Ending.DECLINED)
        case Question.GIFT:
            return _end(replace(turn, gift=key), Ending.CHOSEN)


def turn_after(definition: Definition, keys: Iterable[str]) -> Turn:
    """Where a survey stands after these keys."""
    turn = START
    for key in keys:
        turn = next_turn(definition, turn, key)
    return turn


def _again(definition: Definition, turn: Turn) -> Turn:
    if turn.repeated >= definition.repeats:
        return _end(turn, Ending.GAVE_UP)
    return replace(turn, repeated=turn.repeated + 1)


def _end(turn: Turn, ending: Ending) -> Turn:
    return replace(turn, question=None, ending=ending)


class Choice(NamedTuple):
    key: str
    label: str
    picture: str = ""


def choices(definition: Definition, question: Question, language: str) -> list[Choice]:
    """What can be chosen at a question, in a language."""
    if question is Question.GIFT:
        return [Choice(option.key, option.name(language), option.picture) for option in definition.options]
    texts = [Text.YES, Text.NO] if question is Question.REWARD else [Text(f"scale_{key}") for key in SCALE]
    keys = definition.keys(question)
    return [Choice(key, definition.text(text, language)) for key, text in zip(keys, texts, strict=True)]


def question_text(definition: Definition, turn: Turn, language: str) -> str:
    return definition.text(Text(turn.question.value), language)


def closing_text(definition: Definition, turn: Turn, language: str, *, given: bool) -> str:
    """What is said at the end. A reward is spoken of as given only when it was: `given`."""
    if turn.ending is Ending.GAVE_UP:
        return definition.text(Text.GAVE_UP, language)
    goodbye = definition.text(Text.GOODBYE, language)
    if not given:
        return goodbye
    gift = definition.option(turn.gift).name(language)
    return f"{definition.text(Text.GIVEN, language).replace('{gift}', gift)} {goodbye}"


def spoken(definition: Definition, turn: Turn, language: str, *, given: bool = False) -> str:
    """What a telephone says at a turn."""
    if turn.question is None:
        return closing_text(definition, turn, language, given=given)
    again = [definition.text(Text.AGAIN, language)] if turn.repeated else []
    press = definition.text(Text.PRESS, language)
    offered = [
        press.replace("{key}", choice.key).replace("{choice}", choice.label)
        for choice in choices(definition, turn.question, language)
    ]
    return " ".join([*again, question_text(definition, turn, language), *offered])


# Definitions as stored -------------------------------------------------------------------------------------------


def definition_from_json(content: Mapping) -> Definition:
    options = tuple(Option(**each) for each in content["options"])
    return Definition(**{**content, "options": options})


def definition_to_json(definition: Definition) -> dict:
    return {**definition.__dict__, "options": [option._asdict() for option in definition.options]}
