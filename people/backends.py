"""Laurel's permissions as model permissions, for the admin. It signs nobody in."""

from django.contrib.auth.backends import BaseBackend

from . import access, rights


class LaurelPermissions(BaseBackend):
    """`people.change_team` is had by whoever holds one of Laurel's permissions that allow it, in any division.

    Which rows that means is `ScopedAdmin`'s part.
    """

    def has_perm(self, user_obj, perm, obj=None):
        app, _, codename = perm.partition(".")
        action, _, model = codename.partition("_")
        label = f"{app}.{model}"
        reaches = [access.reach(user_obj, permission) for permission in rights.permissions_for(label, action)]
        if label in rights.EVERYWHERE_ONLY:
            return any(reach.everywhere for reach in reaches)
        return any(reaches)

    def has_module_perms(self, user_obj, app_label):
        return any(
            label.partition(".")[0] == app_label and access.may(user_obj, permission)
            for permission, labels in rights.MODEL_RIGHTS.items()
            for label in labels
        )
