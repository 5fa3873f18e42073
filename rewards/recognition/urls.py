from django.urls import path

from . import views

app_name = "recognition"
urlpatterns = [
    path("", views.index, name="index"),
    path("csv/", views.index_csv, name="csv"),
    path("new/<str:kind>/", views.new, name="new"),
    path("<uuid:gift>/back/", views.back, name="back"),
]
