"""What erasing a person takes out of recognition, of decisions about them, and leaves of the points."""

import pytest

from inbox.models import Notification
from inbox.retention import erase as erase_from_inbox
from ledger.models import Debt, Transfer
from rewards.recognition.actions import take_gift_back
from rewards.recognition.models import Gift, TakenBack
from rewards.recognition.retention import erase

from .factories import NOW, make_budget, make_gift
from .test_actions import Floor

pytestmark = pytest.mark.django_db


def test_notes_given_and_received_go_and_points_stay():
    floor = Floor()
    make_budget(lead=100)
    received = make_gift(floor.sam, floor.ada, points=30, note="Ada was calm")
    given = make_gift(floor.ada, floor.bob, kind="thanks", note="From Ada")
    other = make_gift(floor.sam, floor.bob, note="Of Bob")
    for gift in (received, other):
        take_gift_back(gift, reason="It was a mistake", by=floor.sam, at=NOW)
    before = list(Transfer.objects.values()), list(Debt.objects.values())
    erase(floor.ada, at=NOW)
    erase(floor.ada, at=NOW)
    assert dict(Gift.objects.values_list("pk", "note")) == {received.pk: "", given.pk: "", other.pk: "Of Bob"}
    assert dict(TakenBack.objects.values_list("gift", "reason")) == {received.pk: "", other.pk: "It was a mistake"}
    assert (list(Transfer.objects.values()), list(Debt.objects.values())) == before
    assert "It was a mistake" not in str(before)


def test_notices_to_and_from_the_person_go():
    floor = Floor()
    for by, to in ((floor.sam, floor.ada), (floor.ada, floor.bob), (floor.sam, floor.bob)):
        make_gift(by, to, kind="recognition" if by == floor.sam else "thanks", note=f"{by.name} {to.name}")
    erase_from_inbox(floor.ada, at=NOW)
    assert [row.params["note"] for row in Notification.objects.all()] == [f"{floor.sam.name} {floor.bob.name}"]
