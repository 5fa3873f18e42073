from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "foundation.records"
    label = "records"
