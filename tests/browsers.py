"""The real browser that tests drive: Chromium without its window.

Debian's `chromium-headless-shell` draws and runs pages with the engine of `chromium`, and opens one in a third of the
time. Where it is not to be had, `chromium` does the same.
"""

import shutil

from playwright.sync_api import Browser, Playwright

# A machine that does other things too is slow to open one.
PATIENCE = 180_000
NAMES = ("chromium-headless-shell", "chromium")


def launch(playwright: Playwright) -> Browser:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    return playwright.chromium.launch(executable_path=path, timeout=PATIENCE, args=["--no-sandbox", "--disable-gpu"])
