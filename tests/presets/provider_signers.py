"""Signs webhooks as the providers' texts describe it, with Python's standard library alone.

It shares nothing with the code under test. Each line of standard input is a JSON object with the
preset, the secret, the second `at`, the body in hex, the target, URL and id; each line of output is
the request's fields, body and target.
"""

import base64
import hashlib
import hmac
import json
import sys
from datetime import datetime, timezone
from urllib.parse import parse_qsl, quote


def mac(secret, message, hash_name="sha256"):
    return hmac.new(secret.encode(), message, hash_name)


def hex_of(*arguments):
    return mac(*arguments).hexdigest()


def base64_of(*arguments):
    return base64.b64encode(mac(*arguments).digest()).decode()


def rfc3339(second):
    return datetime.fromtimestamp(second, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def in_hex(field, prefix="", hash_name="sha256"):
    """The body alone, in hexadecimal."""
    return lambda one: {field: prefix + hex_of(one["secret"], one["body"], hash_name)}


def in_base64(field, prefix="", hash_name="sha256"):
    """The body alone, in base64."""
    return lambda one: {field: prefix + base64_of(one["secret"], one["body"], hash_name)}


def version_zero(signature_field, time_field, prefix):
    """Slack's form, which others took over: `v0:time:body`."""

    def sign(one):
        message = b":".join([b"v0", b"%d" % one["at"], one["body"]])
        return {signature_field: prefix + hex_of(one["secret"], message), time_field: str(one["at"])}

    return sign


def time_and_versions(field):
    """Stripe's form, which others took over: `t=time,v1=signature`."""

    def sign(one):
        signature = hex_of(one["secret"], b"%d.%b" % (one["at"], one["body"]))
        return {field: f"t={one['at']},v1={signature}"}

    return sign


def box(one):
    time = rfc3339(one["at"])
    return {
        "BOX-DELIVERY-ID": "f96bb54b-ee16-4fc5-aa65-8c2d9e5b546f",
        "BOX-DELIVERY-TIMESTAMP": time,
        "BOX-SIGNATURE-VERSION": "1",
        "BOX-SIGNATURE-ALGORITHM": "HmacSHA256",
        "BOX-SIGNATURE-PRIMARY": base64_of(one["secret"], one["body"] + time.encode()),
    }


def cloudflare_token(one):
    """What stands before the token and the time; neither the separator nor the name between them."""
    token = base64_of(one["secret"], f"{one['target']}{one['at']}".encode())
    mark = "&" if "?" in one["target"] else "?"
    one["target"] += f"{mark}verify={one['at']}-{quote(token, safe='')}"
    return {}


def signed_query(name, write):
    """A query with the time, and the signature behind it."""

    def sign(one):
        one["target"] += f"&timestamp={one['at']}"
        pairs = parse_qsl(one["target"].partition("?")[2], keep_blank_values=True)
        one["target"] += f"&{name}={hex_of(one['secret'], write(pairs).encode())}"
        return {}

    return sign


def shopify_link(pairs):
    """The parameters in order, escaped as a form with %20 for a space."""

    def escaped(text):
        return quote(text, safe="*").replace("~", "%7E")

    return "&".join(f"{escaped(name)}={escaped(value)}" for name, value in sorted(pairs))


def shopify_link_of_python(pairs):
    """The same as Shopify's library for Python has it: lists in JSON, and hardly an escape."""
    values = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)

    def written(name):
        value = values[name][0]
        if name.endswith("[]"):
            name, value = name[:-2], json.dumps(values[name])
        name = name.replace("%", "%25").replace("=", "%3D")
        return f"{name}={value.replace('%', '%25')}".replace("&", "%26")

    return "&".join(sorted(map(written, values)))


def shopify_proxy(pairs):
    """The parameters in order with nothing between, the values of one name joined with commas."""
    values = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return "".join(f"{name}={','.join(values[name])}" for name in sorted(values))


