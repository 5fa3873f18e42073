"""A change form of the admin that shows what its unsaved values would do.

The Preview button posts the form to its own address; nothing is saved, and the page comes back with the typed
values and the preview. With JavaScript, htmx posts the same on each change and swaps the preview alone.
"""

from django.contrib import admin
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect

PREVIEW = "_preview"


class PreviewForm:
    """Base of the form of a `PreviewAdmin`: a preview validates and keeps its values, and is never saved."""

    is_preview = False

    def is_valid(self):
        return super().is_valid() and not self.is_preview


class PreviewAdmin(admin.ModelAdmin):
    """`preview_template` is rendered with what `preview_context` returns, inside the page and alone for htmx."""

    change_form_template = "admin/preview_change_form.html"
    preview_template = None

    def get_preview_template(self, request) -> str:
        return self.preview_template

    def preview_context(self, request, form, formsets) -> dict:
        raise NotImplementedError

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.is_preview = PREVIEW in request.POST
        return form

    @method_decorator(csrf_protect)
    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if PREVIEW in request.POST:  # outside a transaction: a preview only reads
            return self._changeform_view(request, object_id, form_url, extra_context)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        formsets = [inline.formset for inline in context["inline_admin_formsets"]]
        context["preview_template"] = self.preview_template
        context["preview"] = self.preview_context(request, context["adminform"].form, formsets)
        if PREVIEW in request.POST and request.headers.get("HX-Request"):
            return TemplateResponse(request, self.get_preview_template(request), context)
        return super().render_change_form(request, context, add, change, form_url, obj)
