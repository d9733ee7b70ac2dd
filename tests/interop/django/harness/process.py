"""Starts and stops one server process.

Every server of this test keeps the same three promises: it prints one line
`{"url": "http://…"}` on standard output once it listens, it writes anything
else to standard error, and it exits when its standard input is closed.
"""

import json
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

START_SECONDS = 60
STOP_SECONDS = 10
LOG_TAIL_BYTES = 4000


class ServerError(Exception):
    """A server did not start; the message has the end of what it logged."""


class Server:
    """One running server process; `url` is where it listens."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        cwd: Path,
        log_path: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start the command and wait, at most `START_SECONDS`, for its URL."""
        self.name = name
        self._log_path = log_path
        with log_path.open("ab") as log:
            try:
                self._process = subprocess.Popen(
                    command,
                    cwd=cwd,
                    env={**os.environ, **(environment or {})},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    start_new_session=True,
                )
            except OSError as error:
                raise ServerError(
                    f"{name}: cannot run {command[0]}: {error}"
                ) from error
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._reader = threading.Thread(target=self._read_output, daemon=True)
        self._reader.start()
        try:
            self.url = self._wait_for_url()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Close its input and wait; a process group that stays is killed."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(STOP_SECONDS)
        self._reader.join(STOP_SECONDS)
        if self._process.stdout:
            self._process.stdout.close()

    def log_tail(self) -> str:
        """Return the end of what the server wrote to standard error."""
        return self._log_path.read_bytes()[-LOG_TAIL_BYTES:].decode("utf-8", "replace")

    def _read_output(self) -> None:
        """Pass lines on until the end of output, then an empty one."""
        assert self._process.stdout
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(b"")

    def _wait_for_url(self) -> str:
        try:
            line = self._lines.get(timeout=START_SECONDS)
        except queue.Empty:
            raise ServerError(
                f"{self.name}: no URL after {START_SECONDS} s\n{self.log_tail()}"
            ) from None
        try:
            return json.loads(line)["url"]
        except (ValueError, TypeError, KeyError):
            raise ServerError(
                f"{self.name}: expected a line with its URL, got {line!r}\n{self.log_tail()}"
            ) from None
