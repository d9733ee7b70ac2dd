"""Views that write down that they ran, each behind another guard."""

import json

from countersign_origin.authentication import SealAuthentication
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from origin import journal
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .hmac_authentication import HMACSignatureAuthentication


class ReceiverView(APIView):
    """Behind the receiver that the senders' articles describe."""

    authentication_classes = (HMACSignatureAuthentication,)

    def post(self, request: Request) -> Response:
        journal.write(request)
        return Response({"received": request.data, "sender": None})

    put = post


class SealedView(APIView):
    """Behind the authentication class of `examples/django`."""

    authentication_classes = (SealAuthentication,)
    permission_classes = (IsAuthenticated,)

    def post(self, request: Request) -> Response:
        journal.write(request)
        assert request.user.pk == request.auth
        return Response({"received": request.data, "sender": request.auth})

    put = post


@csrf_exempt
def plain(request: HttpRequest) -> HttpResponse:
    """Behind the middleware of `examples/django`, which guards the whole site."""
    journal.write(request)
    received = json.loads(request.body)
    return JsonResponse({"received": received, "sender": request.countersign_sender})


def health(request: HttpRequest) -> HttpResponse:
    """Say that the server is up, and what it was told under the gate's names."""
    told = [name for name in request.META if name.startswith("HTTP_COUNTERSIGN_SENDER")]
    return JsonResponse({"status": "ok", "told": told})
