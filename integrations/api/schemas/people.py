"""People, divisions and teams on the wire."""

from typing import Literal

from ..wire import Named, Page, Schema

State = Literal["active", "inactive", "deleted"]


class User(Schema):
    id: str
    name: str
    division: Named
    email: str | None = None
    username: str | None = None
    state: State
    version: int = 1
    acd_auto_answer: bool = False
    self_uri: str


class UserMe(User):
    """The person for whom the client calls."""


class UserEntityListing(Page):
    entities: list[User]


class AuthzDivision(Schema):
    id: str
    name: str
    home_division: bool
    self_uri: str


class AuthzDivisionEntityListing(Page):
    entities: list[AuthzDivision]


class Team(Schema):
    id: str
    name: str
    division: Named
    member_count: int
    self_uri: str


class TeamEntityListing(Schema):
    entities: list[Team]
    self_uri: str
    next_uri: str | None = None


class TeamMemberEntityListing(Schema):
    entities: list[Named]
    self_uri: str
    next_uri: str | None = None
