"""A real Django sender, the gate, and a real DRF origin, talking over loopback.

Run it with `python test_interop.py`; README.md has the rest.
"""

import json
import sys
import time
import unittest
from collections.abc import Mapping, Sequence
from typing import Any

from harness import wire
from harness.journal import Received
from harness.run import main
from harness.stack import (
    HEALTH_PATH,
    INFER_PATH,
    MOVED_PATH,
    OTHER_SENDER_ID,
    SCHEME,
    SENDER_ID,
    TOKEN_PATH,
    TOLERANCE_SECONDS,
    Stack,
)

SIGNATURE = "X-HMAC-Signature"
TIMESTAMP = "X-HMAC-Timestamp"
JSON_TYPE = ("Content-Type", "application/json")
PROBLEM_TYPE = "application/problem+json"
PROBLEM_FIELDS = {"type", "title", "status", "detail", "code", "request_id"}

MISSING = "Missing HMAC headers"
BAD_TIMESTAMP = "Invalid timestamp"
TOO_OLD = "Request timestamp too old"
BAD_SIGNATURE = "Invalid HMAC signature"

QUESTION = "Where is the countersign?"
PAYLOAD = {"text": QUESTION, "user_id": 7}
ACTIVE_TOKEN = "active-token"
FORGED = "forged-by-the-client"
HOUR = 3600
# A clock tick between signing and verifying makes a future timestamp one less
# far away, so the nearest one that is surely refused is a second past the edge.
JUST_TOO_FUTURE = TOLERANCE_SECONDS + 2
INSIDE_WINDOW = TOLERANCE_SECONDS - 10
EARLY_FRACTION = 0.3
CLOCK_DIFFERENCE = 5

stack = Stack()


def setUpModule() -> None:
    """Start everything once; unittest stops it again, also after a failure."""
    unittest.enterModuleContext(stack)


def now(offset: int = 0) -> str:
    """Return a timestamp so many seconds from now."""
    return str(int(time.time()) + offset)


def wait_for_early_second() -> None:
    """Return in the first part of a second, so that a request after it is in the same one."""
    fraction = time.time() % 1
    if fraction > EARLY_FRACTION:
        time.sleep(1 - fraction)


def signed_headers(body: bytes, timestamp: str, secret: str) -> list[wire.Header]:
    """Return what a correct sender that holds this secret would send."""
    return [
        JSON_TYPE,
        (SIGNATURE, wire.signature(secret, timestamp, body)),
        (TIMESTAMP, timestamp),
    ]


def replaced(
    headers: Sequence[wire.Header], name: str, value: str
) -> list[wire.Header]:
    """Return the headers with one value exchanged."""
    return [(key, value if key == name else old) for key, old in headers]


def without(headers: Sequence[wire.Header], *names: str) -> list[wire.Header]:
    """Return the headers less those named."""
    return [header for header in headers if header[0] not in names]


class InteropCase(unittest.TestCase):
    """Knows what had reached the origin when the test began."""

    def setUp(self) -> None:
        self.arrived_before = stack.journal.count()

    def arrived(self) -> list[Received]:
        """Return what has reached the origin in this test."""
        return stack.journal.since(self.arrived_before)

    def only_arrival(self) -> Received:
        """Return the one request of this test that reached the origin."""
        arrivals = self.arrived()
        self.assertEqual(len(arrivals), 1, arrivals)
        return arrivals[0]

    def call_sender(self, path: str, content: Mapping[str, Any]) -> wire.Answer:
        """Ask the Django sender, as one of its own callers."""
        body = json.dumps(content).encode()
        return wire.send(stack.sender.url, "POST", path, [JSON_TYPE], body)

    def post_signed(
        self, body: bytes, target: str = INFER_PATH, extra: Sequence[wire.Header] = ()
    ) -> wire.Answer:
        """Post a correctly signed request straight to the gate."""
        headers = [*signed_headers(body, now(), stack.secret), *extra]
        return wire.send(stack.gate.url, "POST", target, headers, body)

    def assert_vouched_for(self, received: Received) -> None:
        """Check that what arrived is signed, and says who was verified and how."""
        timestamp = received.header(TIMESTAMP)
        self.assertIsNotNone(timestamp)
        self.assertEqual(
            received.header(SIGNATURE),
            wire.signature(stack.secret, str(timestamp), received.body),
        )
        self.assertEqual(received.header("Countersign-Sender"), SENDER_ID)
        self.assertEqual(received.header("Countersign-Scheme"), SCHEME)
        self.assertTrue(received.header("Countersign-Request-Id"))


