"""Reads what the protected server wrote down about the requests that reached it."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Received:
    """One request as the protected server got it."""

    method: str
    path: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return a header by its HTTP name, None when absent."""
        return dict(self.headers).get("HTTP_" + name.upper().replace("-", "_"))

    def header_names(self) -> list[str]:
        """Return the WSGI names of all headers, in order."""
        return [name for name, _ in self.headers]


class Journal:
    """The append-only file of the protected server's `JournalMiddleware`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def count(self) -> int:
        """Return how many requests have arrived so far."""
        return len(self._lines())

    def since(self, count: int) -> list[Received]:
        """Return the requests that arrived after the first `count`."""
        return [_parse(line) for line in self._lines()[count:]]

    def _lines(self) -> list[str]:
        return self.path.read_text(encoding="ascii").splitlines()


def _parse(line: str) -> Received:
    entry = json.loads(line)
    return Received(
        method=entry["method"],
        path=entry["path"],
        target=entry["target"],
        headers=[(name, value) for name, value in entry["headers"]],
        body=base64.b64decode(entry["body"], validate=True),
    )
