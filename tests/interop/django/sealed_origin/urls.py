"""Paths of the sealed origins."""

from django.urls import path

from . import views

urlpatterns = [
    path("v1/receiver", views.ReceiverView.as_view()),
    path("v1/sealed", views.SealedView.as_view()),
    path("v1/plain", views.plain),
    path("healthz", views.health),
]
