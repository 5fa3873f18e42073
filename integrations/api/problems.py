"""Refusals, as the field's clients read them: `{message, code, status, contextId, details, errors}`."""

from collections.abc import Iterable

from django.http import JsonResponse

CODES = {
    400: "bad.request",
    401: "bad.credentials",
    403: "not.authorized",
    404: "not.found",
    405: "method.not.allowed",
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
