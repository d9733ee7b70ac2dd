"""The whole chain as real processes: senders, the gate, the origin."""

import http.client
import json
import os
import secrets
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from . import wire
from .journal import Journal
from .process import Server, ServerError

HERE = Path(__file__).resolve().parent.parent
REPOSITORY = HERE.parents[2]

NODE_VARIABLE = "NODE"
BUNDLED_NODE = REPOSITORY / "node_modules" / ".bin" / "node"
GATE_SCRIPT = Path("tests", "worker", "run-gate.mjs")

LOOPBACK = "127.0.0.1"
ANY_PORT = 0
SECRET_BYTES = 32
READY_SECONDS = 20
POLL_SECONDS = 0.05

SENDER_ID = "django-app"
OTHER_SENDER_ID = "reporting-app"
SCHEME = "x-hmac"
TOLERANCE_SECONDS = 60

INFER_PATH = "/v1/infer"
MOVED_PATH = "/v1/infer-old"
TOKEN_PATH = "/v1/tokens/verify"
REPORT_PATH = "/v1/reports"
HEALTH_PATH = "/healthz"

POLICY: dict[str, Any] = {
    "senders": [
        {
            "id": SENDER_ID,
            "scheme": SCHEME,
            "secrets": ["DJANGO_APP_SECRET"],
            "tolerance": TOLERANCE_SECONDS,
            "replay": "off",
        },
        {
            "id": OTHER_SENDER_ID,
            "scheme": SCHEME,
            "secrets": ["REPORTING_APP_SECRET"],
            "tolerance": TOLERANCE_SECONDS,
            "replay": "off",
        },
    ],
    "routes": [
        {"path": INFER_PATH, "methods": ["POST"], "senders": [SENDER_ID]},
        {"path": MOVED_PATH, "methods": ["POST"], "senders": [SENDER_ID]},
        {"path": TOKEN_PATH, "methods": ["POST"], "senders": [SENDER_ID]},
        {"path": REPORT_PATH, "methods": ["POST"], "senders": [OTHER_SENDER_ID]},
        {"path": HEALTH_PATH, "methods": ["GET"], "access": "public"},
    ],
}


class Stack:
    """Everything that runs during the test; a context manager that stops it all."""

    journal: Journal
    origin: Server
    gate: Server
    sender: Server
    sender_with_wrong_key: Server
    _folder: Path

    def __init__(self) -> None:
        self.secret = secrets.token_hex(SECRET_BYTES)
        self.other_sender_secret = secrets.token_hex(SECRET_BYTES)
        self.wrong_secret = secrets.token_hex(SECRET_BYTES)
        self._cleanup = ExitStack()

    def __enter__(self) -> "Stack":
        self._folder = Path(tempfile.mkdtemp(prefix="countersign-django-"))
        self._cleanup.callback(shutil.rmtree, self._folder, ignore_errors=True)
        self.journal = Journal(self._folder / "journal.jsonl")
        try:
            self.origin = self._start_origin(ANY_PORT)
            self.gate = self._start_gate()
            self.sender = self._start_sender("sender", self.secret)
            self.sender_with_wrong_key = self._start_sender(
                "sender-with-wrong-key", self.wrong_secret
            )
            for server in (
                self.origin,
                self.gate,
                self.sender,
                self.sender_with_wrong_key,
            ):
                _wait_until_healthy(server)
        except BaseException:
            self._cleanup.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._cleanup.close()

    def stop_origin(self) -> None:
        """Take the protected server away; its port then refuses connections."""
        self.origin.stop()

    def restart_origin(self) -> None:
        """Bring the protected server back on the port it had."""
        port = urlsplit(self.origin.url).port
        assert port
        self.origin = self._start_origin(port)
        _wait_until_healthy(self.origin)

    def _start_origin(self, port: int) -> Server:
        return self._start_django(
            "origin", "origin", port, {"ORIGIN_JOURNAL": str(self.journal.path)}
        )

    def _start_sender(self, name: str, secret: str) -> Server:
        environment = {
            "HMAC_SECRET_KEY": secret,
            "AI_SERVER_URL": self.gate.url + INFER_PATH,
            "AUTH_SERVER_URL": self.gate.url + TOKEN_PATH,
            # `requests` would otherwise take loopback calls to a configured proxy
            "NO_PROXY": LOOPBACK,
            "no_proxy": LOOPBACK,
        }
        return self._start_django(name, "sender", ANY_PORT, environment)

    def _start_django(
        self, name: str, project: str, port: int, environment: dict[str, str]
    ) -> Server:
        command = [
            sys.executable,
            *("-m", "gunicorn"),
            *("--config", "gunicorn.conf.py"),
            *("--bind", f"{LOOPBACK}:{port}"),
            f"{project}.wsgi",
        ]
        return self._start(name, command, HERE, environment)

    def _start_gate(self) -> Server:
        config = {
            "policy": POLICY,
            "secrets": {
                "DJANGO_APP_SECRET": self.secret,
                "REPORTING_APP_SECRET": self.other_sender_secret,
            },
            "origin": self.origin.url,
        }
        config_path = self._folder / "gate.json"
        config_path.write_text(json.dumps(config), encoding="utf-8")
        node = os.environ.get(NODE_VARIABLE) or str(BUNDLED_NODE)
        return self._start(
            "gate", [node, str(GATE_SCRIPT), str(config_path)], REPOSITORY, {}
        )

    def _start(
        self, name: str, command: list[str], cwd: Path, environment: dict[str, str]
    ) -> Server:
        server = Server(name, command, cwd, self._folder / f"{name}.log", environment)
        self._cleanup.callback(server.stop)
        return server


def _wait_until_healthy(server: Server) -> None:
    """Poll the health path; through the gate this asks the origin too."""
    deadline = time.monotonic() + READY_SECONDS
    last = "no attempt"
    while time.monotonic() < deadline:
        try:
            answer = wire.send(server.url, "GET", HEALTH_PATH)
            if answer.status == 200:
                return
            last = f"status {answer.status}: {answer.text()}"
        except (OSError, http.client.HTTPException) as error:
            last = str(error)
        time.sleep(POLL_SECONDS)
    raise ServerError(
        f"{server.name}: {HEALTH_PATH} not well after {READY_SECONDS} s ({last})\n"
        f"{server.log_tail()}"
    )
