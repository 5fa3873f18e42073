"""The Content-Security-Policies: strict for our own pages, an exception each for the admin and the API's document."""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
from django.urls import reverse

PAGES = {
    "default-src": [SELF],
    "base-uri": [NONE],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
    "object-src": [NONE],
}
ADMIN = PAGES | {"style-src-attr": [UNSAFE_INLINE]}
"""Django's admin sets style attributes in some of its templates. Scripts and style sheets stay strict."""

API_DOCUMENT = PAGES | {"img-src": [SELF, "data:"]}
"""The page to browse the API by draws its icons from its style sheet. It asks nothing of any other host."""


class Policies(CSPMiddleware):
    def get_policy_parts(self, request, response, report_only=False):
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and request.path_info.startswith(reverse("admin:index")):
            parts.config = ADMIN
        elif not report_only and request.path_info == reverse("api:openapi-view"):
            parts.config = API_DOCUMENT
        return parts