class SignedBySender(InteropCase):
    """What the Django sender signs passes the gate and arrives unchanged."""

    def test_inference_call(self) -> None:
        answer = self.call_sender("/infer", PAYLOAD)
        self.assertEqual(answer.status, 200, answer.text())
        self.assertEqual(answer.json(), {"answer": QUESTION[::-1], "sender": SENDER_ID})
        received = self.only_arrival()
        self.assertEqual((received.method, received.target), ("POST", INFER_PATH))
        self.assertEqual(received.body, wire.canonical_json(PAYLOAD))
        self.assertEqual(
            received.body, b'{"text":"Where is the countersign?","user_id":7}'
        )
        self.assertEqual(dict(received.headers)["CONTENT_TYPE"], "application/json")
        self.assert_vouched_for(received)

    def test_unicode_text(self) -> None:
        text = "Déjà vu, señor — 合言葉 \N{OWL}"
        answer = self.call_sender("/infer", {"text": text, "user_id": None})
        self.assertEqual(answer.status, 200, answer.text())
        self.assertEqual(answer.json()["answer"], text[::-1])
        received = self.only_arrival()
        self.assertEqual(
            received.body,
            rb'{"text":"D\u00e9j\u00e0 vu, se\u00f1or \u2014 \u5408\u8a00\u8449 \ud83e\udd89",'
            rb'"user_id":null}',
        )
        self.assert_vouched_for(received)

    def test_token_check_at_the_authentication_server(self) -> None:
        answer = self.call_sender("/tokens/verify", {"token": ACTIVE_TOKEN})
        self.assertEqual(answer.status, 200, answer.text())
        self.assertEqual(
            answer.json(), {"active": True, "context": {}, "sender": SENDER_ID}
        )
        received = self.only_arrival()
        self.assertEqual((received.method, received.target), ("POST", TOKEN_PATH))
        self.assertEqual(received.body, b'{"context":{},"token":"active-token"}')
        self.assert_vouched_for(received)

    def test_nested_payload(self) -> None:
        context = {
            "zone": {
                "été": [1, 2.5, True, None],
                "a": {"b": {"c": "\N{PARTY POPPER}"}},
            },
            "Scopes": ["write", "read"],
            "quote": 'a "b" \\ c\n/',
        }
        answer = self.call_sender(
            "/tokens/verify", {"token": "unknown", "context": context}
        )
        self.assertEqual(answer.status, 200, answer.text())
        self.assertEqual(
            answer.json(), {"active": False, "context": context, "sender": SENDER_ID}
        )
        received = self.only_arrival()
        self.assertEqual(
            received.body, wire.canonical_json({"token": "unknown", "context": context})
        )
        self.assert_vouched_for(received)

    def test_every_request_gets_an_id_of_its_own(self) -> None:
        calls = 10
        for _ in range(calls):
            self.assertEqual(self.call_sender("/infer", PAYLOAD).status, 200)
        ids = {received.header("Countersign-Request-Id") for received in self.arrived()}
        self.assertEqual(len(ids), calls, ids)

    def test_wrong_key_is_a_502_that_tells_little(self) -> None:
        answer = wire.send(
            stack.sender_with_wrong_key.url,
            "POST",
            "/infer",
            [JSON_TYPE],
            wire.canonical_json(PAYLOAD),
        )
        self.assertEqual(answer.status, 502)
        self.assertEqual(
            answer.json(), {"detail": "AI server error", "upstream_status": 401}
        )
        self.assertEqual(self.arrived(), [])


