from django.urls import path

from . import views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("team/", views.team, name="team"),
    path("team.csv", views.team_csv, name="team_csv"),
    path("team.xlsx", views.team_xlsx, name="team_xlsx"),
    path("points/", views.points, name="points"),
    path("workdays/", views.workdays, name="workdays"),
]
