"""The real browser that tests drive: Chromium without its window.

Debian's `chromium-headless-shell` draws and runs pages with the engine of `chromium`, and opens one in a third of the
time. Where it is not to be had, `chromium` does the same.
"""

import shutil

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium-headless-shell", "chromium")


def launch(playwright: Playwright) -> Browser:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
