"""Thanks of customers on the wire."""

import datetime as dt
from typing import Annotated

from pydantic import Field

from ..wire import Schema
from .goals import Text


class ThanksLinkWish(Schema):
    """For the customer of which interaction, by its id in the call log, and in which language."""

    interaction: Annotated[Text, Field(min_length=1, max_length=160)]
    language: Annotated[Text, Field(max_length=10)] = "en"


class ThanksLink(Schema):
    """Send `url` to the customer. `answered`: it has done its work already."""

    url: str
    expires_at: dt.datetime
    answered: bool
