"""Writes down every request as it arrived, so the test can compare it byte for byte."""

import base64
import json
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

HEADER_PREFIX = "HTTP_"
UNPREFIXED_HEADERS = ("CONTENT_TYPE", "CONTENT_LENGTH")


def write(request: HttpRequest) -> None:
    """Append one JSON line about a request of Django's or DRF's.

    Header names are left as WSGI has them (`HTTP_X_HMAC_SIGNATURE`), in the
    order of their arrival.
    """
    entry = {
        "method": request.method,
        "path": request.path,
        "target": request.META["RAW_URI"],
        "headers": [
            [name, value]
            for name, value in request.META.items()
            if name.startswith(HEADER_PREFIX) or name in UNPREFIXED_HEADERS
        ],
        "body": base64.b64encode(request.body).decode("ascii"),
    }
    with open(settings.JOURNAL_PATH, "a", encoding="ascii") as journal:
        journal.write(json.dumps(entry) + "\n")


class JournalMiddleware:
    """Writes down every request before any view sees it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        write(request)
        return self.get_response(request)
