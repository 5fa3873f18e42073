from django.urls import path

from . import views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("team/", views.team, name="team"),
    path("team/worth-a-look/", views.worth, name="worth_a_look"),
    path("team.csv", views.team_csv, name="team_csv"),
    path("team.xlsx", views.team_xlsx, name="team_xlsx"),
    path("rewards/points/", views.points, name="points"),
    path("my-data/", views.my_data, name="my_data"),
    path("my-data.json", views.my_data_json, name="my_data_json"),
    path("my-data.csv", views.my_data_csv, name="my_data_csv"),
    path("my-data.zip", views.my_data_zip, name="my_data_zip"),
    path("workdays/", views.workdays, name="workdays"),
]
