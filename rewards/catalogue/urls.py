from django.urls import path

from . import views

app_name = "catalogue"
urlpatterns = [
    path("", views.index, name="index"),
    path("pictures/<str:digest>.webp", views.picture, name="picture"),
    path("ask/<uuid:item>/", views.ask, name="ask"),
    path("mine/", views.mine, name="mine"),
    path("mine.csv", views.mine_csv, name="mine_csv"),
    path("requests/", views.queue, name="queue"),
    path("requests.csv", views.queue_csv, name="queue_csv"),
    path("requests/<uuid:request_id>/", views.detail, name="detail"),
]
