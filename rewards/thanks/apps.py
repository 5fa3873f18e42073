from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ThanksConfig(AppConfig):
    name = "rewards.thanks"
    label = "thanks"
    verbose_name = _("Customer thanks")

    def ready(self):
        from scorecards.notes import sources  # noqa: PLC0415 - models cannot be loaded before the apps are

        from .actions import METRIC  # noqa: PLC0415 - the same
        from .queries import notes_of_thanks  # noqa: PLC0415 - the same

        sources[METRIC] = notes_of_thanks
        _open_admin()


def _open_admin() -> None:
    from people.enums import Permission  # noqa: PLC0415 - models cannot be loaded before the apps are
    from people.rights import EDIT, VIEW, allow  # noqa: PLC0415 - the same

    allow(Permission.CONFIGURE_SCORING, {"thanks.survey": EDIT})
    allow(Permission.CONFIGURE_SCORING, {"thanks.accesskey": EDIT}, everywhere_only=True)
    allow(Permission.EVALUATE, {"thanks.response": VIEW})
