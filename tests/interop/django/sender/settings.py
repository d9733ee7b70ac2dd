"""Settings of the calling server. What differs per run comes from the environment."""

import os
import secrets

from django.core.exceptions import ImproperlyConfigured


def required(name: str) -> str:
    """Return an environment variable that must be set and not empty."""
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"the environment variable {name} is not set")
    return value


DEBUG = False
SECRET_KEY = secrets.token_urlsafe(50)  # nothing this site signs outlives its process
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "sender.urls"
USE_TZ = True

HMAC_SECRET_KEY = required("HMAC_SECRET_KEY")
AI_SERVER_URL = required("AI_SERVER_URL")
AUTH_SERVER_URL = required("AUTH_SERVER_URL")
