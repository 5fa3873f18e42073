"""Boards are published: each morning, the standings of every period that is not frozen yet."""

from .publishing import publish, publish_boards
from .rounds import make_standard_boards, open_rounds

__all__ = ["make_standard_boards", "open_rounds", "publish", "publish_boards"]
