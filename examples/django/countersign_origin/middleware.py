"""Refuses what did not come through the gate, for a whole Django site."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, JsonResponse

from .seal import InvalidSeal, Verifier

GATE_HEADERS = "HTTP_COUNTERSIGN_"


class SealMiddleware:
    """Answers 401 to every request without a valid seal; put it first in `MIDDLEWARE`.

    `request.countersign_sender` is the sender's id that the gate verified. It
    is None on the paths of `COUNTERSIGN_PUBLIC_PATHS`, which the gate does not
    seal; what such a request says under the gate's names is taken away.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.verifier = Verifier.from_settings()
        public_paths = getattr(settings, "COUNTERSIGN_PUBLIC_PATHS", ())
        if isinstance(public_paths, str):
            raise ImproperlyConfigured(
                "COUNTERSIGN_PUBLIC_PATHS must be a list of paths"
            )
        self.public_paths = frozenset(public_paths)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in self.public_paths:
            for name in [key for key in request.META if key.startswith(GATE_HEADERS)]:
                del request.META[name]
            request.countersign_sender = None
            return self.get_response(request)
        try:
            request.countersign_sender = self.verifier.verify(request)
        except InvalidSeal as error:
            return JsonResponse({"detail": str(error)}, status=401)
        return self.get_response(request)
