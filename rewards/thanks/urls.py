from django.urls import path

from . import calls, customer, views

app_name = "thanks"
urlpatterns = [
    path("l/<str:token>/", customer.customer, name="customer"),
    path("", views.index, name="index"),
    path("offer/", views.offer, name="offer"),
    path("queue/", views.queue, name="queue"),
    path("queue/<uuid:response>/", views.waiting, name="waiting"),
    path("trial/", views.trial, name="trial"),
    path("calls/", calls.start, name="start"),
    path("calls/<uuid:call>/", calls.resume, name="resume"),
    path("calls/<uuid:call>/<int:turn>/", calls.press, name="press"),
    path("links/", calls.link, name="link"),
]
