"""What a course promises and does not keep: competences never taught, projects whose criteria prove nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

ADD_PROOF = "Complétez « proves » d'un livrable, ou ajoutez un critère pour ce livrable."


def unproved(front: Mapping) -> Iterator[tuple[str, str, str]]:
    """Yield the field, what is wrong and how to mend it, for what a project's criteria leave without proof.

    A deliverable without `proves` proves all that its project aims at; a criterion without `of` judges every one.
    """
    aims = [aim["id"] for aim in front["competences"]]
    if front["criteria"] and not aims:
        words = "Les critères de ce projet ne prouvent aucune compétence."
        yield "criteria", words, "Ajoutez « competences » avec ce que le projet fait apprendre."
    elif aims and not front["criteria"]:
        words = "Ce projet vise des compétences, et aucun critère ne les prouve."
        yield "competences", words, "Ajoutez « criteria » : des phrases que le travail remplit ou non."
    elif aims:
        yield from _without_proof(front, aims)


def proved_by(front: Mapping) -> set[str]:
    """Return the competences that a project both aims at and proves, by a deliverable that a criterion judges."""
    aims = [aim["id"] for aim in front["competences"]]
    judged = {item["of"] for item in front["criteria"]}
    said = (
        key
        for item in front["deliverables"]
        if item["id"] in judged or None in judged
        for key in item["proves"] or aims
    )
    return set(said).intersection(aims)


def _without_proof(front: Mapping, aims: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    proved = proved_by(front)
    if not proved:
        words = "Les critères de ce projet ne prouvent aucune compétence : aucun livrable jugé n'en prouve."
        yield "criteria", words, ADD_PROOF
        return
    for number, key in enumerate(aims):
        if key not in proved:
            yield f"competences.{number}", f"Rien dans ce projet ne prouve la compétence « {key} ».", ADD_PROOF


def untaught(blocks: Iterable[Mapping], taught: set[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the field, what is wrong and how to mend it, for each competence of a programme that no project aims at."""
    for rank, block in enumerate(blocks):
        for number, item in enumerate(block["competences"]):
            if item["id"] not in taught:
                words = f"Aucun projet ne fait apprendre la compétence « {item['id']} »."
                mend = "Ajoutez-la dans « competences » d'un projet, ou écrivez le projet qui manque."
                yield f"blocks.{rank}.competences.{number}", words, mend
