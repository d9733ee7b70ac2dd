"""Signs outgoing JSON requests with the `x-hmac` scheme."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

import requests
from django.conf import settings

SIGNATURE_HEADER = "X-HMAC-Signature"
TIMESTAMP_HEADER = "X-HMAC-Timestamp"


class HMACRequestMixin:
    """Gives a class `post_with_hmac`, keyed by `settings.HMAC_SECRET_KEY`."""

    def build_hmac_signature(self, body: bytes, timestamp: str) -> str:
        """Return the hex HMAC-SHA256 over the timestamp, a dot and the body."""
        key = settings.HMAC_SECRET_KEY.encode("utf-8")
        signed = b".".join((timestamp.encode("ascii"), body))
        return hmac.new(key, signed, hashlib.sha256).hexdigest()

    def post_with_hmac(
        self, url: str, payload: Mapping[str, Any], timeout: float = 5
    ) -> requests.Response:
        """Post the payload as signed canonical JSON; raise unless the answer is a success.

        Every failure is a `requests.RequestException`. A redirect is not
        followed: the signature was made for this receiver only.
        """
        body = json.dumps(payload, sort_keys=True, separators=(",", ":")).encode(
            "ascii"
        )
        timestamp = str(int(time.time()))
        response = requests.post(
            url,
            data=body,
            headers={
                "Content-Type": "application/json",
                SIGNATURE_HEADER: self.build_hmac_signature(body, timestamp),
                TIMESTAMP_HEADER: timestamp,
            },
            timeout=timeout,
            allow_redirects=False,
        )
        response.raise_for_status()
        return response
