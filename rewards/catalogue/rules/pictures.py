"""An uploaded picture becomes a small WebP of our own making: what else the file held (its data about place and camera,
a script behind the pixels) does not come along.
"""

import hashlib
import io
import warnings
from typing import BinaryIO, NamedTuple

from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 40_000_000
SIZE = (640, 480)
QUALITY = 78


class NoPicture(ValueError):
    """The file cannot be taken as a picture; `reason` is `size`, `kind` or `pixels`."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class Encoded(NamedTuple):
    digest: str
    content: bytes


def encode(file: BinaryIO, *, size: int) -> Encoded:
    """The picture as WebP within `SIZE`, upright. Raises NoPicture."""
    if size > MOST_BYTES:
        raise NoPicture("size")
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            content = _webp(file)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise NoPicture("pixels") from error
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
            raise error if isinstance(error, NoPicture) else NoPicture("kind") from error
    return Encoded(hashlib.sha256(content).hexdigest(), content)


def _webp(file: BinaryIO) -> bytes:
    with Image.open(file, formats=FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:
            raise NoPicture("pixels")
        upright = ImageOps.exif_transpose(image).convert("RGBA" if image.has_transparency_data else "RGB")
    upright.thumbnail(SIZE)
    out = io.BytesIO()
    upright.save(out, "WEBP", quality=QUALITY)
    return out.getvalue()
