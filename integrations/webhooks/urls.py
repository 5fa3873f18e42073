from django.urls import path

from . import views

app_name = "webhooks"
urlpatterns = [path("in/<uuid:source>/", views.receive, name="receive")]
