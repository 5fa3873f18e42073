"""What points buy, who asked for it, and who decided. The points themselves stand in the ledger."""

import uuid

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from foundation.records.appendonly import AppendOnlyModel
from foundation.records.dated import Interval
from ledger.models import Transfer
from people.models import Division

from .enums import Icon, RequestStatus

PERSON = settings.AUTH_USER_MODEL


class Category(models.Model):
    """What items are sorted by."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    icon = models.CharField(
        _("icon"),
        max_length=20,
        choices=Icon,
        default=Icon.GIFT,
        help_text=_("Drawn for items of this category that have no picture."),
    )

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["name"]

    def __str__(self):
        return self.name


class Picture(models.Model):
    """A WebP that Laurel encoded itself, under the SHA-256 of its content. It stands in the database, so that every
    machine serves it and a backup holds it.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    content = models.BinaryField()

    def __str__(self):
        return self.digest


class Item(Interval):
    """Something to ask for. No divisions: everyone may; no limit: as often as points and stock last."""

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(
        _("description"), max_length=600, blank=True, help_text=_("What one gets, and where to collect it.")
    )
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="items", verbose_name=_("category")
    )
    picture = models.ForeignKey(
        Picture, models.PROTECT, null=True, blank=True, editable=False, related_name="items", verbose_name=_("picture")
    )
    price_points = models.PositiveIntegerField(
        _("price in points"),
        validators=[MinValueValidator(1)],
        help_text=_("A new price holds for new requests. Requests that stand keep theirs."),
    )
    stock = models.IntegerField(_("stock"), default=0, editable=False)
    low_stock = models.PositiveIntegerField(
        _("low stock"),
        default=0,
        help_text=_("When so many pieces or fewer are left, the list marks it, and agents read how many are left."),
    )
    limit_per_person = models.PositiveIntegerField(
        _("limit per person"),
        null=True,
        blank=True,
        help_text=_(
            "How often one person may have it. Declined and cancelled requests do not count. Leave empty for no limit."
        ),
    )
    divisions = models.ManyToManyField(
        Division,
        blank=True,
        related_name="+",
        verbose_name=_("divisions"),
        help_text=_("Whose people may ask for it. Leave empty for everyone."),
    )

    class Meta(Interval.Meta):
        verbose_name = _("item")
        verbose_name_plural = _("items")
        ordering = ["price_points", "name", "pk"]
        constraints = [
            *Interval.Meta.constraints,
            models.CheckConstraint(name="catalogue_item_stock_not_below_zero", condition=Q(stock__gte=0)),
            models.CheckConstraint(name="catalogue_item_price_above_zero", condition=Q(price_points__gt=0)),
        ]

    def __str__(self):
        return self.name

    @property
    def is_low(self) -> bool:
        return self.stock <= self.low_stock

    @property
    def picture_url(self) -> str:
        """Where the picture is served; empty for an item without one."""
        return reverse("catalogue:picture", args=[self.picture_id]) if self.picture_id else ""

    @property
    def icon(self) -> str:
        return self.category.icon if self.category else Icon.GIFT.value

    @property
    def tint(self) -> int:
        """One of the four colours of tiles, the same for a whole category."""
        return (self.category_id or 0) % 4


class StockChange(AppendOnlyModel):
    """Pieces that came, or that were counted away: by whom, when and why. Requests are not among them."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="stock_changes", verbose_name=_("item"))
    pieces = models.IntegerField(_("pieces"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("change of stock")
        verbose_name_plural = _("changes of stock")
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(name="catalogue_stockchange_not_zero", condition=~Q(pieces=0))]

    def __str__(self):
        return f"{self.pieces:+d}"


class Request(models.Model):
    """One piece of an item, by the name and price of that moment. `hold` is the pending transfer of its points."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    item = models.ForeignKey(Item, models.PROTECT, related_name="requests")
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="item_requests")
    item_name = models.CharField(max_length=120)
    points = models.PositiveIntegerField()
    hold = models.OneToOneField(Transfer, models.PROTECT, related_name="+")
    token = models.UUIDField()
    status = models.CharField(max_length=9, choices=RequestStatus, default=RequestStatus.REQUESTED)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["person", "token"], name="catalogue_request_once")]
        indexes = [models.Index(fields=["status", "-id"], name="catalogue_request_status")]

    def __str__(self):
        return f"{self.item_name} ({self.status})"

    @property
    def is_open(self) -> bool:
        return self.status in RequestStatus.open


class Decision(AppendOnlyModel):
    """A request became `status`: by whom, when and why."""

    erasable_texts = ("reason",)

    request = models.ForeignKey(Request, models.PROTECT, related_name="decisions")
    status = models.CharField(max_length=9, choices=RequestStatus)
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["request", "status"], name="catalogue_decision_once")]

    def __str__(self):
        return f"{self.request_id} {self.status}"
