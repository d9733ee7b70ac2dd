"""A seal that is an HTTP Message Signature: made by an independent library, and by the gate.

Run it with `python test_message_seal.py`; README.md has the rest.
"""

import datetime
import sys
import time
import unittest
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import django
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.test import RequestFactory, override_settings
from harness import wire
from harness.journal import Received
from harness.run import main
from harness.stack import (
    EXAMPLE,
    SEALED_PATH,
    SENDER_ID,
    TOLERANCE_SECONDS,
    MessageSealedStack,
    SealedStack,
)
from http_message_signatures import HTTPMessageSigner, algorithms

sys.path.insert(0, str(EXAMPLE))

settings.configure()
django.setup()  # before what reads the settings when it is imported

from countersign_origin.seal import InvalidSeal, Verifier

SECRET = "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR"
OTHER_SECRET = "Zq3tB6yM9pL1sD4vG7kX0wC2nF5hJ8rE"
BODY = b'{"text": "\x00\xff\xe9"}\r\n'
TARGET = "/v1/sealed?a=1&b=%2F%27"
COVERED = [
    "@method",
    "@authority",
    "@path",
    "@query",
    "content-digest",
    "countersign-request-id",
    "countersign-sender",
    "countersign-scheme",
]
PRIVATE_KEY = Ed25519PrivateKey.generate()


def public_pem(key: Ed25519PrivateKey) -> str:
    """Return the public half as the origin's settings have it."""
    public = key.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def private_pem(key: Ed25519PrivateKey) -> bytes:
    """Return a private key as the library takes it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def sealed(
    *,
    key: bytes = SECRET.encode(),
    algorithm: type = algorithms.HMAC_SHA256,
    covered: list[str] = COVERED,
    created: int | None = None,
    **options: Any,
) -> dict[str, str]:
    """Return the fields of a request that the library has sealed as the gate would."""
    headers = {
        "Countersign-Request-Id": "6f1b6e2a",
        "Countersign-Sender": SENDER_ID,
        "Countersign-Scheme": "x-hmac",
    }
    message = SimpleNamespace(
        method="POST",
        url=f"http://testserver{TARGET}",
        headers=headers,
    )
    moment = time.time() if created is None else created
    resolver = SimpleNamespace(resolve_private_key=lambda key_id: key)
    HTTPMessageSigner(signature_algorithm=algorithm, key_resolver=resolver).sign(
        message,
        key_id="countersign",
        created=datetime.datetime.fromtimestamp(int(moment), datetime.timezone.utc),
        tag="countersign-seal",
        label="countersign",
        include_alg=False,
        body=BODY,
        covered_component_ids=covered,
        **options,
    )
    return headers


def request(
    headers: dict[str, str], method: str = "POST", target: str = TARGET, body: bytes = BODY
) -> HttpRequest:
    """Return the request as gunicorn would hand it over."""
    meta = {f"HTTP_{name.upper().replace('-', '_')}": text for name, text in headers.items()}
    return RequestFactory().generic(
        method, target, body, "application/json", RAW_URI=target, **meta
    )


def settings_with(scheme: str, *secrets: str) -> override_settings:
    """Return settings of an origin."""
    return override_settings(
        COUNTERSIGN_SEAL_SCHEME=scheme,
        COUNTERSIGN_SEAL_SECRETS=list(secrets),
        ALLOWED_HOSTS=["*"],
    )


BY_HMAC = settings_with("rfc9421-hmac-sha256", OTHER_SECRET, SECRET)
BY_KEY_PAIR = settings_with("rfc9421-ed25519", public_pem(PRIVATE_KEY))


class SignedByTheLibrary(unittest.TestCase):
    """What `http-message-signatures` signs in the gate's form."""

    def verify(self, asked: HttpRequest) -> str:
        return Verifier.from_settings().verify(asked)

    def refuse(self, reason: str, asked: HttpRequest) -> None:
        with self.assertRaises(InvalidSeal) as caught:
            self.verify(asked)
        self.assertEqual(str(caught.exception), reason)

    def test_hmac(self) -> None:
        with BY_HMAC:
            self.assertEqual(self.verify(request(sealed())), SENDER_ID)
            self.refuse("Invalid seal", request(sealed(key=b"x" * 32)))

    def test_a_key_pair(self) -> None:
        by = {"algorithm": algorithms.ED25519}
        with BY_KEY_PAIR:
            own = sealed(key=private_pem(PRIVATE_KEY), **by)
            self.assertEqual(self.verify(request(own)), SENDER_ID)
            other = sealed(key=private_pem(Ed25519PrivateKey.generate()), **by)
            self.refuse("Invalid seal", request(other))
            self.refuse("Invalid seal", request(sealed()))

    def test_every_covered_part_is_bound(self) -> None:
        good = sealed()
        with BY_HMAC:
            for changed in (
                {"method": "PUT"},
                {"target": "/v1/other?a=1&b=%2F%27"},
                {"target": "/v1/sealed?a=2&b=%2F%27"},
                {"target": "/v1/sealed?a=1&b=/%27"},
                {"target": "/v1/sealed"},
                {"body": BODY + b"\n"},
                {"body": b""},
            ):
                self.refuse("Invalid seal", request(good, **changed))
            for name in ("Countersign-Sender", "Countersign-Scheme", "Countersign-Request-Id"):
                self.refuse("Invalid seal", request({**good, name: "root"}))
            self.refuse("Invalid seal", request({**good, "Host": "other.test"}))

    def test_the_host_can_be_fixed(self) -> None:
        with BY_HMAC, override_settings(COUNTERSIGN_AUTHORITY="testserver"):
            behind_a_proxy = request({**sealed(), "Host": "10.0.0.7:8000"})
            self.assertEqual(self.verify(behind_a_proxy), SENDER_ID)

    def test_no_other_form_is_taken(self) -> None:
        forms = {
            "fewer components": sealed(covered=COVERED[:-1]),
            "another order": sealed(covered=COVERED[::-1]),
            "another parameter": sealed(nonce="n"),
        }
        good = sealed()
        for name in ("Signature-Input", "Signature"):
            forms[f"two labels in {name}"] = {**good, name: f"{good[name]}, a=()"}
            forms[f"space in {name}"] = {**good, name: f"{good[name]} "}
        with BY_HMAC:
            for name, headers in forms.items():
                with self.subTest(name):
                    self.refuse("Invalid seal", request(headers))
            for name in ("Signature-Input", "Signature"):
                missing = {key: text for key, text in good.items() if key != name}
                self.refuse("Missing seal", request(missing))

    def test_the_window_has_two_sides(self) -> None:
        with BY_HMAC:
            for offset in (-TOLERANCE_SECONDS - 2, TOLERANCE_SECONDS + 3):
                stale = sealed(created=int(time.time()) + offset)
                self.refuse("Seal outside its window", request(stale))

    def test_settings(self) -> None:
        for scheme, secret in (
            ("rfc9421-ed25519", SECRET),
            ("rfc9421-ed25519", private_pem(PRIVATE_KEY).decode()),
            ("rfc9421-hmac-sha256", SECRET[1:]),
            ("rfc9421-rsa", SECRET),
        ):
            with settings_with(scheme, secret):
                with self.assertRaises(ImproperlyConfigured) as caught:
                    Verifier.from_settings()
                self.assertNotIn(secret, str(caught.exception))


