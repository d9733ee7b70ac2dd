"""WSGI entry of the sealed origins."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sealed_origin.settings")

application = get_wsgi_application()
