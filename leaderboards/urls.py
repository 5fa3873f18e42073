from django.urls import path

from . import views

app_name = "leaderboards"
urlpatterns = [
    path("", views.index, name="index"),
    path("<int:profile>/", views.board, name="board"),
    path("<int:profile>.csv", views.board_csv, name="board_csv"),
    path("<int:profile>.xlsx", views.board_xlsx, name="board_xlsx"),
]
