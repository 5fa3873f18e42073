"""How a reader wants the pages: light or dark, which language. Both work without JavaScript and before sign-in."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

THEMES = ("light", "dark", "auto")
THEME_COOKIE = "laurel_theme"
A_YEAR_SECONDS = 365 * 24 * 60 * 60


@login_not_required
@require_POST
def theme(request):
    """Keeps the choice in a cookie, so that the server writes it into the page and nothing flashes."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    if (choice := request.POST.get("theme")) in THEMES:
        response.set_cookie(
            THEME_COOKIE,
            choice,
            max_age=A_YEAR_SECONDS,
            samesite="Lax",
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response


language = login_not_required(set_language)


def theme_of(request) -> str:
    """`light`, `dark` or `auto`."""
    choice = request.COOKIES.get(THEME_COOKIE, "auto")
    return choice if choice in THEMES else "auto"
