"""The whole tree, with every wrong key, silence and repetition at each turn."""

from dataclasses import replace

import pytest

from rewards.thanks.enums import Ending, Question
from rewards.thanks.rules.survey import (
    Definition,
    Option,
    choices,
    definition_from_json,
    definition_to_json,
    spoken,
    turn_after,
)
from rewards.thanks.tests.tree import DIALS, OPTIONS, REPEATS, TREE

TEXTS = {
    "en": {
        "recommend": "How likely?", "reward": "Reward?", "gift": "Which?", "again": "Once more.", "yes": "yes",
        "no": "no", "given": "Given: {gift}.", "goodbye": "Goodbye.", "gave_up": "So long.", "press": "{key} {choice},",
        **{f"scale_{number}": f"s{number}" for number in range(1, 6)},
    }
}  # fmt: skip
SURVEY = Definition(
    leads_on_to=3,
    repeats=REPEATS,
    options=tuple(Option(key, points, {"en": name}) for key, name, points in OPTIONS),
    texts=TEXTS,
)


@pytest.mark.parametrize(("keys", "ending", "recommend", "wants", "gift"), TREE)
def test_tree_ends_as_each_path_says(keys, ending, recommend, wants, gift):
    turn = turn_after(SURVEY, keys)
    assert (turn.ending, turn.recommend, turn.wants_reward, turn.gift) == (ending, recommend, wants, gift)
    assert turn.is_over is (ending is not None)


@pytest.mark.parametrize("wrong", [key for key in DIALS if key not in "12345"])
def test_wrong_key_is_asked_again_and_keeps_what_was_answered(wrong):
    turn = turn_after(SURVEY, ["2", "1", wrong])
    assert (turn.question, turn.repeated, turn.recommend, turn.wants_reward) == (Question.GIFT, 1, 2, True)


def test_right_key_starts_the_count_of_repeats_anew():
    assert turn_after(SURVEY, ["", "", "1", "", ""]).question is Question.REWARD


def test_survey_that_has_ended_stays_as_it_is():
    assert turn_after(SURVEY, ["5", "1", "1"]) == turn_after(SURVEY, ["5"])


def test_threshold_is_a_setting():
    assert turn_after(replace(SURVEY, leads_on_to=5), ["5"]).question is Question.REWARD
    assert turn_after(replace(SURVEY, leads_on_to=1), ["2"]).ending is Ending.UNHAPPY


def test_without_repeats_the_first_wrong_key_ends_it():
    assert turn_after(replace(SURVEY, repeats=0), ["9"]).ending is Ending.GAVE_UP


def test_spoken_offers_every_key_and_says_again_only_after_a_wrong_one():
    assert spoken(SURVEY, turn_after(SURVEY, ["1"]), "en") == "Reward? 1 yes, 2 no,"
    assert spoken(SURVEY, turn_after(SURVEY, ["1", "7"]), "en") == "Once more. Reward? 1 yes, 2 no,"


def test_spoken_promises_only_what_was_given():
    end = turn_after(SURVEY, ["1", "1", "4"])
    assert spoken(SURVEY, end, "en") == "Goodbye."
    assert spoken(SURVEY, end, "en", given=True) == "Given: specialty coffee. Goodbye."


def test_language_without_words_falls_back():
    assert spoken(SURVEY, turn_after(SURVEY, ["5"]), "pt") == "Goodbye."
    assert choices(SURVEY, Question.GIFT, "pt")[0].label == "high five"


def test_definition_comes_back_from_json_as_it_was():
    assert definition_from_json(definition_to_json(SURVEY)) == SURVEY
