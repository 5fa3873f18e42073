"""How a client gets a token, and how a person lets it act for them."""

from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import AuthorizationView, RevokeTokenView, TokenView

from foundation.pages.limits import is_over_limit
from people.signin import client_address

from ..enums import SCOPES
from ..rules.scopes import not_implied

MOST_A_MINUTE = 120
"""Tokens asked for from one address. Each try costs the hash of a secret."""


class Limited:
    def dispatch(self, request, *args, **kwargs):
        if is_over_limit(f"oauth:{client_address(request)}", most=MOST_A_MINUTE):
            told = {"error": "slow_down", "error_description": f"More than {MOST_A_MINUTE} tries in a minute."}
            return JsonResponse(told, status=429, headers={"Retry-After": "60"})
        return super().dispatch(request, *args, **kwargs)


class Token(Limited, TokenView):
    pass


class Revoke(Limited, RevokeTokenView):
    pass


class Authorize(AuthorizationView):
    """Asks a signed-in person whether a client may act for them. Its form may lead on to that client only."""

    template_name = "api/authorize.html"

    def render_to_response(self, context, **kwargs):
        context["asked_for"] = [SCOPES[scope] for scope in not_implied(context.get("scopes", ()))]
        response = super().render_to_response(context, **kwargs)
        target = urlsplit(self.oauth2_data.get("redirect_uri") or "")
        if target.scheme:
            response._csp_update = {"form-action": ["'self'", f"{target.scheme}://{target.netloc}"]}
        return response


token = csrf_exempt(login_not_required(Token.as_view()))  # signed by the client's secret; no session is read
revoke = csrf_exempt(login_not_required(Revoke.as_view()))
authorize = login_not_required(Authorize.as_view())
