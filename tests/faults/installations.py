"""Databases and stores for the tests of faults: each is empty, and of one test alone."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text

_numbers = itertools.count(1)


@contextmanager
def database(engine: str, folder: Path, server: str) -> Iterator[str]:
    """Give the address of an empty database: a file in `folder`, or one more database of the PostgreSQL `server`."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / f'base-{next(_numbers)}.sqlite'}"
        return
    name = f"faults_{next(_numbers)}_{folder.name}".replace("-", "_").lower()
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        yield server.rpartition("/")[0] + f"/{name}"
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        admin.dispose()


@dataclass
class Bucket:
    """A server that speaks S3, with one bucket; it can be stopped and started again, with what it holds."""

    server: object
    port: int

    @property
    def url(self) -> str:
        return f"s3://KEY:SECRET@popschool/{{}}?endpoint=http://127.0.0.1:{self.port}&region=us-east-1"


@contextmanager
def bucket() -> Iterator[Bucket]:
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    _host, port = server.get_host_and_port()
    keys = {"aws_access_key_id": "KEY", "aws_secret_access_key": "SECRET", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", **keys).create_bucket(Bucket="popschool")
    try:
        yield Bucket(server, port)
    finally:
        server.stop()
