"""Fills in the templates of requests.json with Python's hmac, at one fixed moment.

The core's tests read the outcome, resolved.json, which holds whole requests: they share nothing
with the code that decides about them. Run it after a change of requests.json; with --check it
writes nothing and fails where resolved.json is not what it would write.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).parent
NOW = 1_760_000_000
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def tag(secret: str, message: bytes, algorithm: str = "sha256") -> bytes:
    return hmac.new(secret.encode(), message, algorithm).digest()


def body_of(case: dict) -> bytes:
    if "body_hex" in case:
        return bytes.fromhex(case["body_hex"])
    return (case.get("body") or "").encode()


def other_digit(digit: str) -> str:
    return "0" if digit != "0" else "1"


def resolve(case: dict, secrets: dict) -> dict:
    sign = case["sign"]
    timestamp = str(NOW - sign["age"])
    stamps = {
        "now": str(NOW),
        "timestamp": timestamp,
        "timestamp_head": timestamp[:5],
        "timestamp_tail": timestamp[5:],
        "timestamp_nine": timestamp[:9],
        "timestamp_arabic": timestamp.translate(ARABIC),
    }
    body = body_of(case)
    nonce = sign.get("nonce", "b2Nlbm5vbmNlbm9uY2U1_-")
    text = sign.get("text", "{timestamp}").format(**stamps)
    signed = f"{text}.{nonce}." if sign["scheme"] == "x-hmac-nonce" else f"{text}."
    message = signed.encode() + body
    secret = secrets[sign["secret"]]
    signature = tag(secret, message).hex()
    sent = body
    if "sent_body" in case:
        sent = case["sent_body"].replace("{nonce}", nonce).replace("{body}", body.decode()).encode()
    sha512 = tag(secret, message, "sha512").hex()
    values = stamps | {
        "nonce": nonce,
        "signature": signature,
        "signature_upper": signature.upper(),
        "signature_63": signature[:63],
        "signature_base64": base64.b64encode(bytes.fromhex(signature)).decode(),
        "signature_first_digit_changed": other_digit(signature[0]) + signature[1:],
        "signature_last_digit_changed": signature[:-1] + other_digit(signature[-1]),
        "sha1": tag(secret, message, "sha1").hex(),
        "sha512": sha512,
        "sha512_head": sha512[:64],
        "plain_hash": hashlib.sha256(secret.encode() + message).hexdigest(),
        "sent_sha256_base64": base64.b64encode(hashlib.sha256(sent).digest()).decode(),
    }
    return {
        "name": case["name"],
        "method": case["method"],
        "target": case["target"],
        "headers": [[name, value.format(**values)] for name, value in case["headers"]],
        "body_hex": sent.hex(),
        "expect": case["expect"] | {key: case[key] for key in ("reason", "allow") if key in case},
    }


def main() -> int:
    source = json.loads((FOLDER / "requests.json").read_text())
    resolved = {
        "now": NOW,
        "policy": source["policy"],
        "secrets": source["secrets"],
        "cases": [resolve(case, source["secrets"]) for case in source["cases"]],
    }
    text = json.dumps(resolved, indent=1, ensure_ascii=False) + "\n"
    file = FOLDER / "resolved.json"
    if "--check" in sys.argv:
        current = file.exists() and file.read_text() == text
        print(f"{file.name}: {'current' if current else 'differs: run resolve.py'}")
        return 0 if current else 1
    file.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
