"""The web server's worker: gunicorn's threads, which wait only so long for what a client sends.

A thread reads a request from its connection itself. Without a limit a few clients that send a byte a second hold every
thread for as long as they like, and nobody else is answered.
"""

import errno
import socket
import time

from gunicorn.workers.gthread import ThreadWorker

PATIENCE_SECONDS = 10.0
"""How long a thread waits for a request altogether, its own work not counted, before what came has bought more."""
SLOWEST_BYTES_A_SECOND = 16 * 1024
"""What comes at least this fast is waited for however long it is; a log of 100 MB may take under two hours."""


def patience_left(before: float, *, waited_seconds: float, received: int) -> float:
    """Waiting costs, what comes in buys, and nobody saves up more than they began with."""
    return min(PATIENCE_SECONDS, max(0.0, before - waited_seconds) + received / SLOWEST_BYTES_A_SECOND)


class PatientSocket(socket.socket):
    """A connection that is read only as long as patience is left. Then reading is a `TimeoutError`, unless something is
    there already; answers can still be sent.
    """

    patience = PATIENCE_SECONDS

    def recv(self, size: int, flags: int = 0) -> bytes:
        usual, began, piece = self.gettimeout(), time.monotonic(), b""
        self.settimeout(self.patience if usual is None else min(usual, self.patience))
        try:
            piece = super().recv(size, flags)
            return piece
        except (TimeoutError, BlockingIOError):
            # by this number gunicorn knows that the client is at fault, and logs no error of its own
            raise TimeoutError(errno.ECONNRESET, "The client sent too slowly") from None
        finally:
            self.settimeout(usual)
            waited_seconds = time.monotonic() - began
            self.patience = patience_left(self.patience, waited_seconds=waited_seconds, received=len(piece))


class PatientWorker(ThreadWorker):
    """Every request on a connection begins with new patience."""

    def handle(self, conn):
        if not isinstance(conn.sock, PatientSocket):
            conn.sock = PatientSocket(fileno=conn.sock.detach())
        conn.sock.patience = PATIENCE_SECONDS
        return super().handle(conn)
