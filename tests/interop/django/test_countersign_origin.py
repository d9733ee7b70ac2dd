"""The package of `examples/django` by itself: what a seal may look like, and the settings."""

import hashlib
import hmac
import sys
import time
import unittest
from typing import Any
from unittest import mock

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from harness.run import main
from harness.stack import EXAMPLE

sys.path.insert(0, str(EXAMPLE))

SECRET = "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR"
OLD_SECRET = "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA"
OTHER_SECRET = "Zq3tB6yM9pL1sD4vG7kX0wC2nF5hJ8rE"
NOW = 1_760_000_000
BODY = b'{"text": "\x00\xff\xe9"}\r\n'
SENDER = "django-app"

settings.configure(
    COUNTERSIGN_SEAL_SECRETS=[SECRET, OLD_SECRET],
    REST_FRAMEWORK={"UNAUTHENTICATED_USER": None},
)
django.setup()  # before what reads the settings when it is imported

from countersign_origin.authentication import (
    SealAuthentication,
    Sender,
)
from countersign_origin.middleware import SealMiddleware
from countersign_origin.seal import InvalidSeal, Verifier
from rest_framework.permissions import IsAdminUser, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView


def seal(timestamp: str = str(NOW), secret: str = SECRET, body: bytes = BODY) -> str:
    """Return the signature over any text for a timestamp."""
    signed = timestamp.encode() + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def request(
    body: bytes = BODY, path: str = "/v1/infer", **changed: str | None
) -> HttpRequest:
    """Return a sealed request; a header given as None is left out, any other is replaced."""
    headers: dict[str, str | None] = {
        "HTTP_X_HMAC_SIGNATURE": seal(),
        "HTTP_X_HMAC_TIMESTAMP": str(NOW),
        "HTTP_COUNTERSIGN_SENDER": SENDER,
    }
    headers.update(changed)
    kept = {name: value for name, value in headers.items() if value is not None}
    return RequestFactory().post(path, body, content_type="application/json", **kept)


class AtOneMoment(unittest.TestCase):
    """Stops the clock."""

    def setUp(self) -> None:
        clock = mock.patch.object(time, "time", return_value=NOW + 0.9)
        clock.start()
        self.addCleanup(clock.stop)


class Seals(AtOneMoment):
    """What `Verifier` takes and what it refuses."""

    def verify(self, taken: HttpRequest) -> str:
        return Verifier.from_settings().verify(taken)

    def refuse(self, reason: str, **changed: Any) -> None:
        with self.assertRaises(InvalidSeal, msg=str(changed)) as caught:
            self.verify(request(**changed))
        self.assertEqual(str(caught.exception), reason)

    def test_each_secret_will_do(self) -> None:
        self.assertEqual(self.verify(request()), SENDER)
        old = request(HTTP_X_HMAC_SIGNATURE=seal(secret=OLD_SECRET))
        self.assertEqual(self.verify(old), SENDER)
        self.refuse("Invalid seal", HTTP_X_HMAC_SIGNATURE=seal(secret=OTHER_SECRET))

    def test_every_secret_is_tried(self) -> None:
        compare = mock.Mock(wraps=hmac.compare_digest)
        with mock.patch.object(hmac, "compare_digest", compare):
            self.verify(request())
        self.assertEqual(compare.call_count, 2)
        self.assertTrue(all(type(value) is bytes for value in compare.call_args.args))

    def test_the_raw_body_is_sealed(self) -> None:
        self.refuse("Invalid seal", body=BODY + b"\n")
        self.refuse("Invalid seal", body=b"")
        empty = request(body=b"", HTTP_X_HMAC_SIGNATURE=seal(body=b""))
        self.assertEqual(self.verify(empty), SENDER)

    def test_missing(self) -> None:
        for name in ("HTTP_X_HMAC_SIGNATURE", "HTTP_X_HMAC_TIMESTAMP"):
            for value in (None, ""):
                self.refuse("Missing seal", **{name: value})

    def test_the_window_has_two_sides(self) -> None:
        for offset in (-60, 60):
            timestamp = str(NOW + offset)
            taken = request(
                HTTP_X_HMAC_TIMESTAMP=timestamp, HTTP_X_HMAC_SIGNATURE=seal(timestamp)
            )
            self.assertEqual(self.verify(taken), SENDER)
        for offset in (-61, 61, -86_400, 86_400):
            timestamp = str(NOW + offset)
            self.refuse(
                "Seal outside its window",
                HTTP_X_HMAC_TIMESTAMP=timestamp,
                HTTP_X_HMAC_SIGNATURE=seal(timestamp),
            )

    def test_a_timestamp_is_ten_ascii_digits(self) -> None:
        arabic = "".join(chr(0x660 + int(digit)) for digit in str(NOW))
        for timestamp in (
            f"+{NOW}",
            f" {NOW}",
            f"{NOW}\n",
            f"0{NOW}",
            f"{NOW}000",
            f"{NOW}.0",
            "1_760_000_000",
            "176000000",
            arabic,
            f"{NOW},{NOW}",
            "soon",
        ):
            self.refuse(
                "Invalid timestamp of the seal",
                HTTP_X_HMAC_TIMESTAMP=timestamp,
                HTTP_X_HMAC_SIGNATURE=seal(timestamp),
            )

    def test_a_signature_is_64_digits(self) -> None:
        good = seal()
        for signature in (
            good[:-1],
            good + "0",
            good.upper(),
            f"sha256={good}",
            f"{good},{good}",
            f" {good[:-1]}",
            f"{good}\n",
            "é" * 64,
            "\N{OWL}" * 64,
        ):
            self.refuse("Invalid seal", HTTP_X_HMAC_SIGNATURE=signature)

    def test_the_sender_is_named_once(self) -> None:
        for name in (None, "", "a,b", "a b", "é", "a" * 65, "a\n"):
            self.refuse("No verified sender", HTTP_COUNTERSIGN_SENDER=name)


