"""The people of one part of the day, for locust: each is a user who lives their acts at their moments.

Run by `__main__`, which hands over COUNTRY_PLAN (people, sessions, acts) and reads COUNTRY_FOUND. Locust's own figures
count requests; what people were told, and how late they came to it, is written beside them.
"""

import json
import os
import re
import time
from pathlib import Path
from urllib.parse import urlencode

import gevent
from gevent.event import Event
from locust import FastHttpUser, events, task
from locust.exception import StopUser

from benchmarks.country import acts

PLAN = json.loads(Path(os.environ["COUNTRY_PLAN"]).read_text())
COOKIE = re.compile(r"^([^=;]+)=([^;]*)")
everybody_is_there = Event()
waiting = iter(PLAN["people"])
told: list[tuple[str, str]] = []
strange: list[str] = []
late: list[float] = []
left = {"people": len(PLAN["people"]), "began": 0.0}


class Person(FastHttpUser):
    """One person, with the session that was made for them."""

    connection_timeout, network_timeout, max_retries = 120.0, 120.0, 2
    insecure = True

    def on_start(self) -> None:
        mine = next(waiting)
        self.who, self.link, self.name, self.acts = mine["who"], mine["link"], PLAN["name"], mine["acts"]
        self.cookies = dict([mine["cookie"]])

    @task
    def live(self) -> None:
        everybody_is_there.wait()
        for at, what, facts in self.acts:
            self.wait_for(left["began"] + at)
            late.append(max(0.0, time.monotonic() - left["began"] - at))
            try:
                told.extend(acts.ACTS[what](self, **facts))
            except Exception as error:  # nobody else's day ends with it
                strange.append(f"{what}: {type(error).__name__}: {error}"[:600])
            self.client.client.clientpool.close()  # a phone has gone to sleep by the next time
        left["people"] -= 1
        if not left["people"]:
            self.environment.runner.quit()
        raise StopUser

    def wait_for(self, moment: float) -> None:
        gevent.sleep(max(0.0, moment - time.monotonic()))

    def wait(self, seconds: float) -> None:
        gevent.sleep(seconds)

    def get(self, path: str) -> acts.Page:
        return self._asked("GET", path, None, {})

    def post(self, path: str, fields: dict, file: tuple[str, bytes] | None = None) -> acts.Page:
        if file is None:
            body = urlencode(fields, doseq=True).encode()
            return self._asked("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        mark = "country-boundary-7f3a"
        parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
        head = f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="{file[0]}"\r\n'
        body = (
            "".join([*parts, head, "Content-Type: text/plain\r\n\r\n"]).encode()
            + file[1]
            + f"\r\n--{mark}--\r\n".encode()
        )
        return self._asked("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={mark}"})

    def _asked(self, method: str, path: str, body: bytes | None, headers: dict) -> acts.Page:
        path = path.removeprefix(self.host)
        headers = headers | {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= {"Accept-Language": "fr"}
        answer = self.client.request(
            method, path, name=acts.page_type(path), data=body, headers=headers, allow_redirects=False
        )
        if not answer.status_code:
            raise acts.Strange(f"{method} {path}: no answer ({answer.error})")
        for header in (answer.headers or {}).get("Set-Cookie", "").split(", "):
            if found := COOKIE.match(header):
                self.cookies[found[1]] = found[2]
        is_page = "text/html" in (answer.headers or {}).get("Content-Type", "")
        text = answer.content.decode("utf-8", "replace") if is_page else ""
        return acts.Page(answer.status_code, text, (answer.headers or {}).get("Location", ""))


@events.spawning_complete.add_listener
def begin(user_count: int, **_rest: object) -> None:
    if user_count >= len(PLAN["people"]) and not left["began"]:
        left["began"] = time.monotonic()
        everybody_is_there.set()


@events.quit.add_listener
def write(**_rest: object) -> None:
    lived = time.monotonic() - left["began"]
    found = {"told": told, "strange": strange, "late": sorted(late), "seconds": lived, "pages": []}
    for one in left["stats"].entries.values():
        middle, most = one.get_response_time_percentile(0.5), one.get_response_time_percentile(0.95)
        figures = {"method": one.method, "page": one.name, "asked": one.num_requests, "failed": one.num_failures}
        found["pages"].append(figures | {"ms_middle": middle, "ms_95": most})
    found["errors"] = [
        f"{one.method} {one.name}: {one.error} ({one.occurrences})" for one in left["stats"].errors.values()
    ]
    Path(os.environ["COUNTRY_FOUND"]).write_text(json.dumps(found))


@events.init.add_listener
def keep(environment: object, **_rest: object) -> None:
    left["stats"] = environment.stats
