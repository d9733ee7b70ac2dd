"""What the gate protects: an inference call and a token check."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

ACTIVE_TOKEN = "active-token"
OVERLOADED_MODEL = "large"


class ModelOverloaded(APIException):
    """The model has no room; DRF makes a Retry-After header of `wait`."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "The model is overloaded"
    default_code = "model_overloaded"
    wait = 7


class InferenceInput(serializers.Serializer):
    """What an inference call may hold."""

    text = serializers.CharField(trim_whitespace=False)
    user_id = serializers.IntegerField(allow_null=True, default=None)
    model = serializers.ChoiceField(["small", OVERLOADED_MODEL], default="small")


class TokenInput(serializers.Serializer):
    """What a token check may hold."""

    token = serializers.CharField()
    context = serializers.JSONField(default=dict)


def validated(serializer: serializers.Serializer) -> dict[str, Any]:
    """Return the valid input, or let DRF answer 400."""
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data


class InferenceView(APIView):
    """A model that can only turn a text round."""

    def post(self, request: Request) -> Response:
        call = validated(InferenceInput(data=request.data))
        if call["model"] == OVERLOADED_MODEL:
            raise ModelOverloaded
        return Response({"answer": call["text"][::-1], "sender": request.auth})


class TokenVerificationView(APIView):
    """Tells whether a token is active, and gives the context back."""

    def post(self, request: Request) -> Response:
        call = validated(TokenInput(data=request.data))
        return Response(
            {
                "active": call["token"] == ACTIVE_TOKEN,
                "context": call["context"],
                "sender": request.auth,
            }
        )


class HealthView(APIView):
    """Says that the protected server is up, to anyone."""

    authentication_classes = ()

    def get(self, request: Request) -> Response:
        return Response({"status": "ok"})


def moved_inference(request: HttpRequest) -> HttpResponse:
    """Send a caller of the old path to the new one, method and body kept."""
    return redirect("infer", preserve_request=True)
