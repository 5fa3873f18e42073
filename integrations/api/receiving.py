"""A body that is a file: to the disk by pieces, unpacked on the way, with a limit before and after. What comes in only
in part leaves nothing behind.
"""

import contextlib
import errno
import gzip
import hashlib
import shutil
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from integrations.imports.actions.uploads import folder_of

from .problems import Problem, cut_off

PIECE = 256 * 1024
ENCODINGS = ("identity", "gzip")
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass
class Received:
    """A file that came in whole. It goes again, unless it `is_kept` and nothing fails."""

    public_id: uuid.UUID
    """Of the import that it may become: it lies in the folder of that."""
    path: Path
    checksum: bytes
    """Of the body as it came."""
    is_kept: bool = False


@contextlib.contextmanager
def receiving(request, *, suffix: str) -> Iterator[Received]:
    """The body of a call as a file, for as long as the block lasts. A call that comes again is known by it."""
    public_id = uuid.uuid4()
    folder = folder_of(public_id)
    path = folder / f"{uuid.uuid4().hex}{suffix}"
    try:
        request.received = received = Received(public_id, path, _taken_in(request, path))
        yield received
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if not received.is_kept:
        shutil.rmtree(folder, ignore_errors=True)


def _taken_in(request, path: Path) -> bytes:
    """Writes the body to `path`; its checksum comes back."""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ENCODINGS:
        raise Problem(415, f"Content-Encoding is one of {', '.join(ENCODINGS)}, or is not there.")
    source = _Source(request)
    try:
        path.parent.mkdir(parents=True)
        with path.open("wb") as file:
            _copy(gzip.GzipFile(fileobj=source) if encoding == "gzip" else source, file)
    except (gzip.BadGzipFile, zlib.error, EOFError):
        raise Problem(400, "The body is no gzip, or ends too early. Nothing was kept; send it again.") from None
    except OSError as error:
        if error.errno in FULL:
            raise Problem(503, "The disk of the server is full. Nothing was kept; send it again later.") from error
        raise
    source.require_whole()
    return source.checksum.digest()


def _copy(source, file) -> None:
    size = 0
    while piece := source.read(PIECE):
        size += len(piece)
        _refuse_beyond(size, "unpacked ")
        file.write(piece)


def _refuse_beyond(size: int, what: str = "") -> None:
    most = settings.LAUREL_IMPORT_MAX_MB
    if size > most << 20:
        raise Problem(413, f"The {what}body has more than {most} MB. Nothing was kept; send it in parts.")


class _Source:
    """The body as it comes, counted, and never read beyond the limit."""

    def __init__(self, request):
        self.checksum, self.size = hashlib.sha256(), 0
        self.expected = int(request.headers.get("Content-Length") or 0)
        _refuse_beyond(self.expected)
        self.stream = request
        if not self.expected and request.headers.get("Transfer-Encoding", "").lower() == "chunked":
            self.stream = _chunks(request)

    def read(self, size: int = PIECE) -> bytes:
        try:
            piece = self.stream.read(size)
        except OSError as error:
            raise cut_off(error) from None
        self.checksum.update(piece)
        self.size += len(piece)
        _refuse_beyond(self.size)
        return piece

    def require_whole(self) -> None:
        if self.size < self.expected:
            raise Problem(400, "The body ended too early. Nothing was kept; send it again.")
        if not self.size:
            raise Problem(400, "The body is empty.")


def _chunks(request):
    """The server's own stream, which knows where a body of unknown length ends; Django reads none of it."""
    if not request.META.get("wsgi.input_terminated"):
        raise Problem(400, "This server takes no body without Content-Length.")
    return request.META["wsgi.input"]
