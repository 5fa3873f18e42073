"""Users, divisions, teams, queues and roles. Who sees whom is decided in `access.py`, nowhere else."""

import uuid
import zoneinfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.records.dated import DatedSetting, Interval

from .enums import Page, Permission


def validate_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            _("“%(name)s” is not a time zone; use a name such as Europe/Berlin."), params={"name": name}
        )


class Division(models.Model):
    """A boundary of access and a time zone."""

    name = models.CharField(
        _("name"), max_length=120, unique=True, help_text=_("A site or business unit. Roles can be given for it alone.")
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=60,
        default="UTC",
        validators=[validate_time_zone],
        help_text=_(
            "Decides when a workday begins and ends, such as Europe/Berlin. A change counts for what comes in from then"
            " on; workdays that are already there stay as they are."
        ),
    )

    class Meta:
        verbose_name = _("division")
        verbose_name_plural = _("divisions")
        ordering = ["name"]

    def __str__(self):
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)


class Users(models.QuerySet):
    """Sets and clears `left_at` with `is_active`, as `User.save` does. Other ways past both meet a constraint."""

    def update(self, **values):
        if values.get("is_active") is False:
            values.setdefault("left_at", Coalesce("left_at", models.Value(timezone.now())))
        elif values.get("is_active") is True:
            values.setdefault("left_at", None)
        return super().update(**values)

    update.alters_data = True

    def bulk_create(self, objs, *args, **kwargs):
        objs = list(objs)
        for person in objs:
            person.note_leaving()
        return super().bulk_create(objs, *args, **kwargs)


