from django.urls import path

from . import views

app_name = "pages"
urlpatterns = [
    path("theme/", views.theme, name="theme"),
    path("language/", views.language, name="language"),
]
