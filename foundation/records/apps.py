from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RecordsConfig(AppConfig):
    name = "foundation.records"
    label = "records"

    def ready(self):
        from .triggers import restore_guards  # noqa: PLC0415 - models cannot be loaded before the apps are

        post_migrate.connect(restore_guards, sender=self, dispatch_uid="records_restore_guards")