class ThroughTheGate(unittest.TestCase):
    """What a real gate seals in front of a real site, and what a thief of one request can do."""

    stack: SealedStack

    def start(self, make: Callable[[], SealedStack]) -> None:
        self.stack = self.enterContext(make())

    def pass_through(self, target: str) -> Received:
        """Send a signed request through the gate; return what the view received."""
        before = self.stack.journal.count()
        timestamp = str(int(time.time()))
        body = wire.canonical_json({"text": "Halt!"})
        headers = [
            ("Content-Type", "application/json"),
            ("X-HMAC-Signature", wire.signature(self.stack.secret, timestamp, body)),
            ("X-HMAC-Timestamp", timestamp),
        ]
        answer = wire.send(self.stack.gate.url, "POST", target, headers, body)
        self.assertEqual(answer.status, 200, answer.text())
        self.assertEqual(answer.json()["sender"], SENDER_ID)
        [received] = self.stack.journal.since(before)
        return received

    def replay(self, received: Received, **changed: Any) -> int:
        """Send to the site itself what the view received, but for what is changed."""
        names = [
            (name.removeprefix("HTTP_").replace("_", "-").title(), text)
            for name, text in received.headers
        ]
        headers = [
            (name, changed.get(name, text))
            for name, text in names
            if name not in ("Content-Length", "Connection")
        ]
        method = changed.get("method", received.method)
        target = changed.get("target", received.target)
        body = changed.get("body", received.body)
        return wire.send(self.stack.origin.url, method, target, headers, body).status

    def test_a_message_seal_binds_the_request(self) -> None:
        self.start(MessageSealedStack)
        for target in (SEALED_PATH, f"{SEALED_PATH}?a='&b=%7e%2f"):
            received = self.pass_through(target)
            self.assertEqual(self.replay(received), 200)
            for changed in (
                {"method": "PUT"},
                {"target": f"{SEALED_PATH}?c=1"},
                {"body": received.body.replace(b"Halt", b"Pass")},
                {"Countersign-Sender": "reporting-app"},
                {"Countersign-Scheme": "stripe"},
                {"Host": "other.test"},
            ):
                self.assertEqual(self.replay(received, **changed), 401, changed)

    def test_an_x_hmac_seal_binds_time_and_body_alone(self) -> None:
        self.start(SealedStack)
        received = self.pass_through(SEALED_PATH)
        self.assertEqual(self.replay(received), 200)
        # The limit that SECURITY.md names: a stolen request, within its window.
        self.assertEqual(self.replay(received, target=f"{SEALED_PATH}?a=1"), 200)
        self.assertEqual(self.replay(received, **{"Countersign-Sender": "other"}), 200)
        changed = received.body.replace(b"Halt", b"Pass")
        self.assertEqual(self.replay(received, body=changed), 401)


if __name__ == "__main__":
    sys.exit(main())
