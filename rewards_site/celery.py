"""The Celery application. What runs when stands in `schedule.py`; duties stand in rows, not in messages."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

TRANSPORT_ALIASES["filesystem"] = "rewards_site.broker:Transport"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rewards_site.settings")

app = Celery("laurel")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
