"""A Django sender, a gate that seals, and origins that refuse who goes around the gate.

Run it with `python test_seal.py`; README.md has the rest.
"""

import json
import sys
import time
import unittest
from collections.abc import Iterable
from dataclasses import dataclass

from harness import wire
from harness.journal import Received
from harness.process import Server
from harness.run import main
from harness.stack import (
    HEALTH_PATH,
    PLAIN_PATH,
    RECEIVER_PATH,
    SEALED_PATH,
    SENDER_ID,
    TOLERANCE_SECONDS,
    SealedStack,
)

SIGNATURE = "X-HMAC-Signature"
TIMESTAMP = "X-HMAC-Timestamp"
SENDER = "Countersign-Sender"
JSON_TYPE = ("Content-Type", "application/json")
BODY = wire.canonical_json({"text": "Where is the countersign?", "user_id": 7})
# A clock tick between signing and verifying makes a future timestamp one less far away.
JUST_TOO_FUTURE = TOLERANCE_SECONDS + 2

stack = SealedStack()


def setUpModule() -> None:
    """Start everything once; unittest stops it again, also after a failure."""
    unittest.enterModuleContext(stack)


def now(offset: int = 0) -> str:
    """Return a timestamp so many seconds from now."""
    return str(int(time.time()) + offset)


def signed(secret: str, timestamp: str, body: bytes = BODY) -> list[wire.Header]:
    """Return the fields of an `x-hmac` request."""
    return [
        (SIGNATURE, wire.signature(secret, timestamp, body)),
        (TIMESTAMP, timestamp),
    ]


@dataclass(frozen=True)
class Guard:
    """One way to verify the seal, and the servers on the way to it."""

    path: str
    sender: Server
    sender_path: str
    gate: Server
    origin: Server
    seal_secret: str
    names_the_sender: bool = True
    refusal: int = 401


def guards() -> dict[str, Guard]:
    """Return the guards by name. The middleware's seals are made with the secret that is next."""
    views = (stack.gate, stack.origin, stack.seal_secret)
    site = (
        stack.gate_before_middleware,
        stack.origin_with_middleware,
        stack.next_seal_secret,
    )
    return {
        "the articles' receiver": Guard(
            RECEIVER_PATH,
            stack.sender,
            "/infer",
            *views,
            names_the_sender=False,
            refusal=403,
        ),
        "SealAuthentication": Guard(
            SEALED_PATH, stack.sender, "/tokens/verify", *views
        ),
        "SealMiddleware": Guard(
            PLAIN_PATH, stack.sender_to_middleware, "/infer", *site
        ),
    }


class SealCase(unittest.TestCase):
    """Knows which views had run when the test began."""

    def setUp(self) -> None:
        self.ran_before = stack.journal.count()

    def ran(self) -> list[Received]:
        """Return the requests for which a view has run since the last call, or the start."""
        ran = stack.journal.since(self.ran_before)
        self.ran_before += len(ran)
        return ran

    def assert_sealed(self, guard: Guard, received: Received, secret: str) -> None:
        """Check the one seal over what arrived, and that it is not the sender's own signature."""
        timestamp = str(received.header(TIMESTAMP))
        self.assertRegex(timestamp, r"\A[1-9][0-9]{9}\Z")
        self.assertEqual(
            received.header(SIGNATURE),
            wire.signature(guard.seal_secret, timestamp, received.body),
        )
        self.assertNotEqual(
            received.header(SIGNATURE),
            wire.signature(secret, timestamp, received.body),
        )
        self.assertEqual(received.header(SENDER), SENDER_ID)

    def assert_refused(
        self,
        guard: Guard,
        headers: Iterable[wire.Header],
        body: bytes = BODY,
        *,
        method: str = "POST",
        through: Server | None = None,
    ) -> None:
        """Check that the origin refuses this, sent to it directly, and that no view runs."""
        server = through or guard.origin
        answer = wire.send(server.url, method, guard.path, [JSON_TYPE, *headers], body)
        self.assertEqual(answer.status, guard.refusal, answer.text())
        self.assertEqual(list(answer.json()), ["detail"])
        self.assertEqual(self.ran(), [])


