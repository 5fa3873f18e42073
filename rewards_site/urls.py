"""Every address of Laurel. Each has its row in the access table of the tests."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView

from . import operations

admin.site.login = login_not_required(secure_admin_login(admin.site.login))
admin.site.site_header = admin.site.site_title = "Laurel"
admin.site.index_title = _("Settings")

urlpatterns = [
    path("", include("desk.urls")),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/", admin.site.urls),
    path("preferences/", include("foundation.pages.urls")),
    path("goals/", include("goals.urls")),
    path("imports/", include("integrations.imports.urls")),
    path("inbox/", include("inbox.urls")),
    path("leaderboards/", include("leaderboards.urls")),
    path("accounts/", include("people.urls")),
    path("rewards/", include("rewards.catalogue.urls")),
    path("recognition/", include("rewards.recognition.urls")),
    path("scorecard/", include("scorecards.urls")),
    path("thanks/", include("rewards.thanks.urls")),
    path("webhooks/", include("integrations.webhooks.urls")),
    path("", include("integrations.api.urls")),
    path("healthz", operations.health, name="healthz"),
    path("healthz/jobs", operations.jobs_health, name="healthz-jobs"),
    path("metrics", operations.metrics, name="metrics"),
]