class UserManager(BaseUserManager.from_queryset(Users)):
    def create_user(self, email=None, password=None, **fields):
        email = self.normalize_email(email) if email else None
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Some can log in, some only have figures. The outside sees `public_id`, never the key.

    A service (`is_service`) is a program that calls the API: it has roles as people have, and neither figures nor
    sign-in. It stands in no list of people.
    """

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(
        _("e-mail"),
        max_length=254,
        unique=True,
        null=True,
        blank=True,
        help_text=_("Needed to sign in. Leave empty for someone who only has figures."),
    )
    name = models.CharField(_("name"), max_length=200, help_text=_("As it shall be shown, in any script."))
    short_name = models.CharField(
        _("first name or nickname"), max_length=100, blank=True, help_text=_("How pages greet the person.")
    )
    external_id = models.CharField(
        _("id in the source system"),
        max_length=120,
        unique=True,
        null=True,
        blank=True,
        help_text=_("By this id, imports find the person. It is the same in every file."),
    )
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Switch this off for someone who left: they can no longer sign in, their figures stay."),
    )
    is_staff = models.BooleanField(
        _("may open the admin"), default=False, help_text=_("Follows from the person's roles.")
    )
    is_service = models.BooleanField(_("program"), default=False, editable=False)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    left_at = models.DateTimeField(
        _("left"), null=True, blank=True, editable=False, help_text=_("When the person was switched off.")
    )
    page_choices = models.JSONField(
        _("choices on pages"), default=dict, blank=True, editable=False, help_text=_("How pages open for the person.")
    )
    is_erased = models.BooleanField(
        _("erased"),
        default=False,
        editable=False,
        help_text=_("Who the person was is gone; figures and payments stay."),
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="people_user_email_any_case"),
            models.CheckConstraint(
                name="people_user_service_cannot_sign_in",
                condition=models.Q(is_service=False) | models.Q(email=None, is_staff=False, is_superuser=False),
            ),
            models.CheckConstraint(
                name="people_user_erased_is_switched_off",
                condition=models.Q(is_erased=False)
                | models.Q(is_active=False, is_staff=False, is_superuser=False, email=None, external_id=None),
            ),
            models.CheckConstraint(
                name="people_user_active_has_not_left", condition=models.Q(is_active=False) | models.Q(left_at=None)
            ),
            models.CheckConstraint(
                name="people_user_switched_off_has_left",
                condition=models.Q(is_active=True) | models.Q(left_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["name"], name="people_user_name")]

    def __str__(self):
        return self.name

    def save(self, *args, update_fields=None, **kwargs):
        if update_fields is None or "is_active" in update_fields:
            self.note_leaving()
            update_fields = None if update_fields is None else {*update_fields, "left_at"}
        super().save(*args, update_fields=update_fields, **kwargs)

    def note_leaving(self) -> None:
        """Whoever is switched off has left, now if no time is known; whoever is there has not."""
        self.left_at = None if self.is_active else self.left_at or timezone.now()

    def clean(self):
        super().clean()
        self.email = type(self).objects.normalize_email(self.email).lower() if self.email else None
        self.external_id = self.external_id or None

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.short_name or self.name.split(" ")[0]


class DivisionAssignment(DatedSetting):
    """The division of a person from a day on."""

    person = models.ForeignKey(User, models.CASCADE, related_name="division_assignments", verbose_name=_("person"))
    division = models.ForeignKey(Division, models.PROTECT, related_name="assignments", verbose_name=_("division"))

    class Meta:
        verbose_name = _("division of a person")
        verbose_name_plural = _("divisions of people")
        constraints = [
            models.UniqueConstraint(fields=["person", "from_on"], name="people_divisionassignment_once_a_day")
        ]

    def __str__(self):
        return f"{self.person} · {self.division}"


class Queue(models.Model):
    """Where work comes from."""

    name = models.CharField(_("name"), max_length=120, help_text=_("As the source system calls it."))
    division = models.ForeignKey(
        Division,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="queues",
        verbose_name=_("division"),
        help_text=_("Leave empty for a queue that several divisions share."),
    )
    external_id = models.CharField(
        _("id in the source system"),
        max_length=120,
        unique=True,
        null=True,
        blank=True,
        help_text=_("By this id, or by the name, imports find the queue."),
    )

    class Meta:
        verbose_name = _("queue")
        verbose_name_plural = _("queues")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["name"], name="people_queue_name")]

    def __str__(self):
        return self.name


class QueueMembership(Interval):
    """Who serves a queue. The queue of the highest weight on a day is the home queue; ties by queue id."""

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="memberships", verbose_name=_("queue"))
    person = models.ForeignKey(User, models.CASCADE, related_name="queue_memberships", verbose_name=_("person"))
    weight = models.PositiveIntegerField(
        _("weight"),
        default=1,
        help_text=_("The queue with the highest weight on a day is the person's home queue of that day."),
    )

    class Meta(Interval.Meta):
        verbose_name = _("queue membership")
        verbose_name_plural = _("queue memberships")
        constraints = [
            *Interval.Meta.constraints,
            models.UniqueConstraint(fields=["queue", "person", "from_on"], name="people_queuemembership_start_once"),
        ]

    def __str__(self):
        return f"{self.person} · {self.queue}"


class Team(models.Model):
    """Who works together. Teams nest; `path` holds the ids from the root down to this team, as `/1/4/`."""

    name = models.CharField(_("name"), max_length=120)
    division = models.ForeignKey(Division, models.PROTECT, related_name="teams", verbose_name=_("division"))
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of"),
        help_text=_("The team above. Whoever leads it also leads this one."),
    )
    primary_queue = models.ForeignKey(
        Queue,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("primary queue"),
        help_text=_("The queue that this team mostly serves."),
    )
    path = models.CharField(max_length=255, editable=False, default="")

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["division", "name"], name="people_team_name_in_division")]
        indexes = [models.Index(fields=["path"], name="people_team_path")]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        if self.pk and self.parent and f"/{self.pk}/" in self.parent.path:
            raise ValidationError({"parent": _("A team cannot be part of itself or of a team below it.")})

    def save(self, *args, **kwargs):
        """Keeps `path` true for this team and for all below it."""
        super().save(*args, **kwargs)
        path = f"{self.parent.path if self.parent else '/'}{self.pk}/"
        if path != self.path:
            self.path = path
            type(self).objects.filter(pk=self.pk).update(path=path)
            for child in self.children.all():
                child.parent = self
                child.save()


class TeamMembership(Interval):
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships", verbose_name=_("team"))
    person = models.ForeignKey(User, models.CASCADE, related_name="team_memberships", verbose_name=_("person"))

    class Meta(Interval.Meta):
        verbose_name = _("team membership")
        verbose_name_plural = _("team memberships")
        constraints = [
            *Interval.Meta.constraints,
            models.UniqueConstraint(fields=["team", "person", "from_on"], name="people_teammembership_start_once"),
        ]

    def __str__(self):
        return f"{self.person} · {self.team}"


class TeamLead(Interval):
    """Who leads a team, and with it every team below."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="leads", verbose_name=_("team"))
    person = models.ForeignKey(User, models.CASCADE, related_name="led_teams", verbose_name=_("person"))

    class Meta(Interval.Meta):
        verbose_name = _("team lead")
        verbose_name_plural = _("team leads")
        constraints = [
            *Interval.Meta.constraints,
            models.UniqueConstraint(fields=["team", "person", "from_on"], name="people_teamlead_start_once"),
        ]

    def __str__(self):
        return f"{self.person} · {self.team}"


