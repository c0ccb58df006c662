"""A learner's own portfolio, to take away: works, feedback, competences and badges, in an archive that anybody reads.

It opens in any browser without this software. A manifest has the fingerprint of each file, and is signed as a badge is:
who has the archive can tell whether one of its files was changed.
"""

import hashlib
import html
import io
import json
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from popschool import storage
from popschool.completion import tokens
from popschool.completion.models_badges import Badge
from popschool.completion.services_badges import badges_of
from popschool.completion.services_levels import levels_of
from popschool.db import db
from popschool.grading.models import Feedback
from popschool.projects.models import Submission, SubmissionFile, SubmissionOwner
from popschool.schools.models import Network, Person

LEVELS = {1: "imiter", 2: "adapter", 3: "transposer"}
ZIP_MOMENT = (1980, 1, 1, 0, 0, 0)
STYLE = "body{font:1.1rem/1.5 sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}article{border-top:1px solid}"


def facts_of(person: Person, badges: Sequence[Badge]) -> dict[str, Any]:
    """Return what a portfolio says, as plain values. Three queries, whatever the number of works."""
    asked = (
        select(Submission)
        .join(SubmissionOwner, SubmissionOwner.submission_id == Submission.id)
        .where(SubmissionOwner.person_id == person.id)
        .order_by(Submission.submitted_at, Submission.id)
        .options(joinedload(Submission.deliverable), joinedload(Submission.files))
    )
    works = db.session.scalars(asked).unique().all()
    answered = (
        select(Feedback)
        .where(Feedback.submission_id.in_([one.id for one in works]), Feedback.undone_at.is_(None))
        .order_by(Feedback.number)
        .options(joinedload(Feedback.trainer), joinedload(Feedback.marks))
    )
    answers: dict[int, list[Feedback]] = {}
    for feedback in db.session.scalars(answered).unique():
        answers.setdefault(feedback.submission_id, []).append(feedback)
    levels = sorted(levels_of([person.id]).get(person.id, {}).values(), key=lambda one: one.key)
    return {
        "person": {"first_name": person.first_name, "last_name": person.last_name},
        "competences": [
            {"id": one.key, "title": one.title, "level": one.level, "work": one.submission_id, "by": one.trainer,
             "on": one.awarded_at.date().isoformat()}
            for one in levels
        ],
        "works": [_work(one, one.files, answers.get(one.id, [])) for one in works],
        "badges": [
            {"name": one.name, "file": f"badges/{one.key}.jwt"}
            for one in badges
            if one.revocation is None
        ],
    }  # fmt: skip


def _work(one: Submission, files: list[SubmissionFile], answers: list[Feedback]) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.deliverable.title,
        "version": one.version,
        "sent_at": one.submitted_at.isoformat(),
        "text": one.text,
        "link": one.link,
        "repository": one.repository,
        "commit": one.repository_commit,
        "files": [
            {"name": file.name, "hash": file.hash, "path": f"works/{one.id}/{file.position}-{_safe(file.name)}"}
            for file in files
        ],
        "feedback": [
            {
                "by": answer.trainer.name,
                "sent_at": answer.sent_at.isoformat(),
                "decision": answer.decision,
                "comment": answer.comment,
                "criteria": [{"text": mark.text, "answer": mark.word} for mark in answer.marks],
            }
            for answer in answers
        ],
    }


def _safe(name: str) -> str:
    return "".join(char if char.isalnum() or char in ".-_" else "-" for char in name)[-80:] or "fichier"


def bundle(person: Person, base_url: str, now: datetime) -> bytes:
    """Return a person's portfolio as a signed archive."""
    badges = badges_of(person.id)
    facts = facts_of(person, badges)
    network = db.session.scalars(select(Network)).one()
    kept: dict[str, bytes] = {
        "index.html": page(facts).encode(),
        "portfolio.json": json.dumps(facts, ensure_ascii=False, indent=1).encode(),
    }
    for badge in badges:
        if badge.revocation is None:
            kept[f"badges/{badge.key}.jwt"] = badge.token.encode()
    for work in facts["works"]:
        for file in work["files"]:
            try:
                kept[file["path"]] = storage.read(file["hash"])
            except storage.FileMissing:
                continue
    manifest = {
        "iss": f"{base_url}/badges/issuer",
        "issuer_name": network.legal_name or network.name,
        "iat": int(now.timestamp()),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(kept.items())},
    }
    kept["manifest.jwt"] = tokens.signed(manifest).encode()
    kept["key.json"] = json.dumps(tokens.public_jwk(), indent=1).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(kept.items()):
            archive.writestr(zipfile.ZipInfo(name, ZIP_MOMENT), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def page(facts: dict[str, Any]) -> str:
    """Return the portfolio as one page, without script: every word of it is escaped."""
    name = html.escape(f"{facts['person']['first_name']} {facts['person']['last_name']}".strip())
    competences = "".join(
        f"<li>{html.escape(one['title'])} : {LEVELS[one['level']]} (<a href='#w{one['work']}'>preuve</a>)</li>"
        for one in facts["competences"]
    )
    works = "".join(_article(one) for one in facts["works"])
    return (
        f"<!doctype html><html lang='fr'><head><meta charset='utf-8'><title>Portfolio, {name}</title>"
        f"<meta name='viewport' content='width=device-width'><style>{STYLE}</style></head><body><main>"
        f"<h1>Portfolio, {name}</h1><h2>Compétences</h2><ul>{competences}</ul><h2>Travaux</h2>{works}"
        "<p>Le fichier manifest.jwt a l'empreinte de chaque fichier ; key.json est la clé qui le vérifie.</p>"
        "</main></body></html>"
    )


def _article(work: dict[str, Any]) -> str:
    files = "".join(f"<li><a href='{html.escape(f['path'])}'>{html.escape(f['name'])}</a></li>" for f in work["files"])
    answers = "".join(
        f"<blockquote><p>{html.escape(one['comment'])}</p><p>{html.escape(one['by'])}</p></blockquote>"
        for one in work["feedback"]
    )
    link = html.escape(work["link"] or work["repository"])
    return (
        f"<article id='w{work['id']}'><h3>{html.escape(work['title'])}, version {work['version']}</h3>"
        f"<p>{html.escape(work['text'])}</p>{f'<p>{link}</p>' if link else ''}<ul>{files}</ul>{answers}</article>"
    )