class SignedDirectly(InteropCase):
    """Correctly signed requests of a client that is not Django."""

    def test_bytes_that_are_no_text_arrive_unchanged(self) -> None:
        body = b'{"text": "\x00\xff\xfe \xe9"}\r\n'
        answer = self.post_signed(body)
        self.assertEqual(answer.status, 400, answer.text())
        self.assertIn("JSON parse error", answer.json()["detail"])
        self.assertEqual(self.only_arrival().body, body)

    def test_query_arrives_unchanged(self) -> None:
        target = f"{INFER_PATH}?b=%2Fx%20y&a=1&a=&c"
        self.assertEqual(
            self.post_signed(wire.canonical_json(PAYLOAD), target).status, 200
        )
        self.assertEqual(self.only_arrival().target, target)

    def test_clocks_may_differ_within_the_window(self) -> None:
        body = wire.canonical_json(PAYLOAD)
        for offset in (-INSIDE_WINDOW, INSIDE_WINDOW):
            headers = signed_headers(body, now(offset), stack.secret)
            answer = wire.send(stack.gate.url, "POST", INFER_PATH, headers, body)
            self.assertEqual(answer.status, 200, f"{offset} s: {answer.text()}")

    def test_forged_identity_is_replaced(self) -> None:
        forged = [
            ("Countersign-Sender", FORGED),
            ("countersign-sender", FORGED),
            ("Countersign_Sender", FORGED),
            ("COUNTERSIGN-SCHEME", FORGED),
            ("Countersign_Request-Id", FORGED),
            ("Countersign-Request-Id", FORGED),
            ("Countersign-Anything", FORGED),
            ("Connection", "Countersign-Sender"),
        ]
        answer = self.post_signed(wire.canonical_json(PAYLOAD), extra=forged)
        self.assertEqual(answer.status, 200, answer.text())
        self.assertEqual(answer.json()["sender"], SENDER_ID)
        received = self.only_arrival()
        self.assert_vouched_for(received)
        self.assertNotIn(FORGED, str(received.headers))

    def test_forged_identity_is_stripped_on_a_public_route(self) -> None:
        forged = [("Countersign-Sender", FORGED), ("Countersign_Sender", FORGED)]
        answer = wire.send(stack.gate.url, "GET", HEALTH_PATH, forged)
        self.assertEqual(answer.status, 200, answer.text())
        received = self.only_arrival()
        self.assertNotIn("HTTP_COUNTERSIGN_SENDER", received.header_names())
        self.assertNotIn(FORGED, str(received.headers))


class OriginAnswers(InteropCase):
    """What the DRF origin answers comes back as it is, whatever it is."""

    def test_validation_error(self) -> None:
        answer = self.post_signed(wire.canonical_json({"user_id": "seven"}))
        self.assertEqual(answer.status, 400)
        self.assertEqual(answer.header("Content-Type"), "application/json")
        self.assertEqual(
            answer.json(),
            {
                "text": ["This field is required."],
                "user_id": ["A valid integer is required."],
            },
        )

    def test_server_error_and_its_headers(self) -> None:
        answer = self.post_signed(wire.canonical_json({**PAYLOAD, "model": "large"}))
        self.assertEqual(answer.status, 503)
        self.assertEqual(answer.header("Retry-After"), "7")
        self.assertEqual(answer.body, b'{"detail":"The model is overloaded"}')

    def test_redirect_is_handed_back_and_not_followed(self) -> None:
        answer = self.post_signed(wire.canonical_json(PAYLOAD), MOVED_PATH)
        self.assertEqual(answer.status, 307)
        self.assertEqual(answer.header("Location"), INFER_PATH)
        self.assertEqual(self.only_arrival().path, MOVED_PATH)

    def test_unverified_sender_is_refused_by_the_origin_too(self) -> None:
        body = wire.canonical_json(PAYLOAD)
        headers = signed_headers(body, now(), stack.secret)
        answer = wire.send(stack.origin.url, "POST", INFER_PATH, headers, body)
        self.assertEqual(answer.status, 401)
        self.assertEqual(answer.json(), {"detail": "No verified sender"})


