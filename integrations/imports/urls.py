from django.urls import path

from . import views

app_name = "imports"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("<uuid:public_id>/", views.detail, name="detail"),
    path("<uuid:public_id>/mapping/", views.mapping, name="mapping"),
    path("<uuid:public_id>/kind/", views.kind, name="kind"),
    path("<uuid:public_id>/use/", views.use, name="use"),
    path("<uuid:public_id>/tables/", views.tables, name="tables"),
    path("<uuid:public_id>/cancel/", views.cancel, name="cancel"),
    path("<uuid:public_id>/again/", views.again, name="again"),
    path("<uuid:public_id>/discard/", views.discard, name="discard"),
    path("<uuid:public_id>/refused.csv", views.refused, name="refused"),
]
