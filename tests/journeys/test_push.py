"""`git push` to a bare repository whose hook calls a server that really runs: the page changes for whoever reads it."""

import json
import re
from pathlib import Path

from sqlalchemy import select

from popschool.auth.models import Account
from popschool.courses.models import Revision, SyncRun
from popschool.db import db
from tests.courses.repositories import Repository, git, web_course
from tests.factories import make_author
from tests.journeys.installation import wait_for

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "authoring.md"


def bare_with_hook(folder, repository, address, secret):
    """Make a bare repository with the documented hook, and let the working one push to it."""
    bare = folder / "cours.git"
    git(folder, "clone", "--quiet", "--bare", repository.url, str(bare))
    blocks = re.findall(r"^```sh\n(.*?)^```$", DOCUMENTATION.read_text(), re.DOTALL | re.MULTILINE)
    hook = next(block for block in blocks if "X-Popschool-Token" in block)
    hook = re.sub(r"^address=.*$", f"address={address}", hook, flags=re.MULTILINE)
    hook = re.sub(r"^secret=.*$", f"secret={secret}", hook, flags=re.MULTILINE)
    file = bare / "hooks/post-receive"
    file.parent.mkdir(exist_ok=True)
    file.write_text(hook)
    file.chmod(0o755)
    git(repository.folder, "remote", "add", "origin", str(bare))
    return bare


def signed_in(installation):
    """Return the cookie of an author who has signed in."""
    with installation.records():
        author = make_author()
        account = db.session.get(Account, author.id)
        session = {"_user_id": f"{author.id}:{account.session_token}", "_fresh": True}
    app = installation.app
    return f"popschool={app.session_interface.get_signing_serializer(app).dumps(session)}"


def test_a_push_is_live_without_anybody_doing_more(fresh, tmp_path):
    repository = Repository(tmp_path / "cours")
    repository.commit(web_course())
    bare = tmp_path / "cours.git"
    git(tmp_path, "clone", "--quiet", "--bare", repository.url, str(bare))
    fresh.command("courses", "add", "web", str(bare))
    fresh.command("courses", "sync", "web")
    told = json.loads(fresh.command("courses", "webhook", "web", "--json"))
    assert told["address"] == f"{fresh.address}/webhooks/web"
    (bare.parent / "cours.git").rename(tmp_path / "ancien.git")
    bare_with_hook(tmp_path, repository, told["address"], told["secret"])
    cookie = signed_in(fresh)
    before = fresh.server.get("/courses/web/p01/01-html", Cookie=cookie)
    assert (before.status, b"Une page." in before.body) == (200, True)

    commit = repository.commit({"web/p01/01-html.md": "# Le HTML\n\nUne page toute neuve.\n"})
    git(repository.folder, "push", "--quiet", "origin", "main")

    def live():
        page = fresh.server.get("/courses/web/p01/01-html", Cookie=cookie)
        return True if b"Une page toute neuve." in page.body else None

    wait_for(live, "the new page")

    def ended():
        with fresh.records():
            run = db.session.scalar(select(SyncRun).order_by(SyncRun.id.desc()))
            return (run.reason, run.outcome) if run.finished_at else None

    assert wait_for(ended, "the end of the sync") == ("push", "published")
    with fresh.records():
        assert db.session.scalar(select(Revision.number).where(Revision.commit == commit)) == 2


def test_a_push_that_is_wrong_leaves_the_page_and_says_why(fresh, tmp_path):
    repository = Repository(tmp_path / "cours")
    repository.commit(web_course())
    fresh.command("courses", "add", "web", str(tmp_path / "cours.git"))
    told = json.loads(fresh.command("courses", "webhook", "web", "--json"))
    bare_with_hook(tmp_path, repository, told["address"], told["secret"])
    fresh.command("courses", "sync", "web")
    cookie = signed_in(fresh)

    repository.commit({"web/p01/01-html.md": "# Le HTML\n\n[mort](absent.md)\n"})
    git(repository.folder, "push", "--quiet", "origin", "main")

    def refused():
        page = fresh.server.get("/sources/web", Cookie=cookie).body.decode()
        return page if "web/p01/01-html.md, ligne 3" in page else None

    wait_for(refused, "the problem of the push")
    assert b"Une page." in fresh.server.get("/courses/web/p01/01-html", Cookie=cookie).body
