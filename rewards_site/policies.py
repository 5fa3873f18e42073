"""The two Content-Security-Policies: strict for Laurel's own pages, one exception for the admin."""

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


class Policies(CSPMiddleware):
    def get_policy_parts(self, request, response, report_only=False):
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and request.path_info.startswith(reverse("admin:index")):
            parts.config = ADMIN
        return parts
