"""Each kind has its sentence, in the reader's language."""

import pytest
from django.utils.translation import override

from inbox.enums import ICONS, Kind
from inbox.wording import said, sentence_of

GOAL = {"goal": "Calls", "period": "2024-09", "points": 100}
CASES = [
    (Kind.THANKS, {"gift": {"en": "Coffee"}, "points": 1}, "", "A customer thanked you: Coffee, 1 point"),
    (Kind.THANKS, {"gift": "Coffee"}, "", "A customer thanked you: Coffee"),
    (Kind.THANKS, {"points": 5}, "Bob", "Bob thanked you: 5 points"),
    (Kind.THANKS, {}, "Bob", "Bob thanked you"),
    (Kind.GOAL_CLOSED, GOAL, "", "“Calls” has closed for September 2024: 100 points, provisional for now"),
    (Kind.GOAL_CLOSED, GOAL | {"points": 0, "period": "2024-09-01"}, "", "“Calls” has closed for 1 Sep 2024"),
    (Kind.REWARD_POSTED, GOAL | {"period": "2024-W36"}, "", "100 points were posted for “Calls”, 2 Sep to 8 Sep 2024"),
    (Kind.REWARD_REVERSED, GOAL, "", "100 points were taken back for “Calls”, September 2024"),
    (Kind.REWARD_REVERSED, {"points": 20}, "Sam", "Sam took back what you were given: 20 points"),
    (Kind.REWARD_REVERSED, {"points": 20}, "", "20 points were taken back"),
    (Kind.REQUEST_DECIDED, {"item": "Mug", "decision": "declined"}, "", "Your request was declined: Mug"),
    (Kind.BADGE_EARNED, {"badge": "Streak", "level": 2}, "", "You earned a badge: Streak, level 2"),
    (Kind.BADGE_EARNED, {"badge": "Streak", "level": None}, "", "You earned a badge: Streak"),
    (Kind.REQUEST_MADE, {"item": "Mug", "points": 30}, "Ada", "Ada asks for Mug: 30 points"),
    (Kind.RECOGNITION, {"points": 1000}, "Sam", "Sam recognised your work: 1,000 points"),
    (Kind.RECOGNITION, {}, "", "Somebody recognised your work"),
    (Kind.LOW_STOCK, {"item": "Mug", "left": 2}, "", "Only 2 left in the catalogue: Mug"),
    (
        Kind.UNMATCHED,
        {"number": 1200, "names": ["sales", "typo"]},
        "",
        "1,200 scores wait for goals that Laurel does not know: sales, typo",
    ),
    (Kind.UNMATCHED, {"number": 1}, "", "1 row that a program sent names somebody whom Laurel does not know"),
]


@pytest.mark.parametrize(("kind", "params", "by", "expected"), CASES)
def test_sentence(kind, params, by, expected):
    with override("en"):
        assert sentence_of(kind, params, by=by) == expected


def test_every_kind_has_a_sentence_and_an_icon():
    assert {case[0] for case in CASES} == set(Kind) == set(ICONS)


def test_sentence_follows_the_reader():
    with override("de"):
        text = sentence_of(Kind.THANKS, {"gift": {"en": "Coffee", "de": "Kaffee"}, "points": 1234})
    assert "Kaffee" in text and "1.234" in text


@pytest.mark.parametrize(("language", "expected"), [("de", "Kaffee"), ("de-at", "Kaffee"), ("fr", "Coffee")])
def test_words_by_language_fall_back_to_english(language, expected):
    with override(language):
        assert said({"de": "Kaffee", "en": "Coffee"}) == expected
