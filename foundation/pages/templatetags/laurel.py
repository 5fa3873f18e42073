"""Icons, charts and formats for templates.

`{% icon "trophy" %}`, `{% ring 184 250 label=… caption=… %}`, `{% sparkline values mean=… label=… %}`,
`{% bar 45 100 target=80 label=… %}`, `{% curve chart label=… %}`, `{{ value|points }}`, `{{ seconds|duration }}`,
`{{ day|when:"j M" }}`.
"""

from functools import lru_cache

from django import template
from django.forms.utils import flatatt
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from foundation.pages import charts, formats
from foundation.pages.polling import digest_of

register = template.Library()


@lru_cache(maxsize=512)
def _icon(name: str, kind: str, sprite: str) -> str:
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        f" {kind}" if kind else "",
        sprite,
        name,
    )


@register.simple_tag
def icon(name: str, kind: str = "") -> str:
    """One of the vendored icons; `kind` is `s` (small), `flip` (turns in right-to-left), `turn`."""
    return _icon(name, kind, static("icons/icons.svg"))


@register.inclusion_tag("components/charts/ring.html")
def ring(value, maximum, label, number="", caption=""):
    return {"chart": charts.ring(float(value or 0), float(maximum or 0)), **_text(label, number, caption)}


def _text(label, number, caption):
    return {"label": label, "number": number, "caption": caption}


@register.inclusion_tag("components/charts/spark.html")
def sparkline(values, label, mean=None, targets=()):
    numbers = [None if value is None else float(value) for value in values]
    lines = [float(target) for target in targets]
    return {"chart": charts.spark(numbers, mean=None if mean is None else float(mean), targets=lines), "label": label}


@register.inclusion_tag("components/charts/bar.html")
def bar(value, maximum, label, target=None, targets=(), kind=""):
    """`target` is one mark, `targets` several."""
    marks = [float(mark) for mark in ([target] if target is not None else targets)]
    return {"chart": charts.bar(float(value or 0), float(maximum or 0), targets=marks), "label": label, "kind": kind}


@register.inclusion_tag("components/charts/curve.html")
def curve(chart: charts.Curve, label):
    return {"chart": chart, "label": label}


@register.filter
def points(value) -> str:
    """Whole points in the locale; None is a dash."""
    return formats.DASH if value is None else formats.format_number(value)


@register.filter
def number(value, places=0) -> str:
    return formats.DASH if value is None else formats.format_number(value, int(places))


@register.filter
def duration(value, places=0) -> str:
    return formats.DASH if value is None else formats.format_duration(value, int(places))


@register.filter(expects_localtime=True)
def when(value, form: str) -> str:
    """A day or a moment as the reader's language writes it: `{{ at|when:"j M, H:i" }}`."""
    return formats.format_date(value, form)


@register.filter
def initials(name: str) -> str:
    """One or two letters of a name for an avatar."""
    words = [word for word in str(name).split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.filter(name="is")
def is_(value, other) -> str:
    """`true` or `false` for an ARIA attribute."""
    return mark_safe("true" if value == other else "false")


@register.tag
def part(parser, token):
    """`{% part "article" "objective-4" class="card" %}…{% endpart %}`: an element of a polling panel that is replaced
    only when its content changed. It carries a digest of its content, which `laurel.js` compares.
    """
    _name, tag, identity, *rest = token.split_contents()
    attributes = {}
    for piece in rest:
        key, _equals, value = piece.partition("=")
        attributes[key] = parser.compile_filter(value)
    nodelist = parser.parse(("endpart",))
    parser.delete_first_token()
    return PartNode(nodelist, parser.compile_filter(tag), parser.compile_filter(identity), attributes)


class PartNode(template.Node):
    def __init__(self, nodelist, tag, identity, attributes):
        self.nodelist, self.tag, self.identity, self.attributes = nodelist, tag, identity, attributes

    def render(self, context):
        tag, content = self.tag.resolve(context), self.nodelist.render(context)
        attributes = {"id": self.identity.resolve(context), "data-part": digest_of(content)}
        attributes |= {key: value.resolve(context) for key, value in self.attributes.items()}
        return format_html("<{}{}>{}</{}>", tag, flatatt(attributes), content, tag)