class Settings(unittest.TestCase):
    """Settings that would let too much through stop the site."""

    def test_refused(self) -> None:
        for name, values in {
            "COUNTERSIGN_SEAL_SECRETS": (
                None,
                [],
                "",
                SECRET,
                [None],
                [SECRET, SECRET[1:]],
                {},
            ),
            "COUNTERSIGN_TOLERANCE": (None, 0, -1, True, 60.5, "60"),
            "COUNTERSIGN_PUBLIC_PATHS": ("/healthz",),
        }.items():
            for value in values:
                with (
                    self.subTest(name, value=value),
                    override_settings(**{name: value}),
                    self.assertRaises(ImproperlyConfigured) as caught,
                ):
                    SealMiddleware(HttpResponse)
                self.assertIn(name, str(caught.exception))
                self.assertNotIn(SECRET[1:], str(caught.exception))

    def test_the_secrets_may_not_be_left_out(self) -> None:
        with override_settings():
            del settings.COUNTERSIGN_SEAL_SECRETS
            with self.assertRaises(ImproperlyConfigured):
                SealAuthentication().authenticate(request())


class Middleware(AtOneMoment):
    """What `SealMiddleware` lets through to the site."""

    def ask(self, asked: HttpRequest) -> tuple[int, list[HttpRequest]]:
        reached: list[HttpRequest] = []

        def site(passed: HttpRequest) -> HttpResponse:
            reached.append(passed)
            return HttpResponse()

        with override_settings(COUNTERSIGN_PUBLIC_PATHS=["/healthz"]):
            return SealMiddleware(site)(asked).status_code, reached

    def test_sealed(self) -> None:
        status, (reached,) = self.ask(request())
        self.assertEqual((status, reached.countersign_sender), (200, SENDER))
        self.assertEqual(reached.body, BODY)

    def test_not_sealed(self) -> None:
        for path in ("/v1/infer", "/healthz/", "/healthz/x", "/HEALTHZ", "//healthz"):
            asked = request(path=path, HTTP_X_HMAC_SIGNATURE="0" * 64)
            self.assertEqual(self.ask(asked), (401, []), path)

    def test_a_public_path_names_nobody(self) -> None:
        asked = request(path="/healthz", HTTP_COUNTERSIGN_SCHEME="x-hmac")
        status, (reached,) = self.ask(asked)
        self.assertEqual((status, reached.countersign_sender), (200, None))
        self.assertEqual([name for name in reached.META if "COUNTERSIGN" in name], [])


class Authentication(AtOneMoment):
    """What DRF makes of `SealAuthentication`."""

    def ask(self, asked: HttpRequest, permission: type) -> tuple[Response, list[Any]]:
        ran: list[Any] = []

        class View(APIView):
            authentication_classes = (SealAuthentication,)
            permission_classes = (permission,)

            def post(self, passed: Any) -> Response:
                ran.append((passed.user, passed.auth))
                return Response()

        return View.as_view()(asked), ran

    def test_sealed(self) -> None:
        answer, ran = self.ask(request(), IsAuthenticated)
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(ran, [(Sender(SENDER), SENDER)])

    def test_not_sealed(self) -> None:
        answer, ran = self.ask(request(HTTP_X_HMAC_SIGNATURE=None), IsAuthenticated)
        self.assertEqual((answer.status_code, ran), (401, []))
        self.assertEqual(answer["WWW-Authenticate"], 'Countersign scheme="x-hmac"')
        self.assertEqual(answer.data, {"detail": "Missing seal"})

    def test_a_sender_is_no_user_of_the_site(self) -> None:
        answer, ran = self.ask(request(), IsAdminUser)
        self.assertEqual((answer.status_code, ran), (403, []))
        sender = Sender(SENDER)
        self.assertEqual((sender.pk, str(sender)), (SENDER, SENDER))
        self.assertFalse(sender.has_perm("app.view") or sender.has_perms(["app.view"]))
        self.assertFalse(sender.is_superuser or sender.is_anonymous)


if __name__ == "__main__":
    sys.exit(main())
