"""One URL is page and fragment. A poll carries `?v=`, the digest of what it shows; equal answers 204: nothing moves.

    digest = digest_of(stamp, language, …)          # a short hash of cheap stamps
    if unchanged(request, digest): return no_change()
    return page(request, "app/page.html", "panel", context | {"digest": digest})

In the template: `<section id="…" data-poll data-v="{{ digest }}" hx-get="{{ request.get_full_path }}" …>` (see
`components/poll.html`); parts that can change alone carry `id` and `data-part`.
"""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

DIGEST_LENGTH = 16


def digest_of(*stamps) -> str:
    """A short hash of the stamps that decide what is shown. Not a secret."""
    text = "\x1f".join(str(stamp) for stamp in stamps)
    return hashlib.blake2b(text.encode(), digest_size=DIGEST_LENGTH // 2).hexdigest()


def unchanged(request: HttpRequest, digest: str) -> bool:
    """Whether an htmx poll shows this digest already."""
    return bool(request.htmx) and request.GET.get("v") == digest


def no_change() -> HttpResponse:
    response = HttpResponse(status=204)
    return _fresh(response)


def page(request: HttpRequest, template: str, partial: str, context: dict, *, status: int = 200) -> HttpResponse:
    """The full page, or for an htmx request (not a restored history) its named partial."""
    fragment = request.htmx and not request.htmx.history_restore_request
    name = f"{template}#{partial}" if fragment else template
    return _fresh(render(request, name, context, status=status))


def _fresh(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ["HX-Request"])
    response["Cache-Control"] = "private, no-cache"
    return response
