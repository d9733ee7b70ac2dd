"""The seal of the gate: HMAC-SHA256 over the timestamp, a dot and the raw body."""

import hashlib
import hmac
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

SIGNATURE = "HTTP_X_HMAC_SIGNATURE"
TIMESTAMP = "HTTP_X_HMAC_TIMESTAMP"
SENDER = "HTTP_COUNTERSIGN_SENDER"

SIGNATURE_FORM = re.compile(rb"[0-9a-f]{64}")
TIMESTAMP_FORM = re.compile(rb"[1-9][0-9]{9}")
SENDER_FORM = re.compile(rb"[A-Za-z0-9._-]{1,64}")

MIN_SECRET_BYTES = 32
DEFAULT_TOLERANCE_SECONDS = 60


class InvalidSeal(Exception):
    """The request did not come through the gate a moment ago; the text says why."""


@dataclass(frozen=True)
class Verifier:
    """Verifies seals with any of these secrets, within so many seconds of now, either way."""

    secrets: tuple[bytes, ...]
    tolerance: int = DEFAULT_TOLERANCE_SECONDS

    @classmethod
    def from_settings(cls) -> "Verifier":
        """Read the settings; raise `ImproperlyConfigured` where they would let too much through."""
        secrets = getattr(settings, "COUNTERSIGN_SEAL_SECRETS", None)
        if (
            not isinstance(secrets, Sequence)
            or isinstance(secrets, str | bytes)
            or not secrets
            or not all(isinstance(secret, str) for secret in secrets)
        ):
            raise ImproperlyConfigured(
                "COUNTERSIGN_SEAL_SECRETS must be a list of texts"
            )
        keys = tuple(secret.encode() for secret in secrets)
        if any(len(key) < MIN_SECRET_BYTES for key in keys):
            raise ImproperlyConfigured(
                f"COUNTERSIGN_SEAL_SECRETS: each needs {MIN_SECRET_BYTES} bytes or more"
            )
        tolerance = getattr(
            settings, "COUNTERSIGN_TOLERANCE", DEFAULT_TOLERANCE_SECONDS
        )
        if type(tolerance) is not int or tolerance < 1:
            raise ImproperlyConfigured(
                "COUNTERSIGN_TOLERANCE must be a whole number of seconds"
            )
        return cls(keys, tolerance)

    def verify(self, request: HttpRequest) -> str:
        """Return the id of the sender that the gate verified; raise `InvalidSeal`.

        The request is Django's or DRF's. Its raw body is read, so nothing may have read it as a
        stream before.
        """
        signature = _value(request, SIGNATURE)
        timestamp = _value(request, TIMESTAMP)
        if not signature or not timestamp:
            raise InvalidSeal("Missing seal")
        if not TIMESTAMP_FORM.fullmatch(timestamp):
            raise InvalidSeal("Invalid timestamp of the seal")
        if abs(int(time.time()) - int(timestamp)) > self.tolerance:
            raise InvalidSeal("Seal outside its window")
        if not SIGNATURE_FORM.fullmatch(signature):
            raise InvalidSeal("Invalid seal")
        digest = bytes.fromhex(signature.decode("ascii"))
        # Every secret is tried, so that the time does not tell which one fits.
        matches = [
            hmac.compare_digest(digest, _mac(key, timestamp, request.body))
            for key in self.secrets
        ]
        if not any(matches):
            raise InvalidSeal("Invalid seal")
        sender = _value(request, SENDER)
        if not SENDER_FORM.fullmatch(sender):
            raise InvalidSeal("No verified sender")
        return sender.decode("ascii")


def _value(request: HttpRequest, name: str) -> bytes:
    """Return a header's bytes. Lines of one name arrive joined with a comma, which no form takes."""
    return request.META.get(name, "").encode("latin-1", "replace")


def _mac(key: bytes, timestamp: bytes, body: bytes) -> bytes:
    mac = hmac.new(key, timestamp, hashlib.sha256)
    mac.update(b".")
    mac.update(body)
    return mac.digest()
