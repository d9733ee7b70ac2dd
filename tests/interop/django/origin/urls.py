"""Paths of the protected server."""

from django.urls import path

from . import views

urlpatterns = [
    path("v1/infer", views.InferenceView.as_view(), name="infer"),
    path("v1/infer-old", views.moved_inference),
    path("v1/tokens/verify", views.TokenVerificationView.as_view()),
    path("healthz", views.HealthView.as_view()),
]
