"""What htmx needs of every response."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect


class ClientLoginRedirect:
    """A redirect to the sign-in page on an htmx request becomes a redirect of the whole page, back to the page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code == 302 and request.htmx and self._leads_to_login(response):
            target = redirect_to_login(request.htmx.current_url_abs_path or request.get_full_path())
            return HttpResponseClientRedirect(target["Location"])
        return response

    def _leads_to_login(self, response) -> bool:
        return urlsplit(response["Location"]).path == resolve_url(settings.LOGIN_URL)
