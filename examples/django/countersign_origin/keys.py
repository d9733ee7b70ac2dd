"""The keys that verify seals."""

import hashlib
import hmac
from collections.abc import Callable

from django.core.exceptions import ImproperlyConfigured

Verify = Callable[[bytes, bytes], bool]
"""Whether a signature, the first argument, was made over the bytes of the second."""

MIN_SECRET_BYTES = 32


def hmac_sha256(secret: str) -> Verify:
    """Return a shared secret's check; raise `ImproperlyConfigured` for one that is too short."""
    key = secret.encode()
    if len(key) < MIN_SECRET_BYTES:
        raise ImproperlyConfigured(
            f"COUNTERSIGN_SEAL_SECRETS: each needs {MIN_SECRET_BYTES} bytes or more"
        )

    def verify(signature: bytes, signed: bytes) -> bool:
        return hmac.compare_digest(
            signature, hmac.new(key, signed, hashlib.sha256).digest()
        )

    return verify


def ed25519(pem: str) -> Verify:
    """Return a public key's check; it needs the package `cryptography`."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem.encode())
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise ImproperlyConfigured(
            "COUNTERSIGN_SEAL_SECRETS: each must be an Ed25519 public key in PEM"
        )

    def verify(signature: bytes, signed: bytes) -> bool:
        try:
            key.verify(signature, signed)
        except InvalidSignature:
            return False
        return True

    return verify
