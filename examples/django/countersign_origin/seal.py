"""The seal of the gate, by which a site takes requests from its gate alone."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from . import keys, message_signature, x_hmac
from .parts import InvalidSeal, Sealed, value

__all__ = ["InvalidSeal", "Verifier"]

SENDER = "HTTP_COUNTERSIGN_SENDER"
SENDER_FORM = re.compile(rb"[A-Za-z0-9._-]{1,64}")
DEFAULT_SCHEME = "x-hmac"
DEFAULT_TOLERANCE_SECONDS = 60

Read = Callable[[HttpRequest], Sealed]
SCHEMES: dict[str, tuple[Read, Callable[[str], keys.Verify]]] = {
    "x-hmac": (x_hmac.read, keys.hmac_sha256),
    "rfc9421-hmac-sha256": (message_signature.read, keys.hmac_sha256),
    "rfc9421-ed25519": (message_signature.read, keys.ed25519),
}


@dataclass(frozen=True)
class Verifier:
    """Verifies seals with any of these keys, within so many seconds of now, either way."""

    scheme: str
    read: Read
    keys: tuple[keys.Verify, ...]
    tolerance: int = DEFAULT_TOLERANCE_SECONDS

    @classmethod
    def from_settings(cls) -> "Verifier":
        """Read the settings; raise `ImproperlyConfigured` where they would let too much through."""
        scheme = getattr(settings, "COUNTERSIGN_SEAL_SCHEME", DEFAULT_SCHEME)
        if scheme not in SCHEMES:
            raise ImproperlyConfigured(
                f"COUNTERSIGN_SEAL_SCHEME must be one of {', '.join(SCHEMES)}"
            )
        read, key = SCHEMES[scheme]
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
        tolerance = getattr(
            settings, "COUNTERSIGN_TOLERANCE", DEFAULT_TOLERANCE_SECONDS
        )
        if type(tolerance) is not int or tolerance < 1:
            raise ImproperlyConfigured(
                "COUNTERSIGN_TOLERANCE must be a whole number of seconds"
            )
        return cls(scheme, read, tuple(map(key, secrets)), tolerance)

    def verify(self, request: HttpRequest) -> str:
        """Return the id of the sender that the gate verified; raise `InvalidSeal`.

        The request is Django's or DRF's. Its raw body is read, so nothing may have read it as a
        stream before.
        """
        sealed = self.read(request)
        if abs(int(time.time()) - sealed.timestamp) > self.tolerance:
            raise InvalidSeal("Seal outside its window")
        signed = sealed.signed()
        # Every key is tried, so that the time does not tell which one fits.
        matches = [verify(sealed.signature, signed) for verify in self.keys]
        if not any(matches):
            raise InvalidSeal("Invalid seal")
        sender = value(request, SENDER)
        if not SENDER_FORM.fullmatch(sender):
            raise InvalidSeal("No verified sender")
        return sender.decode("ascii")
