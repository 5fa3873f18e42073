"""The demo centre: invented people, customers and calls, the same for the same seed and moment.

`plan` says what the centre looks like, `staff` and `workdays` draw it (plain values, no database), `build` writes it.
"""

from typing import NamedTuple

PASSWORD = "laurel-demo"
"""Of every demo sign-in. It is public: a demo centre belongs on no server that holds real people."""

PREFIX = "demo-"
"""Every person of the demo centre has an `external_id` that begins with it."""


class Post(NamedTuple):
    """A person whom visitors of the demo sign in as."""

    role: str
    title: str
    email: str
    name: str


AGENT = Post("agent", "agent", "agent@example.com", "Aylin Kaya")
SUPERVISOR = Post("supervisor", "supervisor", "supervisor@example.com", "Jonas Weber")
OTHER_POSTS = (
    Post("administrator", "administrator", "administrator@example.com", "Mónica Restrepo"),
    Post("quality_evaluator", "quality evaluator", "quality@example.com", "Deepa Nair"),
    Post("compliance_reviewer", "compliance", "compliance@example.com", "Henrik Sørensen"),
)

SIGN_INS = tuple((post.title, post.email, PASSWORD) for post in (AGENT, SUPERVISOR, *OTHER_POSTS))
"""(who, e-mail, password): the agent works in Berlin support, the supervisor leads it and the team below it, the
evaluator sees Berlin and Bengaluru, the reviewer sees everyone, the administrator configures and sees nobody's figures.
"""
