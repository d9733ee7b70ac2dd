"""A client for the gate that can send anything, and signs on its own.

The signature is made here a second time, apart from the sender's mixin, so
that the two cannot share a mistake.
"""

import hashlib
import hmac
import http.client
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 10

Header = tuple[str, str]


@dataclass(frozen=True)
class Answer:
    """One HTTP response, headers in order of arrival."""

    status: int
    headers: list[Header]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the only value of a header, None when absent."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        if len(values) > 1:
            raise ValueError(f"{name} came {len(values)} times")
        return values[0] if values else None

    def json(self) -> Any:
        """Return the parsed body."""
        return json.loads(self.body)

    def text(self) -> str:
        """Return everything the client can see, for a search of what must not be there."""
        lines = [f"{key}: {value}" for key, value in self.headers]
        return "\n".join([*lines, "", self.body.decode("utf-8", "replace")])


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the `x-hmac` signature."""
    mac = hmac.new(secret.encode(), digestmod=hashlib.sha256)
    mac.update(timestamp.encode())
    mac.update(b".")
    mac.update(body)
    return mac.hexdigest()


def canonical_json(value: Any) -> bytes:
    """Return the JSON text that a sender of the `x-hmac` scheme puts on the wire."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True
    ).encode()


def send(
    base_url: str,
    method: str,
    target: str,
    headers: Iterable[Header] = (),
    body: bytes = b"",
) -> Answer:
    """Send one request as it is given: order, repeats and spelling of headers are kept."""
    connection = http.client.HTTPConnection(
        urlsplit(base_url).netloc, timeout=TIMEOUT_SECONDS
    )
    try:
        headers = list(headers)
        names_host = any(name.lower() == "host" for name, _ in headers)
        connection.putrequest(
            method, target, skip_host=names_host, skip_accept_encoding=True
        )
        for name, value in headers:
            connection.putheader(name, value)
        if body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read())
    finally:
        connection.close()
