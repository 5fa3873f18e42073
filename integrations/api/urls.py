"""The API under /api/v2, how tokens are got under /oauth, and the document of it all."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, UnreadablePostError
from django.urls import path, re_path
from django.utils.functional import cached_property
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.docs import Swagger

from . import views
from .gate import gated
from .problems import Problem, cut_off, refused
from .views import sign_in

logger = logging.getLogger(__name__)


class DocumentedAPI(NinjaAPI):
    """Its document costs a second or more and is the same for everyone: a process makes it once."""

    @cached_property
    def _document(self):
        return super().get_openapi_schema()

    def get_openapi_schema(self, *, path_prefix=None, path_params=None):
        return self._document


class Document(Swagger):
    """Swagger UI as ninja brings it, in Laurel's colours and the theme that the person chose."""

    template = "api/document.html"


api = DocumentedAPI(
    title="Laurel",
    version="2",
    description="Send metrics to Laurel, set goals, and read profiles, scorecards and leaderboards.",
    urls_namespace="api",
    openapi_url="/openapi.json",
    docs_url="/docs",
    docs=Document({"deepLinking": False}),  # a link inside a button is nothing for a keyboard
)


def _tell(request, problem: Problem):
    return refused(problem, request_id=str(request.call.id))


def _unreadable(request, error: ValidationError):
    details = [
        {"fieldName": ".".join(str(part) for part in each["loc"][1:]) or str(each["loc"][0]), "errorCode": each["msg"]}
        for each in error.errors
    ]
    said = "; ".join(f"{each['fieldName']}: {each['errorCode']}" for each in details)
    return _tell(request, Problem(400, said, details=details))


def _no_token(request, error):
    if "Authorization" in request.headers:
        return _tell(request, Problem(401))
    message = "No authentication bearer token specified in authorization header."
    return _tell(request, Problem(401, message, code="authentication.required"))


def _failed(request, error):
    logger.exception("A call failed")
    return _tell(request, Problem(500))


api.add_exception_handler(Problem, _tell)
api.add_exception_handler(ValidationError, _unreadable)
api.add_exception_handler(AuthenticationError, _no_token)
api.add_exception_handler(HttpError, lambda request, error: _tell(request, Problem(error.status_code, error.message)))
api.add_exception_handler(Http404, lambda request, error: _tell(request, Problem(404)))
api.add_exception_handler(PermissionDenied, lambda request, error: _tell(request, Problem(403)))
api.add_exception_handler(UnreadablePostError, lambda request, error: _tell(request, cut_off(error)))
api.add_exception_handler(Exception, _failed)

for prefix, resource in views.RESOURCES:
    api.add_router(prefix, resource)


def _is_for_people(pattern) -> bool:
    return pattern.name in ("openapi-json", "openapi-view")


def _nothing_here(request):
    raise Problem(404)


api_urls, _app, namespace = api.urls
for pattern in api_urls:
    pattern.callback = login_not_required(pattern.callback) if _is_for_people(pattern) else gated(pattern.callback)

urlpatterns = [
    path("oauth/token", sign_in.token, name="oauth-token"),
    path("oauth/authorize", sign_in.authorize, name="oauth-authorize"),
    path("oauth/revoke", sign_in.revoke, name="oauth-revoke"),
    path("api/v2/", (api_urls, "ninja", namespace)),
    re_path(r"^api/v2/", gated(_nothing_here), name="api-nothing"),
]
