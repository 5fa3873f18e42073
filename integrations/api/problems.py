"""Refusals, as the field's clients read them: `{message, code, status, contextId, details, errors}`."""

from collections.abc import Iterable

from django.http import JsonResponse

from foundation.pages.bodies import came_too_slowly

CODES = {
    400: "bad.request",
    401: "bad.credentials",
    403: "not.authorized",
    404: "not.found",
    405: "method.not.allowed",
    408: "request.timeout",
    409: "general.conflict",
    413: "request.entity.too.large",
    415: "unsupported.media.type",
    429: "too.many.requests",
    500: "internal.server.error",
    503: "service.unavailable",
}
MESSAGES = {
    401: "Invalid login credentials.",
    403: "You are not authorized to perform the requested action.",
    404: "The requested resource was not found.",
    405: "This address does not take this method.",
    408: "The body came too slowly, or stopped coming. Nothing was kept; send it again.",
    500: "The server could not answer. The request id leads to the reason in its log.",
}


class Problem(Exception):
    """Raised to refuse a call. `message` is a sentence for people, `code` a word for programs."""

    def __init__(self, status: int, message: str = "", *, code: str = "", details: Iterable[dict] = ()):
        super().__init__(message)
        self.status = status
        self.message = message or MESSAGES.get(status, "")
        self.code = code or CODES[status]
        self.details = list(details)


def cut_off(error: OSError) -> Problem:
    """A body that did not come whole."""
    if came_too_slowly(error):
        return Problem(408)
    return Problem(400, "The connection broke. Nothing was kept; send it again.")


def refused(problem: Problem, *, request_id: str) -> JsonResponse:
    return JsonResponse(
        {
            "message": problem.message,
            "code": problem.code,
            "status": problem.status,
            "contextId": request_id,
            "details": problem.details,
            "errors": [],
        },
        status=problem.status,
    )
