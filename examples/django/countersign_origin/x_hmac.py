"""A seal under `x-hmac`: it covers the timestamp, a dot and the raw body."""

import re

from django.http import HttpRequest

from .parts import InvalidSeal, Sealed, value

SIGNATURE = "HTTP_X_HMAC_SIGNATURE"
TIMESTAMP = "HTTP_X_HMAC_TIMESTAMP"

SIGNATURE_FORM = re.compile(rb"[0-9a-f]{64}")
TIMESTAMP_FORM = re.compile(rb"[1-9][0-9]{9}")


def read(request: HttpRequest) -> Sealed:
    """Return what the seal says and covers; raise `InvalidSeal` where it has not the form."""
    signature = value(request, SIGNATURE)
    timestamp = value(request, TIMESTAMP)
    if not signature or not timestamp:
        raise InvalidSeal("Missing seal")
    if not TIMESTAMP_FORM.fullmatch(timestamp):
        raise InvalidSeal("Invalid timestamp of the seal")
    if not SIGNATURE_FORM.fullmatch(signature):
        raise InvalidSeal("Invalid seal")
    return Sealed(
        int(timestamp),
        bytes.fromhex(signature.decode("ascii")),
        lambda: timestamp + b"." + request.body,
    )
