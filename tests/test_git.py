"""Git on a short leash: what it reads, and what it refuses."""

import functools
import http.server
import threading

import pytest

from popschool import outbound
from popschool.git import LINK, MODULE, GitFailed, Mirror, Remote, find_commit, is_bare
from tests.courses.repositories import Repository, git


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "cours")


@pytest.fixture
def mirror(tmp_path):
    return Mirror(tmp_path / "mirror.git")


def test_a_mirror_reads_the_files_of_a_branch(repository, mirror):
    commit = repository.commit({"a/un.md": "Un", "été.md": "Deux"}, "Écrire deux pages")

    assert mirror.fetch(Remote(repository.url, is_local=True), "main") == commit
    entries = mirror.entries(commit)
    assert [(entry.path, entry.size) for entry in entries] == [("a/un.md", 2), ("été.md", 4)]
    assert [content for _, content in mirror.read(entry.blob for entry in entries)] == [b"Un", b"Deux"]
    assert mirror.describe(commit).message == "Écrire deux pages"
    assert mirror.describe(commit).author == "Autrice 01"


def test_a_mirror_follows_a_branch_even_when_its_past_is_rewritten(repository, mirror):
    remote = Remote(f"file://{repository.folder}", is_local=True)
    repository.commit({"un.md": "Un"})
    mirror.fetch(remote)
    git(repository.folder, "commit", "--quiet", "--amend", "-m", "Autrement")

    assert mirror.fetch(remote) == git(repository.folder, "rev-parse", "HEAD")


def test_a_folder_of_a_repository_is_listed_alone(repository, mirror):
    commit = repository.commit({"cours/un.md": "Un", "code.py": ""})
    mirror.fetch(Remote(repository.url, is_local=True))

    assert [entry.path for entry in mirror.entries(commit, "cours/")] == ["un.md"]
    with pytest.raises(GitFailed) as failed:
        mirror.entries(commit, "absent")
    assert failed.value.reason == "unknown_folder"


def test_links_and_modules_are_named_for_what_they_are(repository, mirror):
    repository.commit({"un.md": "Un"})
    commit = repository.commit_tree(("120000", "lien", "/etc/passwd"), ("160000", "module", "1" * 40))
    mirror.fetch(Remote(repository.url, is_local=True))

    assert [entry.kind for entry in mirror.entries(commit)] == [LINK, MODULE, "blob"]


def test_a_missing_blob_is_said(repository, mirror):
    commit = repository.commit({"un.md": "Un", "deux.md": "Deux"})
    mirror.fetch(Remote(repository.url, is_local=True))
    last = mirror.entries(commit)[-1].blob

    assert list(mirror.read(["0" * 40, last])) == [("0" * 40, None), (last, b"Un")]


def test_many_blobs_are_read_without_a_knot(repository, mirror):
    commit = repository.commit({f"{number}.md": f"{number}" * 2000 for number in range(300)})
    mirror.fetch(Remote(repository.url, is_local=True))
    blobs = [entry.blob for entry in mirror.entries(commit)] * 20

    assert sum(len(content) for _, content in mirror.read(blobs)) > 10_000_000


def test_a_reader_may_stop_halfway(repository, mirror):
    commit = repository.commit({f"{number}.md": "x" * 100_000 + str(number) for number in range(50)})
    mirror.fetch(Remote(repository.url, is_local=True))
    reading = mirror.read(entry.blob for entry in mirror.entries(commit))
    next(reading)

    reading.close()


@pytest.mark.parametrize("branch", ["absent", "--upload-pack=touch", "../../etc", "a b", ""])
def test_an_unknown_branch_is_refused(repository, mirror, branch):
    with pytest.raises(GitFailed) as failed:
        mirror.fetch(Remote(repository.url, is_local=True), branch)
    assert failed.value.reason == "unknown_branch"


@pytest.mark.parametrize(
    "url",
    [
        "/etc",
        "file:///etc",
        "ext::sh -c 'touch /tmp/owned'",
        "git://example.org/a.git",
        "--upload-pack=touch",
        "http://127.0.0.1/a.git",
        "https://localhost/a.git",
        "ssh://git@127.0.0.1/a.git",
        "git@127.0.0.1:a.git",
        "git@-oProxyCommand=touch:a.git",
        "https://user:secret@example.org/a.git",
    ],
)
def test_an_address_of_ours_is_never_called(mirror, url):
    with pytest.raises(outbound.OutboundRefused):
        mirror.fetch(Remote(url), allow_inside=False)


def test_a_path_needs_to_be_asked_for(repository, mirror):
    repository.commit({"un.md": "Un"})

    with pytest.raises(outbound.OutboundRefused):
        mirror.fetch(Remote(repository.url), allow_inside=False)


@pytest.fixture
def served(repository, tmp_path):
    """A plain server of files on this machine, as an old forge would be."""
    commit = repository.commit({"un.md": "Un"})
    bare = tmp_path / "served" / "cours.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(repository.folder), str(bare))
    git(bare, "update-server-info")
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            asked.append((self.path, self.headers.get("Authorization", "")))

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=bare.parent))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/cours.git", commit, asked
    server.shutdown()
    server.server_close()


def test_a_commit_is_found_without_copying(served):
    url, commit, _ = served

    assert find_commit(Remote(url), allow_inside=True) == commit
    assert find_commit(Remote(url), "main", allow_inside=True) == commit


def test_a_token_travels_in_a_header_and_not_in_the_address(served):
    url, _, asked = served
    find_commit(Remote(url, token="secret"), allow_inside=True)

    assert all("secret" not in path for path, _ in asked)
    assert any(header.startswith("Basic ") for _, header in asked)


def test_a_server_that_is_not_there_is_said():
    with pytest.raises(GitFailed) as failed:
        find_commit(Remote("http://127.0.0.1:1099/a.git"), allow_inside=True)
    assert failed.value.reason == "unreachable"


def test_a_bare_repository_is_told_from_a_folder(repository, tmp_path):
    repository.commit({"un.md": "Un"})
    git(tmp_path, "clone", "--quiet", "--bare", str(repository.folder), str(tmp_path / "nu.git"))

    assert is_bare(tmp_path / "nu.git")
    assert not is_bare(repository.folder)
