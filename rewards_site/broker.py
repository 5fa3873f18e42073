"""The broker that needs no server: messages as files in a folder.

Kombu's own transport writes a message into the file that it already shows to others, so a reader can take it away while
it is still empty, and its worker ends with an error. Here a file gets its name when it is whole.
"""

import uuid
from contextlib import suppress
from pathlib import Path
from time import monotonic

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue, payload, **kwargs):
        folder = Path(self.data_folder_out)
        whole = folder / f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        part = whole.with_name(f"part-{uuid.uuid4()}")
        try:
            part.write_bytes(str_to_bytes(dumps(payload)))
            part.rename(whole)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise ChannelError(f"Cannot add file {whole} to the broker's folder") from error


class Transport(filesystem.Transport):
    Channel = Channel
