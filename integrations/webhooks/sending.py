"""One signed POST. It connects to the address that was checked, follows no redirect, and reads little of the answer."""

import json
import socket
import time
from dataclasses import dataclass

import urllib3
from django.conf import settings
from standardwebhooks.webhooks import Webhook

from .rules.addresses import AddressRefused, choose, split_url

TIMEOUT = urllib3.Timeout(connect=3, read=7)
MOST_READ = 2048
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


def _post(url: str, secret: str, event_id: str, data: str, at) -> tuple[int, str]:
    scheme, host, port, path = split_url(url)
    address = choose(_addresses(host, port), allow_private=settings.LAUREL_WEBHOOK_ALLOW_PRIVATE)
    headers = {
        "host": host if port in (80, 443) else f"{host}:{port}",
        "content-type": "application/json",
        "user-agent": "Laurel-Webhooks/1",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(event_id, at, data),
    }
    with _pool(scheme, address, port, host) as pool:
        response = pool.urlopen(
            "POST", path, body=data.encode(), headers=headers, redirect=False, retries=False, preload_content=False
        )
        try:
            return response.status, response.read(MOST_READ).decode("utf-8", "replace").replace("\x00", "")
        finally:
            response.close()


def _pool(scheme: str, address: str, port: int, host: str):
    """Connects to the checked address, so that a name that changes in between leads nowhere else."""
    if scheme == "http":
        return urllib3.HTTPConnectionPool(address, port, timeout=TIMEOUT)
    return urllib3.HTTPSConnectionPool(address, port, timeout=TIMEOUT, server_hostname=host, assert_hostname=host)


def _addresses(host: str, port: int) -> list[str]:
    return [found[4][0] for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
