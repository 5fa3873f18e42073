"""A receiving server of the tests' own on loopback, which answers as it is told and remembers what it got."""

import contextlib
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook


@dataclass
class Receiver:
    """`answers` are taken one by one, the last one repeats: a status, `reset`, `slow`, `trickle` or `redirect`."""

    url: str = ""
    answers: list = field(default_factory=lambda: [200])
    got: list = field(default_factory=list)

    @property
    def effects(self) -> list[str]:
        """The events that took effect: each id once, in order of first arrival."""
        return list(dict.fromkeys(headers["webhook-id"] for headers, _, answer in self.got if answer == 200))

    def next_answer(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def verify(self, secret: str) -> None:
        """Raises unless every request is signed with the secret."""
        for headers, body, _ in self.got:
            Webhook(secret).verify(body, headers)


@contextlib.contextmanager
def receiving(*answers):
    receiver = Receiver(answers=list(answers) or [200])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            answer = receiver.next_answer()
            receiver.got.append(({key.lower(): value for key, value in self.headers.items()}, body, answer))
            if answer == "reset":
                self.connection.close()
                return
            if answer == "slow":
                time.sleep(2)
            if answer == "trickle":
                self.trickle()
            status = {"slow": 200, "trickle": 200, "redirect": 302}.get(answer, answer)
            self.send_response(status)
            if answer == "redirect":
                self.send_header("location", f"{receiver.url}elsewhere")
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(b"answer " * 1000)

        def trickle(self):
            """A header that takes two seconds, a byte at a time."""
            with contextlib.suppress(OSError):
                for byte in b"HTTP/1.0 200 OK\r\nx: a":
                    self.wfile.write(bytes([byte]))
                    time.sleep(0.1)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
