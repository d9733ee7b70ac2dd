"""Paths of the calling server."""

from django.urls import path

from . import views

urlpatterns = [
    path("infer", views.InferenceView.as_view()),
    path("tokens/verify", views.TokenVerificationView.as_view()),
    path("healthz", views.HealthView.as_view()),
]
