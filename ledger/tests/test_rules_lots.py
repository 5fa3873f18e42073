import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.lots import Income, Outflow, expired, lots_after

MAY, JUNE = dt.date(2024, 5, 1), dt.date(2024, 6, 1)


def left(events):
    return {lot.transfer_id: lot.left for lot in lots_after(events)}


def test_outflow_takes_from_the_lot_that_expires_soonest():
    assert left([Income(1, 50), Income(2, 50, JUNE), Income(3, 50, MAY), Outflow(70)]) == {1: 50, 2: 30, 3: 0}


def test_outflow_cannot_take_from_a_lot_that_came_later():
    assert left([Income(1, 50, JUNE), Outflow(30), Income(2, 50, MAY)]) == {1: 20, 2: 50}


def test_take_back_takes_from_its_own_lot_first():
    assert left([Income(1, 50, MAY), Income(2, 50), Outflow(60, of=2)]) == {1: 40, 2: 0}


def test_expired_is_what_is_left_on_its_day():
    lots = lots_after([Income(1, 50, MAY), Income(2, 50, JUNE), Income(3, 50), Outflow(10)])
    assert [(lot.transfer_id, lot.left) for lot in expired(lots, on=MAY)] == [(1, 40)]
    assert expired(lots, on=MAY - dt.timedelta(days=1)) == []


@given(
    st.lists(
        st.tuples(st.integers(1, 100), st.sampled_from([None, MAY, JUNE]), st.integers(0, 120)), min_size=1, max_size=12
    )
)
def test_what_is_left_is_income_less_outflow(steps):
    events, balance = [], 0
    for number, (points, day, out) in enumerate(steps):
        events.append(Income(number, points, day))
        balance += points
        events.append(Outflow(min(out, balance)))
        balance -= min(out, balance)
    assert sum(left(events).values()) == balance
