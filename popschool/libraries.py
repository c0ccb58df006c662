"""The libraries installed here: versions and licences, as a list that tools read, and what is known against them."""

import json
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from urllib.request import Request, urlopen

OSV = "https://api.osv.dev"
SECONDS = 30
LONGEST_NAME_OF_A_LICENCE = 60
OF_LICENCES = "License :: OSI Approved :: "


class CannotAsk(RuntimeError):
    """The database of weaknesses did not answer: nothing is known."""


@dataclass(frozen=True)
class Library:
    """One library. `licence` is empty when it says none."""

    name: str
    version: str
    licence: str

    @property
    def address(self) -> str:
        """Return its package URL, by which tools know it."""
        return f"pkg:pypi/{self.name}@{self.version}"


def installed() -> list[Library]:
    """Return the libraries of this environment by name, without ourselves."""
    found = {}
    for one in metadata.distributions():
        name = re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower()
        if name != "popschool":
            found[name] = Library(name, one.version, licence_of(one.metadata))
    return [found[name] for name in sorted(found)]


def licence_of(said: metadata.PackageMetadata) -> str:
    """Return the licence that a library gives itself, from the newest way of saying it to the oldest."""
    expression, named = said.get("License-Expression"), (said.get("License") or "").strip()
    classes = [one.removeprefix(OF_LICENCES) for one in said.get_all("Classifier", []) if one.startswith(OF_LICENCES)]
    short = named if len(named) <= LONGEST_NAME_OF_A_LICENCE and "\n" not in named else ""
    return expression or " AND ".join(classes) or short or named.partition("\n")[0].strip()


def as_bill(libraries: Iterable[Library], version: str, now: datetime) -> str:
    """Return the list as a CycloneDX bill of materials, in JSON."""
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {
            "timestamp": now.isoformat(timespec="seconds"),
            "component": {"type": "application", "bom-ref": "popschool", "name": "popschool", "version": version},
        },
        "components": [
            {
                "type": "library",
                "bom-ref": one.address,
                "name": one.name,
                "version": one.version,
                "purl": one.address,
                "licenses": [{"license": {"name": one.licence}}] if one.licence else [],
            }
            for one in libraries
        ],
    }
    return json.dumps(bill, ensure_ascii=False, indent=1)


def known_weaknesses(libraries: Sequence[Library], service: str = OSV) -> dict[Library, list[str]]:
    """Ask a service that speaks as OSV does; return what is known against these versions. Raises CannotAsk."""
    queries = [{"package": {"name": one.name, "ecosystem": "PyPI"}, "version": one.version} for one in libraries]
    request = Request(
        f"{service.rstrip('/')}/v1/querybatch",
        json.dumps({"queries": queries}).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urlopen(request, timeout=SECONDS) as answer:
            results = json.load(answer)["results"]
        found = [sorted(known["id"] for known in result.get("vulns", [])) for result in results]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotAsk(f"{service} did not say what is known: {type(error).__name__}: {error}") from error
    if len(found) != len(libraries):
        raise CannotAsk(f"{service} answered for {len(found)} libraries of {len(libraries)}")
    return {one: known for one, known in zip(libraries, found, strict=True) if known}
