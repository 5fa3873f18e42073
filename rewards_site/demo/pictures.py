"""Pictures of the demo centre's rewards, drawn here: flat shapes on a quiet ground. Nothing is loaded from anywhere."""

import io
from collections.abc import Callable

from PIL import Image, ImageDraw

from rewards.catalogue.rules.pictures import Encoded, encode

SIZE = (640, 480)
FINER = 3
"""Drawn so many times larger, and made small at the end: that smooths the edges."""
GROUNDS = {"Drinks": "#f6e8da", "Food": "#e6efdc", "Time": "#e1e7f5", "Things": "#f3e2e6"}
HALOS = {"Drinks": "#fbf4ec", "Food": "#f3f8ed", "Time": "#f0f4fb", "Things": "#faf0f2"}
SHADE = "#00000018"


class Sheet:
    """A drawing in units of the finished picture."""

    def __init__(self, ground: str, halo: str):
        self.image = Image.new("RGB", [side * FINER for side in SIZE], ground)
        self.pen = ImageDraw.Draw(self.image, "RGBA")
        self.oval((140, 60, 500, 420), halo)
        self.oval((190, 372, 450, 412), SHADE)

    def _fine(self, *places: float) -> list[float]:
        return [place * FINER for place in places]

    def box(self, corners, colour: str, *, radius: float = 0) -> None:
        self.pen.rounded_rectangle(self._fine(*corners), radius * FINER, fill=colour)

    def oval(self, corners, colour: str) -> None:
        self.pen.ellipse(self._fine(*corners), fill=colour)

    def ring(self, corners, colour: str, width: float, *, start: float = 0, end: float = 360) -> None:
        self.pen.arc(self._fine(*corners), start, end, fill=colour, width=round(width * FINER))

    def shape(self, colour: str, *points: tuple[float, float]) -> None:
        self.pen.polygon([tuple(self._fine(*point)) for point in points], fill=colour)

    def line(self, colour: str, width: float, *points: tuple[float, float]) -> None:
        fine = [tuple(self._fine(*point)) for point in points]
        self.pen.line(fine, fill=colour, width=round(width * FINER), joint="curve")
        for x, y in (points[0], points[-1]):
            self.oval((x - width / 2, y - width / 2, x + width / 2, y + width / 2), colour)


def _coffee(sheet: Sheet) -> None:
    for x in (285, 320, 355):
        sheet.line("#d9c3ad", 8, (x, 150), (x + 9, 130), (x - 5, 112), (x + 4, 92))
    sheet.ring((375, 205, 465, 305), "#c9573f", 20, start=270, end=110)
    sheet.shape("#d9694f", (215, 190), (425, 190), (400, 350), (240, 350))
    sheet.box((240, 310, 400, 370), "#d9694f", radius=34)
    sheet.oval((215, 168, 425, 212), "#c9573f")
    sheet.oval((228, 174, 412, 206), "#5b3a29")
    sheet.oval((292, 182, 348, 200), "#e8cfae")
    sheet.box((190, 368, 450, 388), "#b84a34", radius=10)


def _can(sheet: Sheet) -> None:
    sheet.line("#e4583f", 10, (352, 130), (372, 62), (402, 52))
    sheet.box((240, 120, 400, 395), "#2e8f86", radius=26)
    sheet.box((240, 150, 275, 365), "#ffffff30")
    sheet.oval((252, 112, 388, 146), "#cfd8d8")
    sheet.oval((300, 120, 344, 136), "#8b9a9a")
    sheet.shape("#f7f3e8", (240, 230), (400, 190), (400, 285), (240, 325))
    for x, y, size in ((290, 258, 13), (324, 236, 9), (345, 262, 15), (310, 286, 8)):
        sheet.oval((x - size, y - size, x + size, y + size), "#f2a541")


def _tea(sheet: Sheet) -> None:
    sheet.box((200, 190, 392, 392), "#5f7f4c", radius=12)
    sheet.shape("#78985f", (200, 196), (230, 140), (422, 140), (392, 196))
    sheet.shape("#4c693b", (392, 196), (422, 140), (422, 338), (392, 392))
    sheet.box((228, 238, 364, 340), "#f7f3e8", radius=10)
    sheet.oval((262, 262, 330, 318), "#78985f")
    sheet.line("#f7f3e8", 5, (274, 310), (318, 270))


def _snack(sheet: Sheet) -> None:
    sheet.box((190, 330, 450, 384), "#d69b52", radius=24)
    sheet.box((180, 300, 460, 334), "#c8553d", radius=14)
    sheet.shape(
        "#7fae4f", (176, 282), (464, 282), (448, 312), (400, 292), (352, 314), (300, 292), (246, 314), (196, 296)
    )
    sheet.box((186, 258, 454, 286), "#f2c14e", radius=12)
    sheet.box((190, 160, 450, 264), "#e2ab63", radius=52)
    for x, y in ((250, 196), (300, 184), (346, 200), (394, 190), (276, 224), (372, 226)):
        sheet.oval((x - 8, y - 5, x + 8, y + 5), "#f7e3bd")


def _plate(sheet: Sheet, x: float = 320, y: float = 262, size: float = 1.0) -> None:
    def around(radius: float) -> tuple[float, ...]:
        return x - radius * size, y - radius * size, x + radius * size, y + radius * size

    sheet.oval(around(128), "#ffffff")
    sheet.oval(around(94), "#eef1f4")
    sheet.oval((x - 70 * size, y - 56 * size, x + 24 * size, y + 30 * size), "#e7a94c")
    sheet.oval((x - 6 * size, y - 30 * size, x + 72 * size, y + 42 * size), "#79a65a")
    sheet.oval((x - 40 * size, y + 6 * size, x + 20 * size, y + 62 * size), "#c8553d")


