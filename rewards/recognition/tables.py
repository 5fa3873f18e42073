"""Recognitions as rows of a file, from rows that the viewer may see."""

COLUMNS = ["at", "kind", "from", "for", "points", "note", "taken_back_because"]


def export_rows(gifts):
    for gift in gifts:
        back = getattr(gift, "taken_back", None)
        names = (gift.giver.name, gift.recipient.name)
        yield gift.at.isoformat(), gift.kind, *names, gift.points, gift.note, back.reason if back else ""
