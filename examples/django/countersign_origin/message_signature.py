"""A seal that is an HTTP Message Signature (RFC 9421), in the one form that the gate gives it.

It covers method, host, path, query, the digest of the body (RFC 9530), and the fields in which the
gate says who sent the request.
"""

import base64
import binascii
import hashlib
import hmac
import re

from django.conf import settings
from django.http import HttpRequest

from .parts import InvalidSeal, Sealed, value

INPUT = "HTTP_SIGNATURE_INPUT"
SIGNATURE = "HTTP_SIGNATURE"
DIGEST = "HTTP_CONTENT_DIGEST"
GATE_FIELDS = ("request-id", "sender", "scheme")

COVERED = " ".join(
    f'"{name}"'
    for name in ("@method", "@authority", "@path", "@query", "content-digest")
    + tuple(f"countersign-{name}" for name in GATE_FIELDS)
)
INPUT_FORM = re.compile(
    rb"countersign=(\("
    + re.escape(COVERED).encode()
    + rb'\);created=([1-9][0-9]{9});keyid="[A-Za-z0-9._-]{1,64}";tag="countersign-seal")'
)
SIGNATURE_FORM = re.compile(rb"countersign=:([A-Za-z0-9+/]{43,88}={0,2}):")
IMPLIED_PORTS = {"http": ":80", "https": ":443"}


def read(request: HttpRequest) -> Sealed:
    """Return what the seal says and covers; raise `InvalidSeal` where it has not the form."""
    described, signature = value(request, INPUT), value(request, SIGNATURE)
    if not described or not signature:
        raise InvalidSeal("Missing seal")
    described, signature = (
        INPUT_FORM.fullmatch(described),
        SIGNATURE_FORM.fullmatch(signature),
    )
    if not described or not signature:
        raise InvalidSeal("Invalid seal")
    try:
        decoded = base64.b64decode(signature[1], validate=True)
    except binascii.Error:
        raise InvalidSeal("Invalid seal") from None
    return Sealed(
        int(described[2]), decoded, lambda: _signature_base(request, described[1])
    )


def _signature_base(request: HttpRequest, parameters: bytes) -> bytes:
    """Return what was signed (RFC 9421 section 2.5), once the body fits its digest."""
    digest = base64.b64encode(hashlib.sha256(request.body).digest())
    digest = b"sha-256=:" + digest + b":"
    if not hmac.compare_digest(digest, value(request, DIGEST)):
        raise InvalidSeal("Invalid seal")
    path, _, query = _target(request).partition("?")
    derived = {
        "@method": request.method,
        "@authority": _authority(request),
        "@path": path,
        "@query": f"?{query}",
    }
    lines = [
        f'"{name}": {text}'.encode("latin-1", "replace")
        for name, text in derived.items()
    ]
    lines.append(b'"content-digest": ' + digest)
    for name in GATE_FIELDS:
        field = value(request, f"HTTP_COUNTERSIGN_{name.replace('-', '_').upper()}")
        lines.append(f'"countersign-{name}": '.encode() + field)
    lines.append(b'"@signature-params": ' + parameters)
    return b"\n".join(lines)


def _authority(request: HttpRequest) -> str:
    """Return the host by which the gate calls this site (RFC 9421 section 2.2.3)."""
    fixed = getattr(settings, "COUNTERSIGN_AUTHORITY", None)
    host = fixed or request.get_host()
    return host.lower().removesuffix(IMPLIED_PORTS[request.scheme])


def _target(request: HttpRequest) -> str:
    """Return path and query as they were sent, as far as the server tells; else as Django writes them.

    No header can set these: a header's name begins with `HTTP_` here.
    """
    for name in ("RAW_URI", "REQUEST_URI"):  # gunicorn; uWSGI and mod_wsgi
        target = request.META.get(name, "")
        if target.startswith("/"):
            return target
    scope = getattr(request, "scope", {})  # ASGI
    if "raw_path" in scope:
        return b"?".join(
            filter(None, (scope["raw_path"], scope["query_string"]))
        ).decode("latin-1")
    return request.get_full_path()
