"""Views that answer a caller by asking another server with a signed request."""

import json
import logging
from typing import Any

import requests
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import View

from .hmac_mixin import HMACRequestMixin

logger = logging.getLogger(__name__)


class SignedCallView(HMACRequestMixin, View):
    """Turns the caller's JSON object into one signed call and hands back its answer."""

    failure_detail: str

    def upstream_url(self) -> str:
        """Return where to post to."""
        raise NotImplementedError

    def build_payload(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return what to post, made from what the caller sent."""
        raise NotImplementedError

    def post(self, request: HttpRequest) -> HttpResponse:
        """Relay the upstream answer, or say 502 and no more than its status.

        What exactly went wrong names internal addresses, so it goes to the log.
        """
        try:
            data = json.loads(request.body)
        except ValueError:
            data = None
        if not isinstance(data, dict):
            return JsonResponse({"detail": "A JSON object is required"}, status=400)

        try:
            answer = self.post_with_hmac(self.upstream_url(), self.build_payload(data))
            content = answer.json()
        except requests.RequestException as error:
            logger.warning("signed call failed: %s", error)
            upstream_status = (
                None if error.response is None else error.response.status_code
            )
            return JsonResponse(
                {"detail": self.failure_detail, "upstream_status": upstream_status},
                status=502,
            )
        return JsonResponse(content, status=answer.status_code, safe=False)


class InferenceView(SignedCallView):
    """Asks the AI server about a text.

    `user_id` is taken from the caller's JSON because this site has no logins;
    one that has them would take it from `request.user`.
    """

    failure_detail = "AI server error"

    def upstream_url(self) -> str:
        return settings.AI_SERVER_URL

    def build_payload(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"text": data.get("text", ""), "user_id": data.get("user_id")}


class TokenVerificationView(SignedCallView):
    """Asks the authentication server whether a token is active."""

    failure_detail = "Authentication server error"

    def upstream_url(self) -> str:
        return settings.AUTH_SERVER_URL

    def build_payload(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"token": data.get("token", ""), "context": data.get("context", {})}


class HealthView(View):
    """Says that the calling server is up."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return JsonResponse({"status": "ok"})
