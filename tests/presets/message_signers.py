"""Signs requests by the package http-message-signatures.

Each line of standard input is a JSON object with the algorithm, the key in hex, what is signed and how;
each line of output is the list of the two fields, or a text that says why the package refused.
"""

import json
import sys
from datetime import datetime, timezone
from functools import cache

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    MappingKeyResolver,
    algorithms,
)

ALGORITHMS = {
    "hmac-sha256": algorithms.HMAC_SHA256,
    "ed25519": algorithms.ED25519,
    "ecdsa-p256-sha256": algorithms.ECDSA_P256_SHA256,
    "ecdsa-p384-sha384": algorithms.ECDSA_P384_SHA384,
    "rsa-pss-sha512": algorithms.RSA_PSS_SHA512,
    "rsa-v1_5-sha256": algorithms.RSA_V1_5_SHA256,
}


class Fields(dict):
    """Field lines, of which more than one may have the same name."""

    def __init__(self, pairs):
        super().__init__()
        self.pairs = pairs

    def items(self):
        return self.pairs + list(super().items())


class Message:
    def __init__(self, one):
        self.method, self.url = one["method"], one["url"]
        self.headers = Fields([tuple(pair) for pair in one["headers"]])


def moment(seconds):
    return seconds and datetime.fromtimestamp(seconds, timezone.utc)


@cache
def key_of(secret):
    """A secret, or a private key in PEM, of which loading one for RSA takes a tenth of a second."""
    secret = bytes.fromhex(secret)
    return load_pem_private_key(secret, password=None) if secret.startswith(b"-----") else secret


def sign(one):
    message = Message(one)
    key = key_of(one["secret"])
    public_key = key if isinstance(key, bytes) else None
    signer = HTTPMessageSigner(
        signature_algorithm=ALGORITHMS[one["algorithm"]],
        key_resolver=MappingKeyResolver(
            public_keys={one["keyid"]: public_key}, private_keys={one["keyid"]: key}
        ),
    )
    signer.sign(
        message,
        key_id=one["keyid"],
        created=moment(one["created"]),
        expires=moment(one.get("expires")),
        nonce=one.get("nonce"),
        tag=one.get("tag"),
        label=one["label"],
        include_alg=one["alg"],
        covered_component_ids=one["components"],
        # Node has made it.
        use_existing_digest=any(name.lower() == "content-digest" for name, _ in one["headers"]),
    )
    return [[name, message.headers[name]] for name in ("Signature-Input", "Signature")]


for line in sys.stdin:
    try:
        answer = sign(json.loads(line))
    except HTTPMessageSignaturesException as error:
        answer = str(error)
    print(json.dumps(answer), flush=True)
