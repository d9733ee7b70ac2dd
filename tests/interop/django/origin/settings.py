"""Settings of the protected server. It holds no HMAC key: the gate verifies."""

import os
import secrets

from django.core.exceptions import ImproperlyConfigured

JOURNAL_VARIABLE = "ORIGIN_JOURNAL"

DEBUG = False
SECRET_KEY = secrets.token_urlsafe(50)  # nothing this site signs outlives its process
ALLOWED_HOSTS = ["*"]  # the gate decides which Host arrives here
ROOT_URLCONF = "origin.urls"
USE_TZ = True

INSTALLED_APPS = ["rest_framework"]
MIDDLEWARE = ["origin.journal.JournalMiddleware"]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "origin.authentication.CountersignAuthentication"
    ],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,  # callers are servers: there is no user model
}

JOURNAL_PATH = os.environ.get(JOURNAL_VARIABLE, "")
if not JOURNAL_PATH:
    raise ImproperlyConfigured(
        f"the environment variable {JOURNAL_VARIABLE} is not set"
    )
