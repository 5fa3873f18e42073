"""Thanks: a link for the customer of an interaction."""

from django.urls import reverse

from rewards.thanks.actions import NoSuchInteraction, ThanksRefusal, offer_link
from rewards.thanks.queries import agents_to_ask_for, asks, link_until, token_of

from ..asking import today_of, viewer_of
from ..problems import Problem
from ..schemas.thanks import ThanksLink, ThanksLinkWish
from ..wire import Resource

resource = Resource("thanks", tag="Thanks")


@resource.post("/links", response=ThanksLink)
def make_link(request, wish: ThanksLinkWish):
    """A link for the customer of one interaction that the call log knows, of an agent whom the caller may see; never of
    the caller. Asked for again, it leads to the same survey.
    """
    viewer, at = viewer_of(request), request.call.at
    if not asks(viewer):
        raise Problem(403)
    agents = agents_to_ask_for(viewer, on=today_of(request))
    try:
        response = offer_link(wish.interaction, agents=agents, language=wish.language, at=at)
    except NoSuchInteraction as error:
        raise Problem(404, str(error)) from error
    except ThanksRefusal as error:
        raise Problem(409, str(error)) from error
    url = request.build_absolute_uri(reverse("thanks:customer", args=[token_of(response)]))
    return ThanksLink(url=url, expires_at=link_until(response, at=at), answered=response.is_over)
