"""Lets DRF views know which server the gate has verified."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

SENDER_HEADER = "Countersign-Sender"


class CountersignAuthentication(BaseAuthentication):
    """Sets `request.auth` to the sender's id, on the word of the gate alone.

    Nothing is verified here: anybody who can reach this server without the
    gate can write the header. Use this class only where the server can be
    reached solely through the gate; `examples/django` has one that verifies
    the gate's seal.
    """

    def authenticate(self, request: Request) -> tuple[None, str]:
        sender = request.headers.get(SENDER_HEADER)
        if not sender:
            raise AuthenticationFailed("No verified sender")
        return None, sender

    def authenticate_header(self, request: Request) -> str:
        return "Countersign"
