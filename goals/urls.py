from django.urls import path

from . import views

app_name = "goals"
urlpatterns = [
    path("", views.index, name="index"),
    path("<uuid:goal>/", views.detail, name="detail"),
    path("reviews/", views.reviews, name="reviews"),
    path("reviews/<uuid:review>/", views.review, name="review"),
]
