from django.urls import path

from . import views

app_name = "scorecards"
urlpatterns = [
    path("", views.own, name="own"),
    path("<uuid:public_id>/", views.scorecard, name="scorecard"),
    path("<uuid:public_id>.csv", views.download, {"kind": "csv"}, name="csv"),
    path("<uuid:public_id>.xlsx", views.download, {"kind": "xlsx"}, name="xlsx"),
    path("<uuid:public_id>/badges/", views.badges, name="badges"),
    path("<uuid:public_id>/facts/<slug:key>/", views.facts, name="facts"),
]
