"""The way of a file through the pages, with and without JavaScript."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from integrations.imports import actions
from integrations.imports.models import Import

ROWS = "Call Id,Agent,Start,Talk\n1,Ada Okafor,2024-03-01 09:00,120\n2,Ada Okafor,2024-03-01 10:00,abc\n"


def work_off() -> None:
    while run := actions.claim(holder="test", at=timezone.now()):
        actions.work(run, holder="test", now=timezone.now)


def upload(page: Page, rows: str = ROWS) -> None:
    page.set_input_files("[name=data]", {"name": "calls.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", name="calls.csv")).to_be_visible()


@pytest.mark.parametrize("js", [True, False])
def test_a_file_goes_through_upload_dry_run_and_import(open_page, js):
    page = open_page("/imports/new/", role="administrator", js=js)
    upload(page)
    page.get_by_text("fields that are not in the file").click()
    page.get_by_label("Talk", exact=True).select_option(label="Talk")
    page.get_by_role("button", name="Dry run").click()
    expect(page.get_by_role("heading", name="Checking the rows …")).to_be_visible()
    work_off()
    if not js:
        page.get_by_role("link", name="Reload").click()
    expect(page.get_by_role("heading", name="What an import would do")).to_be_visible()
    expect(page.get_by_text("is not a duration")).to_be_visible()
    page.get_by_role("button", name="Import now").click()
    work_off()
    page.reload()
    expect(page.get_by_role("heading", name="Imported")).to_be_visible()
    assert Import.objects.get().rows_new == 1


def test_preview_follows_the_columns_without_a_reload(open_page):
    page = open_page("/imports/new/", role="administrator")
    upload(page, ROWS.replace("Start", "When"))
    expect(page.get_by_text("Choose the columns for “Started”")).to_be_visible()
    page.get_by_label("Started needed", exact=True).select_option(label="When")
    expect(page.get_by_role("region", name="Rows as they would go in")).to_contain_text("2024-03-01 09:00:00 UTC")


def test_files_that_are_too_large_are_stopped_before_they_travel(open_page, settings):
    settings.LAUREL_IMPORT_MAX_MB = 1
    page = open_page("/imports/new/", role="administrator")
    page.set_input_files("[name=data]", {"name": "calls.csv", "mimeType": "text/csv", "buffer": b"x" * (2 << 20)})
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("alert").filter(has_text="more than 1 MB")).to_be_visible()
    assert not Import.objects.exists()
