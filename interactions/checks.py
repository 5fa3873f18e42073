"""Settings that cannot be, told before anything starts."""

from django.conf import settings
from django.core.checks import Error, register
from phonenumbers import SUPPORTED_REGIONS


@register
def phone_region_is_one(app_configs, **given) -> list[Error]:
    region = settings.LAUREL_PHONE_REGION
    if not region or region in SUPPORTED_REGIONS:
        return []
    return [Error(f"LAUREL_PHONE_REGION={region} is no country; write two letters, such as DE.", id="laurel.E001")]
