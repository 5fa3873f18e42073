from django.urls import path

from . import views

app_name = "leaderboards"
urlpatterns = [
    path("", views.index, name="index"),
    path("audit/", views.audit, name="audit"),
    path("audit.csv", views.audit_csv, name="audit_csv"),
    path("<int:board>/", views.board, name="board"),
    path("<int:board>.csv", views.board_csv, name="board_csv"),
    path("<int:board>.xlsx", views.board_xlsx, name="board_xlsx"),
]
