"""One signed POST, or one GET. It connects to the address that was checked, follows no redirect, and reads little of
the answer.
"""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import urllib3
from django.conf import settings
from standardwebhooks.webhooks import Webhook

from .rules.addresses import AddressRefused, choose, split_url

TIMEOUT = urllib3.Timeout(connect=3, read=7)
MOST_SECONDS = 10
"""From connecting to the end of the answer; a timeout alone begins anew with each byte that trickles in."""
MOST_READ = 2048
MOST_ASKED = 64 * 1024
GONE = 410


@dataclass(frozen=True)
class Answer:
    """What came back: a status, or an error where nothing did."""

    status: int | None
    duration_ms: int
    text: str = ""
    error: str = ""

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """The subscriber says that it wants no more."""
        return self.status == GONE


def send(url: str, secret: str, *, event_id: str, body: dict, at) -> Answer:
    """Signs and posts a body by the Standard Webhooks. Never raises for what the other side or the network does."""
    began = time.monotonic()
    try:
        status, text = _post(url, secret, event_id, json.dumps(body, separators=(",", ":")), at)
    except AddressRefused as error:
        return Answer(None, _since(began), error=str(error))
    except (urllib3.exceptions.HTTPError, OSError, UnicodeError) as error:
        return Answer(None, _since(began), error=f"{type(error).__name__}: {error}"[:300])
    return Answer(status, _since(began), text=text)


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def ask(url: str, token: str = "") -> Answer:
    """Gets a URL, with a bearer token where there is one. Never raises, as `send`."""
    began = time.monotonic()
    headers = {"accept": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    try:
        status, text = _request("GET", url, headers, most=MOST_ASKED)
    except AddressRefused as error:
        return Answer(None, _since(began), error=str(error))
    except (urllib3.exceptions.HTTPError, OSError, UnicodeError, ValueError) as error:
        return Answer(None, _since(began), error=f"{type(error).__name__}: {error}"[:300])
    return Answer(status, _since(began), text=text)


def _post(url: str, secret: str, event_id: str, data: str, at) -> tuple[int, str]:
    headers = {
        "content-type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(event_id, at, data),
    }
    return _request("POST", url, headers, data.encode())


def _request(method: str, url: str, headers: dict, body: bytes | None = None, *, most: int = MOST_READ):
    """The status, and at most `most` bytes of the answer as text."""
    scheme, host, port, path = split_url(url)
    address = choose(_addresses(host, port), allow_private=settings.LAUREL_WEBHOOK_ALLOW_PRIVATE)
    headers = {"host": host if port in (80, 443) else f"{host}:{port}", "user-agent": "Laurel-Webhooks/1"} | headers
    with _pool(scheme, address, port, host) as pool, _cut_after(MOST_SECONDS, pool):
        response = pool.urlopen(
            method, path, body=body, headers=headers, redirect=False, retries=False, preload_content=False
        )
        try:
            return response.status, response.read(most).decode("utf-8", "replace").replace("\x00", "")
        finally:
            response.close()


def _pool(scheme: str, address: str, port: int, host: str):
    """Connects to the checked address, so that a name that changes in between leads nowhere else."""
    if scheme == "http":
        return urllib3.HTTPConnectionPool(address, port, timeout=TIMEOUT)
    return urllib3.HTTPSConnectionPool(address, port, timeout=TIMEOUT, server_hostname=host, assert_hostname=host)


@contextmanager
def _cut_after(seconds: float, pool: urllib3.HTTPConnectionPool) -> Iterator[None]:
    """Ends the pool's connection after so many seconds, however slowly the other side answers."""
    opened = []

    class Noted(pool.ConnectionCls):
        def connect(self):
            super().connect()
            opened.append(self.sock)

    def cut():
        with suppress(OSError):
            for each in opened:
                each.shutdown(socket.SHUT_RDWR)

    pool.ConnectionCls = Noted
    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _addresses(host: str, port: int) -> list[str]:
    return [found[4][0] for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