def _lunch(sheet: Sheet) -> None:
    _plate(sheet)
    sheet.line("#8a97a6", 12, (150, 180), (150, 370))
    for x in (134, 150, 166):
        sheet.line("#8a97a6", 7, (x, 140), (x, 200))
    sheet.line("#8a97a6", 12, (490, 250), (490, 370))
    sheet.box((480, 140, 504, 262), "#a4afbb", radius=12)


def _lunch_for_two(sheet: Sheet) -> None:
    _plate(sheet, 225, 290, 0.82)
    _plate(sheet, 425, 270, 0.82)
    sheet.oval((304, 92, 336, 124), "#c8553d")
    sheet.oval((330, 92, 362, 124), "#c8553d")
    sheet.shape("#c8553d", (306, 114), (360, 114), (333, 152))


def _early(sheet: Sheet) -> None:
    sheet.box((216, 96, 424, 394), "#35507a", radius=10)
    sheet.shape("#f7d98b", (236, 116), (404, 116), (404, 394), (236, 394))
    sheet.oval((276, 190, 364, 278), "#f2a541")
    sheet.shape("#7da06a", (236, 330), (300, 290), (404, 340), (404, 394), (236, 394))
    sheet.shape("#4a6ea5", (236, 116), (330, 152), (330, 430), (236, 394))
    sheet.oval((304, 270, 320, 286), "#f7d98b")


def _break(sheet: Sheet) -> None:
    sheet.oval((200, 120, 440, 360), "#4a6ea5")
    sheet.oval((222, 142, 418, 338), "#ffffff")
    sheet.pen.pieslice(sheet._fine(236, 156, 404, 324), -90, 0, fill="#f2c14e")
    for x, y in ((320, 162), (398, 240), (320, 318), (242, 240)):
        sheet.oval((x - 6, y - 6, x + 6, y + 6), "#35507a")
    sheet.line("#35507a", 10, (320, 240), (320, 180))
    sheet.line("#35507a", 10, (320, 240), (374, 240))
    sheet.oval((310, 230, 330, 250), "#c8553d")
    sheet.line("#35507a", 14, (240, 350), (222, 386))
    sheet.line("#35507a", 14, (400, 350), (418, 386))


def _bag(sheet: Sheet) -> None:
    sheet.ring((258, 78, 382, 250), "#b59a6d", 14, start=180, end=360)
    sheet.shape("#e8d9b8", (212, 164), (428, 164), (446, 394), (194, 394))
    sheet.shape("#d9c79f", (212, 164), (428, 164), (430, 190), (210, 190))
    for side in (-1, 1):
        for step in range(5):
            x, y = 320 + side * (52 - step * 6 + (step % 2) * 2), 340 - step * 26
            sheet.oval((x - 15, y - 9, x + 15, y + 9), "#5f7f4c")
    sheet.ring((262, 222, 378, 372), "#5f7f4c", 6, start=-40, end=220)


def _plant(sheet: Sheet) -> None:
    for tip, root, width in (
        ((320, 84), (320, 290), 46), ((222, 140), (306, 290), 38), ((418, 140), (334, 290), 38),
        ((180, 226), (300, 296), 30), ((460, 226), (340, 296), 30),
    ):  # fmt: skip
        middle = ((tip[0] + root[0]) / 2, (tip[1] + root[1]) / 2)
        sheet.shape("#5d9160", tip, (middle[0] + width / 2, middle[1]), root, (middle[0] - width / 2, middle[1]))
        sheet.line("#3f7047", 4, tip, root)
    sheet.shape("#c76f4a", (244, 290), (396, 290), (376, 396), (264, 396))
    sheet.box((232, 276, 408, 312), "#b55f3d", radius=10)


def _ticket(sheet: Sheet) -> None:
    sheet.shape("#b5475c", (160, 200), (456, 132), (490, 300), (200, 368))
    sheet.shape("#cf5f72", (166, 176), (474, 176), (474, 348), (166, 348))
    for x in (166, 474):
        sheet.oval((x - 22, 240, x + 22, 284), HALOS["Things"])
    for y in range(190, 346, 22):
        sheet.box((376, y, 382, y + 12), "#f6d9de", radius=3)
    star = [(262, 206), (278, 246), (322, 249), (288, 277), (299, 320), (262, 296)]
    sheet.shape("#f7d98b", *star, *((524 - x, y) for x, y in reversed(star[1:-1])))


def _headphones(sheet: Sheet) -> None:
    sheet.ring((196, 96, 444, 376), "#3b4256", 26, start=180, end=360)
    sheet.ring((196, 96, 444, 376), "#59627d", 8, start=186, end=354)
    for x in (196, 400):
        sheet.box((x - 16, 226, x + 60, 356), "#59627d", radius=30)
        sheet.box((x + 2, 240, x + 42, 342), "#d9694f", radius=20)


DRAWN: dict[str, Callable[[Sheet], None]] = {
    "Specialty coffee": _coffee,
    "Soft drink": _can,
    "Tea box": _tea,
    "Delivered snack": _snack,
    "Lunch in the canteen": _lunch,
    "Lunch for two": _lunch_for_two,
    "Leave an hour early": _early,
    "Longer break": _break,
    "Canvas bag": _bag,
    "Desk plant": _plant,
    "Cinema ticket": _ticket,
    "Headphones": _headphones,
}


def picture_of(name: str, category: str) -> Encoded:
    """The picture of a reward, as the catalogue keeps it."""
    sheet = Sheet(GROUNDS[category], HALOS[category])
    DRAWN[name](sheet)
    file = io.BytesIO()
    sheet.image.resize(SIZE, Image.Resampling.LANCZOS).save(file, "PNG")
    return encode(file, size=file.tell())
