"""Files keep their content and their name, in a folder and over the real S3 protocol."""

import hashlib
import os
import threading
from dataclasses import replace
from io import BytesIO, RawIOBase

import pytest

from popschool import storage
from popschool.storage import S3, FileMissing, Folder, open_store

CONTENT = b"Le menu du jour"
NAME = hashlib.sha256(CONTENT).hexdigest()
ABSENT = "0" * 64
BIG = os.urandom(1 << 20) * 9


@pytest.fixture(scope="module")
def s3_endpoint():
    """A server that speaks S3, with one bucket."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "KEY", "aws_secret_access_key": "SECRET", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=endpoint, **keys).create_bucket(Bucket="popschool")
    yield endpoint
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def url(request, tmp_path):
    if request.param == "folder":
        return f"file://{tmp_path / 'a folder with spaces'}"
    endpoint = request.getfixturevalue("s3_endpoint")
    return f"s3://KEY:SECRET@popschool/{tmp_path.name}?endpoint={endpoint}&region=us-east-1"


@pytest.fixture(params=["sqlite"], ids=[""])
def stored(request, url, app):
    """The application with its files at `url`."""
    before = app.config["POPSCHOOL"]
    app.config["POPSCHOOL"] = replace(before, storage_url=url)
    yield app
    app.config["POPSCHOOL"] = before


@pytest.fixture
def app(tmp_path):
    from flask import Flask

    from popschool.config import read_settings

    app = Flask("files")
    app.config["POPSCHOOL"] = read_settings({"POPSCHOOL_DATA_DIR": str(tmp_path / "data")})
    with app.app_context():
        yield app


def test_what_is_kept_is_found_by_its_hash(stored):
    kept = storage.put(CONTENT)

    assert kept == storage.StoredFile(NAME, len(CONTENT))
    assert storage.exists(NAME)
    assert storage.read(NAME) == CONTENT
    with storage.open(NAME) as file:
        assert file.read(2) == CONTENT[:2]


def test_the_same_content_is_kept_once(stored):
    storage.put(CONTENT)
    storage.put(BytesIO(CONTENT))

    assert list(storage.store().names()) == [NAME]


def test_a_large_file_goes_through_in_pieces(stored):
    kept = storage.put(BytesIO(BIG))

    assert kept.size == len(BIG)
    assert storage.read(kept.hash) == BIG


def test_what_cannot_be_rewound_is_kept_too(stored):
    class Stream(RawIOBase):
        rest = BytesIO(CONTENT)

        def readable(self):
            return True

        def readinto(self, buffer):
            return self.rest.readinto(buffer)

    assert storage.put(Stream()).hash == NAME


def test_a_file_that_is_not_there_is_missing(stored):
    assert not storage.exists(ABSENT)
    with pytest.raises(FileMissing):
        storage.read(ABSENT)
    storage.delete(ABSENT)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, NAME + "/", NAME + "\n"])
def test_a_name_that_is_not_a_hash_leads_nowhere(stored, name):
    assert not storage.exists(name)
    with pytest.raises(FileMissing):
        storage.open(name)
    with pytest.raises(FileMissing):
        storage.delete(name)


def test_a_deleted_file_is_gone(stored):
    storage.put(CONTENT)
    storage.delete(NAME)

    assert not storage.exists(NAME)


def test_a_store_says_that_it_can_be_written(stored):
    assert storage.is_writable()
    assert list(storage.store().names()) == []


def test_a_damaged_file_is_not_given(app, tmp_path):
    storage.put(CONTENT)
    [path] = [path for path in app.config["POPSCHOOL"].data_dir.rglob(NAME)]
    path.write_bytes(b"something else")

    with pytest.raises(FileMissing, match="content of its name"):
        storage.read(NAME)


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    class Broken(BytesIO):
        def read(self, size=-1):
            if self.tell():
                raise OSError("the disk is full")
            return super().read(4)

    folder = Folder(tmp_path)
    with pytest.raises(OSError, match="full"):
        folder.keep(NAME, Broken(CONTENT))

    assert not folder.exists(NAME)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_writers_of_the_same_file_do_not_hinder_each_other(tmp_path):
    folder = Folder(tmp_path)
    name = hashlib.sha256(BIG).hexdigest()
    threads = [threading.Thread(target=folder.keep, args=(name, BytesIO(BIG))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert list(folder.names()) == [name]
    with folder.open(name) as file:
        assert file.read() == BIG


def test_the_address_says_which_store():
    assert isinstance(open_store("file:///srv/popschool/files"), Folder)
    assert isinstance(open_store("s3://key:secret@bucket/files?endpoint=https://s3.example.org&region=fr"), S3)


def test_a_store_that_does_not_answer_is_said(app):
    app.config["POPSCHOOL"] = replace(
        app.config["POPSCHOOL"], storage_url="s3://key:secret@bucket?endpoint=http://127.0.0.1:9"
    )

    with pytest.raises(Exception, match=r"(?i)error"):
        storage.is_writable()