class BoardChoice(DatedSetting):
    """Whether a person stays off leaderboards from a day on, by their own choice."""

    person = models.ForeignKey(User, models.CASCADE, related_name="board_choices", verbose_name=_("person"))
    is_out = models.BooleanField(_("stays off boards"))
    at = models.DateTimeField(_("chosen at"))

    class Meta:
        verbose_name = _("choice about leaderboards")
        verbose_name_plural = _("choices about leaderboards")
        constraints = [models.UniqueConstraint(fields=["person", "from_on"], name="people_boardchoice_once_a_day")]

    def __str__(self):
        return f"{self.person} · {self.from_on}"


class Objection(models.Model):
    """A person objects to how their data is used. Who configures people answers it once, with a reason.

    Only the person and those who may answer read it.
    """

    person = models.ForeignKey(User, models.CASCADE, related_name="objections", verbose_name=_("person"))
    text = models.TextField(_("objection"), max_length=2000)
    at = models.DateTimeField(_("sent"))
    answer = models.TextField(
        _("answer"), max_length=2000, blank=True, help_text=_("What is done, or not, and why. The person reads it.")
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="people_objection_answer_with_time",
                condition=models.Q(answer="", answered_at__isnull=True)
                | (~models.Q(answer="") & models.Q(answered_at__isnull=False)),
            )
        ]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M}"


class Look(models.Model):
    """Somebody was shown a person's figures by name: one row for viewer, page, hour and person.

    `hour` is the beginning of the hour, in UTC.
    """

    person = models.ForeignKey(User, models.CASCADE, related_name="looks", verbose_name=_("person"))
    viewer = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("who looked"))
    page = models.CharField(_("page"), max_length=16, choices=Page)
    hour = models.DateTimeField(_("hour"))

    class Meta:
        verbose_name = _("look at someone's figures")
        verbose_name_plural = _("looks at someone's figures")
        constraints = [
            models.UniqueConstraint(fields=["person", "hour", "viewer", "page"], name="people_look_once_an_hour")
        ]


class Role(models.Model):
    """A list of permissions with a name."""

    slug = models.SlugField(_("short name"), unique=True, help_text=_("Used by commands; letters, digits and hyphens."))
    name = models.CharField(_("name"), max_length=80)
    permissions = models.JSONField(
        _("permissions"), default=list, blank=True, help_text=_("What everyone with this role may do.")
    )

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ["name"]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        unknown = sorted(set(self.permissions) - set(Permission.values))
        if unknown:
            raise ValidationError({"permissions": _("Unknown permissions: %(names)s") % {"names": ", ".join(unknown)}})


class Grant(models.Model):
    """A role of a person in a division, or in all divisions when empty."""

    person = models.ForeignKey(User, models.CASCADE, related_name="grants", verbose_name=_("person"))
    role = models.ForeignKey(Role, models.PROTECT, related_name="grants", verbose_name=_("role"))
    division = models.ForeignKey(
        Division,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="grants",
        verbose_name=_("division"),
        help_text=_("Leave empty to grant the role in all divisions."),
    )

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            models.UniqueConstraint(fields=["person", "role", "division"], name="people_grant_once"),
            models.UniqueConstraint(
                fields=["person", "role"],
                condition=models.Q(division__isnull=True),
                name="people_grant_once_everywhere",
            ),
        ]

    def __str__(self):
        return f"{self.person} · {self.role}"
