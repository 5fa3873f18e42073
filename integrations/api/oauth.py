"""How tokens are made and checked: django-oauth-toolkit with Laurel's clients."""

import hashlib

from django.utils import timezone
from oauth2_provider.models import AccessToken
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes

from .enums import SCOPES


class Validator(OAuth2Validator):
    """The secret before a rotation holds until its time is over; a token is loaded with all that a call needs."""

    def _authenticate_basic_auth(self, request):
        return super()._authenticate_basic_auth(request) or self._with_previous(
            request, super()._authenticate_basic_auth
        )

    def _authenticate_request_body(self, request):
        found = super()._authenticate_request_body(request)
        return found or self._with_previous(request, super()._authenticate_request_body)

    @staticmethod
    def _with_previous(request, authenticate) -> bool:
        client = request.client
        if not (client and client.previous_secret and client.previous_until > timezone.now()):
            return False
        current, client.client_secret = client.client_secret, client.previous_secret
        try:
            return authenticate(request)
        finally:
            client.client_secret = current

    def _load_access_token(self, token):
        checksum = hashlib.sha256(token.encode()).hexdigest()
        tokens = AccessToken.objects.select_related("application__person", "user")
        return tokens.filter(token_checksum=checksum).first()


class ClientScopes(BaseScopes):
    """What a token may be asked for is what its client was given; without asking, it gets all of that."""

    def get_all_scopes(self):
        return {name: str(what) for name, what in SCOPES.items()}

    def get_available_scopes(self, application=None, request=None, *args, **kwargs):
        return list(SCOPES) if application is None else application.scopes

    def get_default_scopes(self, application=None, request=None, *args, **kwargs):
        return self.get_available_scopes(application)
