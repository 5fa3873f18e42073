"""Pictures of pages for people to judge: `python bench/look.py FOLDER --session KEY --base URL /scorecard/ …`

Each page at 1360 and 390 px, light and dark. `--session` is the value of a signed-in session cookie.
"""

import argparse
import re
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
LOOKS = [(1360, "light"), (1360, "dark"), (390, "light"), (390, "dark")]


def main() -> None:
    options = _options()
    options.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        for width, scheme in options.looks:
            context = browser.new_context(
                viewport={"width": width, "height": 900 if width > 600 else 844}, color_scheme=scheme, locale="en-GB"
            )
            if options.session:
                context.add_cookies([{"name": "sessionid", "value": options.session, "url": options.base}])
            page = context.new_page()
            page.on("console", lambda message: print("console:", message.text))
            for address in options.paths:
                page.goto(options.base + address, wait_until="networkidle")
                for selector in options.open:
                    page.locator(selector).first.click()
                page.wait_for_timeout(150)
                name = re.sub(r"\W+", "-", address).strip("-") or "home"
                page.screenshot(path=options.folder / f"{name}-{width}-{scheme}.png", full_page=not options.fold)
        browser.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--base", default="http://127.0.0.1:8000")
    parser.add_argument("--session", default="")
    parser.add_argument("--open", action="append", default=[], help="a selector to click before the picture")
    parser.add_argument("--fold", action="store_true", help="only what the window shows")
    parser.add_argument("--only", choices=["wide", "narrow", "light", "dark"], default="")
    options = parser.parse_args()
    keep = {"wide": lambda w, s: w > 600, "narrow": lambda w, s: w < 600}
    keep |= {name: lambda w, s, name=name: s == name for name in ("light", "dark")}
    options.looks = [look for look in LOOKS if not options.only or keep[options.only](*look)]
    return options


if __name__ == "__main__":
    main()