class Refusals(InteropCase):
    """Forged requests end at the gate, each with its own answer."""

    body = wire.canonical_json(PAYLOAD)

    def refuse(
        self,
        headers: Sequence[wire.Header],
        status: int,
        code: str,
        *,
        body: bytes = body,
        method: str = "POST",
        target: str = INFER_PATH,
    ) -> tuple[wire.Answer, dict[str, Any]]:
        """Send it, check all that every refusal has in common, return the problem."""
        answer = wire.send(stack.gate.url, method, target, headers, body)
        shown = f"{method} {target} {headers} {body!r}\n{answer.text()}"
        self.assertEqual(answer.status, status, shown)
        self.assertEqual(answer.header("Content-Type"), PROBLEM_TYPE, shown)
        problem = answer.json()
        self.assertLessEqual(PROBLEM_FIELDS, problem.keys())
        self.assertEqual((problem["status"], problem["code"]), (status, code), shown)
        self.assertTrue(problem["type"].startswith("urn:"), problem["type"])
        self.assertTrue(problem["request_id"])
        self.assertEqual("server_time" in problem, code == "stale_timestamp")
        self.assert_nothing_leaks(answer, headers, body)
        self.assertEqual(self.arrived(), [], "a refused request reached the origin")
        return answer, problem

    def assert_nothing_leaks(
        self, answer: wire.Answer, headers: Sequence[wire.Header], body: bytes
    ) -> None:
        """No secret, and no signature that would have been the right one."""
        seen = answer.text().lower()
        for secret in (stack.secret, stack.other_sender_secret, stack.wrong_secret):
            self.assertNotIn(secret, seen)
            for timestamp in (value for name, value in headers if name == TIMESTAMP):
                self.assertNotIn(wire.signature(secret, timestamp, body), seen)

    def signed(self, timestamp: str | None = None) -> list[wire.Header]:
        """Return correct headers for `body`, to be spoilt by the test."""
        return signed_headers(self.body, timestamp or now(), stack.secret)

    def refuse_signature(
        self,
        headers: Sequence[wire.Header],
        body: bytes = body,
        target: str = INFER_PATH,
    ) -> dict[str, Any]:
        """Check that this is refused for its signature."""
        _, problem = self.refuse(
            headers, 401, "invalid_signature", body=body, target=target
        )
        self.assertEqual(problem["detail"], BAD_SIGNATURE)
        return problem

    def refuse_missing(self, headers: Sequence[wire.Header]) -> None:
        """Check that this is refused for what it lacks."""
        answer, problem = self.refuse(headers, 401, "missing_signature")
        self.assertEqual(problem["detail"], MISSING)
        self.assertTrue(answer.header("WWW-Authenticate"))

    def refuse_stale(self, offset: int) -> None:
        """Check that a timestamp so far from now is refused, with the gate's own time."""
        _, problem = self.refuse(self.signed(now(offset)), 401, "stale_timestamp")
        self.assertEqual(problem["detail"], TOO_OLD)
        self.assertIsInstance(problem["server_time"], int)
        self.assertLess(abs(problem["server_time"] - time.time()), CLOCK_DIFFERENCE)

    def test_body_altered_by_one_byte(self) -> None:
        altered = self.body.replace(b"7", b"8")
        self.assertEqual(len(altered), len(self.body))
        self.refuse_signature(self.signed(), altered)

    def test_body_with_a_byte_more(self) -> None:
        self.refuse_signature(self.signed(), self.body + b"\n")

    def test_signature_altered(self) -> None:
        headers = self.signed()
        good = dict(headers)[SIGNATURE]
        altered = good[:-1] + ("0" if good[-1] != "0" else "1")
        self.refuse_signature(replaced(headers, SIGNATURE, altered))

    def test_signature_malformed(self) -> None:
        headers = self.signed()
        good = dict(headers)[SIGNATURE]
        for malformed in (good[:-1], good + "0", "z" * len(good), f"sha256={good}"):
            self.refuse_signature(replaced(headers, SIGNATURE, malformed))

    def test_signature_sent_twice(self) -> None:
        headers = self.signed()
        self.refuse_signature([*headers, (SIGNATURE, dict(headers)[SIGNATURE])])

    def test_timestamp_other_than_the_signed_one(self) -> None:
        self.refuse_signature(replaced(self.signed(now(-1)), TIMESTAMP, now()))

    def test_wrong_key(self) -> None:
        self.refuse_signature(signed_headers(self.body, now(), stack.wrong_secret))

    def test_key_of_a_sender_the_route_does_not_name(self) -> None:
        headers = signed_headers(self.body, now(), stack.other_sender_secret)
        problem = self.refuse_signature(headers, target=TOKEN_PATH)
        self.assertNotIn(OTHER_SENDER_ID, str(problem))

    def test_bad_signatures_all_get_one_answer(self) -> None:
        good = dict(self.signed())[SIGNATURE]
        problems = [
            self.refuse_signature(signed_headers(self.body, now(), stack.wrong_secret)),
            self.refuse_signature(self.signed(), self.body + b" "),
            self.refuse_signature(replaced(self.signed(), SIGNATURE, "not hex")),
            self.refuse_signature([*self.signed(), (SIGNATURE, good)]),
        ]
        ids = {problem.pop("request_id") for problem in problems}
        self.assertEqual(len(ids), len(problems))
        self.assertEqual(problems, [problems[0]] * len(problems))

    def test_unsigned(self) -> None:
        self.refuse_missing([JSON_TYPE])

    def test_signature_header_missing(self) -> None:
        self.refuse_missing(without(self.signed(), SIGNATURE))

    def test_timestamp_header_missing(self) -> None:
        self.refuse_missing(without(self.signed(), TIMESTAMP))

    def test_header_empty(self) -> None:
        self.refuse_missing(replaced(self.signed(), SIGNATURE, ""))
        self.refuse_missing(replaced(self.signed(), TIMESTAMP, ""))

    def test_stale(self) -> None:
        self.refuse_stale(-TOLERANCE_SECONDS - 1)

    def test_very_stale(self) -> None:
        self.refuse_stale(-HOUR)

    def test_future(self) -> None:
        wait_for_early_second()
        self.refuse_stale(JUST_TOO_FUTURE)

    def test_far_future(self) -> None:
        self.refuse_stale(HOUR)

    def test_timestamp_in_milliseconds(self) -> None:
        answer, problem = self.refuse(
            self.signed(now() + "000"), 401, "invalid_timestamp"
        )
        self.assertTrue(problem["detail"].startswith(BAD_TIMESTAMP), problem["detail"])
        self.assertIn("millisecond", answer.text().lower())

    def test_timestamp_malformed(self) -> None:
        for timestamp in ("soon", "+" + now(), now() + ".0", "0" + now(), now()[:-1]):
            _, problem = self.refuse(self.signed(timestamp), 401, "invalid_timestamp")
            self.assertEqual(problem["detail"], BAD_TIMESTAMP, timestamp)

    def test_wrong_path(self) -> None:
        for target in ("/", "/v1", "/v1/infer/", "/v1/inferx", "/v1/infer/x", "/admin"):
            self.refuse(self.signed(), 404, "no_route", target=target)

    def test_wrong_method(self) -> None:
        for method in ("PUT", "DELETE", "GET"):
            body = b"" if method == "GET" else self.body
            headers = signed_headers(body, now(), stack.secret)
            answer, _ = self.refuse(
                headers, 405, "method_not_allowed", body=body, method=method
            )
            self.assertEqual(answer.header("Allow"), "POST")


class OriginOutage(InteropCase):
    """The origin goes away and comes back."""

    def test_unreachable_origin_and_recovery(self) -> None:
        body = wire.canonical_json(PAYLOAD)
        stack.stop_origin()
        try:
            answer = self.post_signed(body)
            self.assertEqual(answer.status, 502, answer.text())
            self.assertEqual(answer.header("Content-Type"), PROBLEM_TYPE)
            self.assertEqual(answer.json()["code"], "origin_unreachable")

            answer = self.call_sender("/infer", PAYLOAD)
            self.assertEqual(answer.status, 502)
            self.assertEqual(
                answer.json(), {"detail": "AI server error", "upstream_status": 502}
            )
            self.assertEqual(self.arrived(), [])
        finally:
            stack.restart_origin()

        answer = self.post_signed(body)
        if (
            answer.status == 502
        ):  # the gate may have held a connection to the old process
            answer = self.post_signed(body)
        self.assertEqual(answer.status, 200, answer.text())


if __name__ == "__main__":
    sys.exit(main())
