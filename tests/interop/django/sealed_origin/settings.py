"""Settings of the sealed origins. What differs per run comes from the environment."""

import os
import secrets

DEBUG = False
SECRET_KEY = secrets.token_urlsafe(50)  # nothing this site signs outlives its process
ALLOWED_HOSTS = ["*"]  # the gate decides which Host arrives here
ROOT_URLCONF = "sealed_origin.urls"
USE_TZ = True

INSTALLED_APPS = ["rest_framework"]
MIDDLEWARE = os.environ["ORIGIN_MIDDLEWARE"].split()
REST_FRAMEWORK = {
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
}

HMAC_SECRET_KEY = os.environ["SEAL_SECRET"]
COUNTERSIGN_SEAL_SCHEME = os.environ["SEAL_SCHEME"]
COUNTERSIGN_SEAL_SECRETS = [os.environ["NEXT_SEAL_SECRET"], os.environ["SEAL_SECRET"]]
COUNTERSIGN_PUBLIC_PATHS = ["/healthz"]

JOURNAL_PATH = os.environ["ORIGIN_JOURNAL"]
