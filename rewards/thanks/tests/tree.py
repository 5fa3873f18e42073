"""Every path of the survey that ships: keys, then how it ends and what is kept. Walked by the rules, by telephone and
by link. `None` as the ending: it goes on.
"""

from rewards.thanks.enums import Ending

OPTIONS = [("1", "high five", 10), ("2", "soft drink", 20), ("3", "delivered snack", 30), ("4", "specialty coffee", 40)]
REPEATS = 2
DIALS = ["", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"]
"""What a telephone can send; empty is silence."""

HAPPY, UNHAPPY = ["1", "2", "3"], ["4", "5"]


def _tree():
    """(keys, ending, recommend, wants a reward, gift)"""
    for bad in [key for key in DIALS if key not in [*HAPPY, *UNHAPPY]]:
        yield [bad], None, None, None, ""
        yield [bad] * (REPEATS + 1), Ending.GAVE_UP, None, None, ""
        yield [*[bad] * REPEATS, "5"], Ending.UNHAPPY, 5, None, ""
    for low in UNHAPPY:
        yield [low], Ending.UNHAPPY, int(low), None, ""
    for high in HAPPY:
        yield [high], None, int(high), None, ""
        yield [high, "2"], Ending.DECLINED, int(high), False, ""
        for gift, _name, _points in OPTIONS:
            yield [high, "1", gift], Ending.CHOSEN, int(high), True, gift
    for bad in [key for key in DIALS if key not in ["1", "2"]]:
        yield ["1", bad], None, 1, None, ""
        yield ["1", *[bad] * (REPEATS + 1)], Ending.GAVE_UP, 1, None, ""
        yield ["1", *[bad] * REPEATS, "2"], Ending.DECLINED, 1, False, ""
    for bad in [key for key in DIALS if key not in ["1", "2", "3", "4"]]:
        yield ["2", "1", bad], None, 2, True, ""
        yield ["2", "1", *[bad] * (REPEATS + 1)], Ending.GAVE_UP, 2, True, ""
        yield ["2", "1", *[bad] * REPEATS, "4"], Ending.CHOSEN, 2, True, "4"


TREE = list(_tree())
