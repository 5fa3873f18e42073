"""Bodies of requests that do not come whole."""

from django.http import HttpResponse, UnreadablePostError


def came_too_slowly(error: BaseException) -> bool:
    """Whether the server stopped waiting for a body, and not the client sending it."""
    cause = error.__cause__
    return isinstance(error, TimeoutError) or (cause is not None and came_too_slowly(cause))


class UnreadBody:
    """A body that broke off or came too slowly is answered, and is no mistake of the server in its log."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, UnreadablePostError):
            return None
        status = 408 if came_too_slowly(exception) else 400
        return HttpResponse("The request did not come whole.\n", status=status, content_type="text/plain")
