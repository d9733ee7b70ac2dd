"""What the two forms of a seal share."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest


class InvalidSeal(Exception):
    """The request did not come through the gate a moment ago; the text says why."""


@dataclass(frozen=True)
class Sealed:
    """A seal as it was read: nothing of it is verified yet."""

    timestamp: int
    signature: bytes
    signed: Callable[[], bytes]
    """Makes the bytes that the seal covers; reads the raw body, raises `InvalidSeal`."""


def value(request: HttpRequest, name: str) -> bytes:
    """Return a header's bytes. Lines of one name arrive joined with a comma, which no form takes."""
    return request.META.get(name, "").encode("latin-1", "replace")
