"""What an uploaded picture becomes, and what is none."""

import io

import pytest
from PIL import Image

from rewards.catalogue.rules.pictures import MOST_BYTES, SIZE, NoPicture, encode


def drawn(kind="PNG", size=(1600, 1200), **more) -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", size, "#2f4fcf").save(file, kind, **more)
    file.seek(0)
    return file


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_picture_becomes_a_small_webp(kind):
    with Image.open(io.BytesIO(encode(drawn(kind), size=1).content)) as image:
        assert (image.format, image.size) == ("WEBP", SIZE)


def test_data_about_place_and_camera_does_not_come_along():
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    before = drawn("JPEG", exif=exif)
    assert b"Secret Camera" in before.getvalue()
    assert b"Secret Camera" not in encode(before, size=1).content


def test_picture_taken_sideways_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(io.BytesIO(encode(drawn("JPEG", (400, 300), exif=exif), size=1).content)) as image:
        assert image.size == (300, 400)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        drawn("GIF").read(),
        drawn().read()[:90],
    ],
    ids=["nothing", "svg", "gif", "cut off"],
)
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(NoPicture, match="kind"):
        encode(io.BytesIO(content), size=len(content))


def test_file_or_picture_that_is_too_large_is_refused():
    with pytest.raises(NoPicture, match="size"):
        encode(drawn(), size=MOST_BYTES + 1)
    with pytest.raises(NoPicture, match="pixels"):
        encode(drawn(size=(20000, 2001)), size=1)