class ThroughTheGate(SealCase):
    """What the gate has verified and sealed is taken."""

    def test_a_django_senders_call(self) -> None:
        for name, guard in guards().items():
            with self.subTest(name):
                content = {"text": "¿Quién vive?", "token": "t", "context": {"é": 1}}
                answer = wire.send(
                    guard.sender.url,
                    "POST",
                    guard.sender_path,
                    [JSON_TYPE],
                    json.dumps(content).encode(),
                )
                self.assertEqual(answer.status, 200, answer.text())
                sender = SENDER_ID if guard.names_the_sender else None
                self.assertEqual(answer.json()["sender"], sender)
                (received,) = self.ran()
                self.assertEqual(json.loads(received.body), answer.json()["received"])
                self.assert_sealed(guard, received, stack.secret)

    def test_what_a_client_sends_under_these_names_is_replaced(self) -> None:
        for name, guard in guards().items():
            with self.subTest(name):
                headers = [
                    JSON_TYPE,
                    (SENDER, "root"),
                    ("countersign_sender", "root"),
                    ("X_HMAC_Signature", "0" * 64),
                    ("x_hmac_timestamp", now()),
                    *signed(stack.secret, now(-30)),
                ]
                answer = wire.send(guard.gate.url, "POST", guard.path, headers, BODY)
                self.assertEqual(answer.status, 200, answer.text())
                (received,) = self.ran()
                self.assert_sealed(guard, received, stack.secret)

    def test_a_public_request_does_not_pass_for_a_verified_one(self) -> None:
        for name, guard in guards().items():
            with self.subTest(name):
                for secret in (guard.seal_secret, stack.secret):
                    headers = [*signed(secret, now()), (SENDER, SENDER_ID)]
                    self.assert_refused(
                        guard, headers, method="PUT", through=guard.gate
                    )

    def test_a_public_path_is_open_and_hears_nothing_of_a_sender(self) -> None:
        headers = [(SENDER, SENDER_ID), ("Countersign_Sender", SENDER_ID)]
        site = stack.origin_with_middleware
        for server in (site, stack.gate_before_middleware):
            answer = wire.send(server.url, "GET", HEALTH_PATH, headers)
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.json(), {"status": "ok", "told": []})


class AroundTheGate(SealCase):
    """What comes without a good seal is refused, and no view runs."""

    def test_unsealed(self) -> None:
        for name, guard in guards().items():
            with self.subTest(name):
                self.assert_refused(guard, [])
                self.assert_refused(guard, [(SENDER, SENDER_ID)])
                self.assert_refused(guard, [(TIMESTAMP, now()), (SENDER, SENDER_ID)])
                self.assert_refused(guard, [(SIGNATURE, "0" * 64), (SENDER, SENDER_ID)])

    def test_a_senders_own_signature_is_no_seal(self) -> None:
        for name, guard in guards().items():
            with self.subTest(name):
                headers = signed(stack.secret, now())
                self.assert_refused(guard, [*headers, (SENDER, SENDER_ID)])

    def test_forged(self) -> None:
        for name, guard in guards().items():
            with self.subTest(name):
                forged = signed(stack.wrong_secret, now())
                self.assert_refused(guard, [*forged, (SENDER, SENDER_ID)])
                good = signed(guard.seal_secret, now())
                altered = [*good, (SENDER, SENDER_ID)]
                self.assert_refused(guard, altered, BODY.replace(b"7", b"8"))

    def test_stale(self) -> None:
        for name, guard in guards().items():
            for offset in (-TOLERANCE_SECONDS - 1, JUST_TOO_FUTURE):
                with self.subTest(name, offset=offset):
                    headers = signed(guard.seal_secret, now(offset))
                    self.assert_refused(guard, [*headers, (SENDER, SENDER_ID)])

    def test_sent_twice(self) -> None:
        for name, guard in guards().items():
            with self.subTest(name):
                headers = signed(guard.seal_secret, now())
                sender = (SENDER, SENDER_ID)
                for header in headers:
                    self.assert_refused(guard, [*headers, header, sender])

    def test_a_seal_that_names_no_sender(self) -> None:
        for name, guard in guards().items():
            if guard.names_the_sender:
                with self.subTest(name):
                    headers = signed(guard.seal_secret, now())
                    self.assert_refused(guard, headers)
                    self.assert_refused(guard, [*headers, (SENDER, "a"), (SENDER, "b")])


if __name__ == "__main__":
    sys.exit(main())