def mailgun(one):
    """The event is only put beside what is signed."""
    time, token = str(one["at"]), one["id"]
    signature = hex_of(one["secret"], (time + token).encode())
    document = {
        "signature": {"timestamp": time, "token": token, "signature": signature},
        "event-data": json.loads(one["body"]),
    }
    one["body"] = json.dumps(document).encode()
    return {}


def paddle(one):
    signature = hex_of(one["secret"], str(one["at"]).encode() + b":" + one["body"])
    return {"Paddle-Signature": f"ts={one['at']};h1={signature}"}


def zendesk(one):
    time = rfc3339(one["at"])
    return {
        "X-Zendesk-Webhook-Signature": base64_of(one["secret"], time.encode() + one["body"]),
        "X-Zendesk-Webhook-Signature-Timestamp": time,
    }


def x_hmac(one):
    return {
        "X-HMAC-Signature": hex_of(one["secret"], str(one["at"]).encode() + b"." + one["body"]),
        "X-HMAC-Timestamp": str(one["at"]),
    }


def x_hmac_nonce(one):
    signed = ".".join([str(one["at"]), one["id"], ""]).encode() + one["body"]
    return {
        "X-HMAC-Signature": hex_of(one["secret"], signed),
        "X-HMAC-Timestamp": str(one["at"]),
        "X-HMAC-Nonce": one["id"],
    }


PROVIDERS = {
    "asana": in_hex("X-Hook-Signature"),
    "bitbucket": in_hex("X-Hub-Signature", "sha256="),
    "box": box,
    "calendly": time_and_versions("Calendly-Webhook-Signature"),
    "cloudflare-token": cloudflare_token,
    "customer-io": version_zero("X-CIO-Signature", "X-CIO-Timestamp", ""),
    "docusign": in_base64("X-DocuSign-Signature-1"),
    "dropbox": in_hex("X-Dropbox-Signature"),
    "gitlab": lambda one: {"X-Gitlab-Token": one["secret"]},
    "intercom": in_hex("X-Hub-Signature", "sha1=", "sha1"),
    "jira": in_hex("X-Hub-Signature", "sha256="),
    "launchdarkly": in_hex("X-LD-Signature"),
    "linear": in_hex("Linear-Signature"),
    "mailgun": mailgun,
    "meta": in_hex("X-Hub-Signature-256", "sha256="),
    "mux": time_and_versions("Mux-Signature"),
    "paddle": paddle,
    "pagerduty": in_hex("X-PagerDuty-Signature", "v1="),
    "paystack": in_hex("x-paystack-signature", "", "sha512"),
    "razorpay": in_hex("X-Razorpay-Signature"),
    "sentry": in_hex("Sentry-Hook-Signature"),
    "shopify": in_base64("X-Shopify-Hmac-Sha256"),
    "shopify-link": signed_query("hmac", shopify_link),
    "shopify-link, of Python": signed_query("hmac", shopify_link_of_python),
    "shopify-proxy": signed_query("signature", shopify_proxy),
    "slack": version_zero("X-Slack-Signature", "X-Slack-Request-Timestamp", "v0="),
    "square": lambda one: {
        "x-square-hmacsha256-signature": base64_of(one["secret"], one["url"].encode() + one["body"])
    },
    "trello": lambda one: {
        "X-Trello-Webhook": base64_of(one["secret"], one["body"] + one["url"].encode(), "sha1")
    },
    "typeform": in_base64("Typeform-Signature", "sha256="),
    "vercel": in_hex("x-vercel-signature", "", "sha1"),
    "woocommerce": in_base64("X-WC-Webhook-Signature"),
    "x-hmac": x_hmac,
    "x-hmac-nonce": x_hmac_nonce,
    "xero": in_base64("x-xero-signature"),
    "zendesk": zendesk,
    "zoom": version_zero("x-zm-signature", "x-zm-request-timestamp", "v0="),
}

for line in sys.stdin:
    asked = json.loads(line)
    asked["body"] = bytes.fromhex(asked["body"])
    fields = PROVIDERS[asked["preset"]](asked)
    answer = {"fields": list(fields.items()), "body": asked["body"].hex(), "target": asked["target"]}
    print(json.dumps(answer), flush=True)
