"""The whole chain as real processes: senders, the gate, the origin."""

import http.client
import json
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from . import wire
from .journal import Journal
from .process import Server, ServerError

HERE = Path(__file__).resolve().parent.parent
REPOSITORY = HERE.parents[2]
EXAMPLE = REPOSITORY / "examples" / "django"

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
RECEIVER_PATH = "/v1/receiver"
SEALED_PATH = "/v1/sealed"
PLAIN_PATH = "/v1/plain"

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

# A public route leads to each guarded view as well, as a mistake in a policy might have it.
SEALING_POLICY: dict[str, Any] = {
    "senders": [{"id": SENDER_ID, "scheme": SCHEME, "secrets": ["DJANGO_APP_SECRET"]}],
    "routes": [
        {"path": "/v1/{view}", "methods": ["POST"], "senders": [SENDER_ID]},
        {"path": "/v1/{view}", "methods": ["PUT"], "access": "public"},
        {"path": HEALTH_PATH, "methods": ["GET"], "access": "public"},
    ],
}


class Processes:
    """Servers that run during a test; a context manager that stops them all."""

    journal: Journal
    _folder: Path

    def __init__(self) -> None:
        self.secret = secrets.token_hex(SECRET_BYTES)
        self.wrong_secret = secrets.token_hex(SECRET_BYTES)
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="countersign-django-"))
        self._cleanup.callback(shutil.rmtree, self._folder, ignore_errors=True)
        self.journal = Journal(self._folder / "journal.jsonl")
        try:
            for server in self._start_all():
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

    def _start_all(self) -> list[Server]:
        """Start the servers, and return them in the order in which they need each other."""
        raise NotImplementedError

    def _start_sender(
        self, name: str, secret: str, ai_server_url: str, auth_server_url: str
    ) -> Server:
        environment = {
            "HMAC_SECRET_KEY": secret,
            "AI_SERVER_URL": ai_server_url,
            "AUTH_SERVER_URL": auth_server_url,
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

    def _start_gate(
        self,
        name: str,
        policy: Mapping[str, Any],
        secret_values: Mapping[str, str],
        origin: Server,
    ) -> Server:
        config = {"policy": policy, "secrets": secret_values, "origin": origin.url}
        config_path = self._folder / f"{name}.json"
        config_path.write_text(json.dumps(config), encoding="utf-8")
        node = os.environ.get(NODE_VARIABLE) or str(BUNDLED_NODE)
        return self._start(
            name, [node, str(GATE_SCRIPT), str(config_path)], REPOSITORY, {}
        )

    def _start(
        self, name: str, command: list[str], cwd: Path, environment: dict[str, str]
    ) -> Server:
        server = Server(name, command, cwd, self._folder / f"{name}.log", environment)
        self._cleanup.callback(server.stop)
        return server


class Stack(Processes):
    """Senders, a gate and an origin that believes the gate."""

    origin: Server
    gate: Server
    sender: Server
    sender_with_wrong_key: Server

    def __init__(self) -> None:
        super().__init__()
        self.other_sender_secret = secrets.token_hex(SECRET_BYTES)

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

    def _start_all(self) -> list[Server]:
        self.origin = self._start_origin(ANY_PORT)
        secret_values = {
            "DJANGO_APP_SECRET": self.secret,
            "REPORTING_APP_SECRET": self.other_sender_secret,
        }
        self.gate = self._start_gate("gate", POLICY, secret_values, self.origin)
        urls = (self.gate.url + INFER_PATH, self.gate.url + TOKEN_PATH)
        self.sender = self._start_sender("sender", self.secret, *urls)
        self.sender_with_wrong_key = self._start_sender(
            "sender-with-wrong-key", self.wrong_secret, *urls
        )
        return [self.origin, self.gate, self.sender, self.sender_with_wrong_key]


class SealedStack(Processes):
    """Origins that verify the gate's seal: one by its views, one by a middleware."""

    seal_scheme = "x-hmac"
    origin: Server
    gate: Server
    sender: Server
    origin_with_middleware: Server
    gate_before_middleware: Server
    sender_to_middleware: Server

    def __init__(self) -> None:
        super().__init__()
        self.seal_secret = secrets.token_hex(SECRET_BYTES)
        self.next_seal_secret = secrets.token_hex(SECRET_BYTES)

    def _start_all(self) -> list[Server]:
        self.origin = self._start_origin("sealed-origin", "")
        self.origin_with_middleware = self._start_origin(
            "sealed-site", "countersign_origin.middleware.SealMiddleware"
        )
        self.gate = self._start_sealing_gate("gate", self.seal_secret, self.origin)
        self.gate_before_middleware = self._start_sealing_gate(
            "gate-before-middleware", self.next_seal_secret, self.origin_with_middleware
        )
        self.sender = self._start_sender(
            "sender",
            self.secret,
            self.gate.url + RECEIVER_PATH,
            self.gate.url + SEALED_PATH,
        )
        self.sender_to_middleware = self._start_sender(
            "sender-to-middleware",
            self.secret,
            *[self.gate_before_middleware.url + PLAIN_PATH] * 2,
        )
        return [
            self.origin,
            self.origin_with_middleware,
            self.gate,
            self.gate_before_middleware,
            self.sender,
            self.sender_to_middleware,
        ]

    def _start_origin(self, name: str, middleware: str) -> Server:
        python_path = [str(EXAMPLE), os.environ.get("PYTHONPATH", "")]
        environment = {
            "ORIGIN_JOURNAL": str(self.journal.path),
            "ORIGIN_MIDDLEWARE": middleware,
            "SEAL_SCHEME": self.seal_scheme,
            "SEAL_SECRET": self.seal_secret,
            "NEXT_SEAL_SECRET": self.next_seal_secret,
            "PYTHONPATH": os.pathsep.join(filter(None, python_path)),
        }
        return self._start_django(name, "sealed_origin", ANY_PORT, environment)

    def _start_sealing_gate(
        self, name: str, seal_secret: str, origin: Server
    ) -> Server:
        secret_values = {"DJANGO_APP_SECRET": self.secret, "SEAL_SECRET": seal_secret}
        seal = {"scheme": self.seal_scheme, "secret": "SEAL_SECRET"}
        policy = {**SEALING_POLICY, "seal": seal}
        return self._start_gate(name, policy, secret_values, origin)


class MessageSealedStack(SealedStack):
    """The same with seals that are HTTP Message Signatures."""

    seal_scheme = "rfc9421-hmac-sha256"


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
