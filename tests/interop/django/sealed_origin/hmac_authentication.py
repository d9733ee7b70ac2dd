"""A receiver of `x-hmac` requests that knows nothing of the gate.

It makes the checks of the articles' `HMACSignatureAuthentication` in their
order, with their settings and answers, and is as lenient as they are. Like
theirs it names no challenge, so DRF answers 403.
"""

import hashlib
import hmac
import time

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

WINDOW_SECONDS = 60


class HMACSignatureAuthentication(BaseAuthentication):
    """Accepts a body signed by `settings.HMAC_SECRET_KEY`, and names nobody."""

    def authenticate(self, request: Request) -> tuple[None, None]:
        signature = request.headers.get("X-HMAC-Signature")
        timestamp = request.headers.get("X-HMAC-Timestamp")
        if not (signature and timestamp):
            raise AuthenticationFailed("Missing HMAC headers")
        try:
            age = int(time.time()) - int(timestamp)
        except ValueError as error:
            raise AuthenticationFailed("Invalid timestamp") from error
        if abs(age) > WINDOW_SECONDS:
            raise AuthenticationFailed("Request timestamp too old")
        signed = b"%b.%b" % (timestamp.encode(), request.body)
        mac = hmac.new(settings.HMAC_SECRET_KEY.encode(), signed, hashlib.sha256)
        if not hmac.compare_digest(signature, mac.hexdigest()):
            raise AuthenticationFailed("Invalid HMAC signature")
        return None, None
