"""Composes the cases of this folder and signs them with Python's hmac, at one fixed moment.

The core's tests read the outcome, resolved.json, which holds whole requests: they share nothing
with the code that decides about them. Run it after a change of a case; with --check it writes
nothing and fails if resolved.json is not what it would write. README.md describes the format.
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
OPTIONAL = {"body_hex", "sent_body", "levels"}
WIDTH = 110


def read_object(pairs: list) -> object:
    """An object of JSON, no name twice; {"repeat": "x", "times": 3} is the text "xxx"."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(f"a name stands twice among {[name for name, _ in pairs]}")
    return found["repeat"] * found["times"] if "repeat" in found else found


def read(file: pathlib.Path) -> dict:
    return json.loads(file.read_text(), object_pairs_hook=read_object)


def compose(*layers: dict) -> dict:
    """A case beside the defaults: each layer replaces what it names, and single header fields."""
    case, headers = {}, {}
    for layer in layers:
        case |= layer
        headers |= layer.get("headers", {})
    if unknown := case.keys() - layers[0].keys() - OPTIONAL:
        raise ValueError(f"no case has {sorted(unknown)}")
    return case | {"headers": headers}


def pairs(headers: dict) -> list:
    """Name and value of each field: none for null, several for a list."""
    found = []
    for name, values in headers.items():
        for value in values if isinstance(values, list) else [values]:
            if value is not None:
                found.append((name, value))
    return found


def tag(secret: str, message: bytes, algorithm: str = "sha256") -> bytes:
    return hmac.new(secret.encode(), message, algorithm).digest()


def body_of(case: dict) -> bytes:
    if "body_hex" in case:
        return bytes.fromhex(case["body_hex"])
    return (case["body"] or "").encode()


def other_digit(digit: str) -> str:
    return "0" if digit != "0" else "1"


def resolve(name: str, case: dict, secrets: dict, answers: dict) -> dict:
    seconds = str(NOW - case["age"])
    times = {
        "now": str(NOW),
        "seconds": seconds,
        "seconds_head": seconds[:5],
        "seconds_tail": seconds[5:],
        "seconds_nine": seconds[:9],
        "seconds_arabic": seconds.translate(ARABIC),
    }
    body = body_of(case)
    nonce = case["nonce"]
    timestamp = case["timestamp"].format(**times)
    signed = f"{timestamp}.{nonce}." if case["scheme"] == "x-hmac-nonce" else f"{timestamp}."
    message = signed.encode() + body
    secret = secrets[case["secret"]]
    signature = tag(secret, message).hex()
    sent = body
    if "sent_body" in case:
        sent = case["sent_body"].replace("{nonce}", nonce).replace("{body}", body.decode()).encode()
    sha512 = tag(secret, message, "sha512").hex()
    values = times | {
        "timestamp": timestamp,
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
    expect = case["expect"]
    return {
        "name": name,
        "method": case["method"],
        "target": case["target"],
        "headers": [[name, value.format(**values)] for name, value in pairs(case["headers"])],
        "body_hex": sent.hex(),
        "expect": {"code": expect["code"]} | answers[expect["code"]] | expect,
    }


def resolve_all() -> dict:
    defaults = read(FOLDER / "defaults.json")
    cases = {}
    for file in sorted(FOLDER.glob("*.json")):
        if file.name in ("defaults.json", "resolved.json"):
            continue
        family = read(file)
        if twice := cases.keys() & family["cases"].keys():
            raise ValueError(f"{file.name} has {sorted(twice)} again")
        for name, case in family["cases"].items():
            cases[name] = compose(defaults["request"], family.get("defaults", {}), case)
    secrets, answers = defaults["secrets"], defaults["answers"]
    return {
        "now": NOW,
        "policy": defaults["policy"],
        "secrets": secrets,
        "cases": [resolve(name, case, secrets, answers) for name, case in cases.items()],
    }


def shorten(text: str) -> object:
    """A long text that repeats one or two characters, as a case would write it."""
    for length in (1, 2) if len(text) > 100 else ():
        times = len(text) // length
        if text == text[:length] * times:
            return {"repeat": text[:length], "times": times}
    return text


def write(value: object, indent: int = 0) -> str:
    """JSON whose lists and objects stand on one line if they are short enough."""
    if isinstance(value, str):
        value = shorten(value)
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or indent + len(line) <= WIDTH:
        return line
    if isinstance(value, dict):
        opening, closing = "{}"
        items = [f"{json.dumps(name)}: {write(item, indent + 1)}" for name, item in value.items()]
    else:
        opening, closing = "[]"
        items = [write(item, indent + 1) for item in value]
    line = "\n" + " " * indent
    return f"{opening}{line} " + f",{line} ".join(items) + line + closing


def main() -> int:
    text = write(resolve_all()) + "\n"
    file = FOLDER / "resolved.json"
    if "--check" in sys.argv:
        current = file.exists() and file.read_text() == text
        print(f"{file.name}: {'current' if current else 'differs: run resolve.py'}")
        return 0 if current else 1
    file.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
