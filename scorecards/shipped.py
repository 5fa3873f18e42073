"""The names of the pairs to watch that ship, here so that they can be translated: the rows themselves hold English."""

from django.utils.translation import gettext_noop as _

TEXTS = [
    _("Handle time against transfers"),
    _("Handle time against short calls"),
    _("Contacts answered against short calls"),
]
