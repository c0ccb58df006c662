"""The first lap, step by step, in the words of the screen: who comes in, sets, sends, answers and sees."""

from dataclasses import dataclass
from pathlib import Path

from tests.courses.repositories import PROGRAMME, Repository, git
from tests.journeys.hands import Hands
from tests.journeys.installation import Installation, link_in, wait_for

PASSWORD = "trois bancs sous un orme"
FIRST_STEP, LATER_STEP = "Écrivez les horaires du comptoir.", "Écrivez aussi les jours fermés."
TEXT = "Ma page est en ligne.\nLe tableau dit les heures."
NEW_TEXT = "J'ai ajouté les en-têtes du tableau."
LINK = "https://example.org/comptoir"
REPROACH = "Les heures sont claires. Ajoutez des en-têtes au tableau."
PRAISE = "Les en-têtes y sont : bravo."
HOURS, CLEAR = "Les horaires sont dans un tableau.", "Les textes sont courts."
GOOD, IDEA = "Le titre dit où je suis.", "Essayez une phrase plus courte."
SET_UP, BUILD = "Installer son environnement", "Réaliser des interfaces"

PROJECT = f"""---
id: comptoir
title: La page du comptoir
summary: Une page qui dit les horaires.
hours: 15
work: alone
competences:
  - {{id: RNCP37674/1, level: 1}}
  - {{id: RNCP37674/2, level: 2}}
deliverables:
  - id: page
    title: La page
    hint: Dites ce que vous avez fait, et montrez-le.
    asks: [text, link, files]
    proves: [RNCP37674/1, RNCP37674/2]
criteria:
  - {{id: horaires, text: "{HOURS}"}}
  - {{id: mots, text: "{CLEAR}"}}
words:
  Balise: Un mot entre < et >.
---
## Contexte

Le comptoir ouvre à neuf heures.

## Les étapes

1. {FIRST_STEP}
2. Lisez [la leçon](01-html.md).
"""
LESSON = "# Le HTML\n\nUne page est faite de balises.\n"


@dataclass
class Author:
    """A repository where courses are written, and the bare one that it is pushed to."""

    writing: Repository
    remote: Path

    @classmethod
    def with_a_course(cls, folder: Path) -> "Author":
        remote = folder / "cours.git"
        remote.mkdir(parents=True)
        git(remote, "init", "--quiet", "--bare", "--initial-branch=main")
        author = cls(Repository(folder / "cours"), remote)
        author.push(
            {"web/programme.yml": PROGRAMME, "web/comptoir/projet.md": PROJECT, "web/comptoir/01-html.md": LESSON}
        )
        return author

    def push(self, files: dict[str, str | bytes | None]) -> str:
        commit = self.writing.commit(files)
        git(self.writing.folder, "push", "--quiet", str(self.remote), "main")
        return commit


def put_online(author: Hands, source: str) -> None:
    """The author has the repository read, and reads the page as it will be."""
    author.follow("Cours")
    author.follow("Mises à jour et problèmes")
    author.press("Lancer la synchronisation")
    author.sees("La mise à jour est demandée.")

    def is_read() -> bool | None:
        author.open(f"/sources/{source}")
        return author.page.get_by_text("La dernière lecture n'a trouvé aucun problème.").count() > 0 or None

    wait_for(is_read, "the end of the sync")
    author.follow("Lire les projets de « Développeur web »")
    author.follow("Lire « La page du comptoir »")
    author.sees(FIRST_STEP, HOURS, "Balise")


def come_in(hands: Hands, link: str) -> None:
    """Open an invitation, twice since people do, and choose a password."""
    hands.open(link)
    hands.open(link)
    hands.write("Nouveau mot de passe", PASSWORD)
    hands.press("Ouvrir mon compte")


def invited(where: Installation, mail: str) -> str:
    return link_in(where.mail_to(mail, "Votre accès à Pop School est prêt"))


def open_a_school(network: Hands, second: Hands, manager: str) -> None:
    """The network opens a school, and two of its people let in the person who runs it."""
    network.follow("Ouvrir une école")
    network.write("Code", "VAL")
    network.write("Nom", "Valenciennes")
    network.select("Région", "Hauts-de-France")
    network.write("Téléphone", "03 53 01 00 12")
    network.press("Ouvrir l'école")
    network.sees("L'école Valenciennes est ouverte. Invitez maintenant sa direction.")
    propose_a_manager(network, second, "Directrice", "01", manager)


def propose_a_manager(network: Hands, second: Hands, first_name: str, last_name: str, mail: str) -> None:
    """One person of the network proposes whoever runs a school, another confirms."""
    invite_to_the_team(network, first_name, last_name, mail, "Responsable d'école")
    network.sees("Ce rôle se donne à deux.")
    second.open("/account")
    second.follow("Demandes à deux")
    second.follow(f"{first_name} {last_name}")
    second.choose("Je confirme", of="Votre réponse")
    second.press("Envoyer ma réponse")


def invite_to_the_team(hands: Hands, first_name: str, last_name: str, mail: str, role: str) -> None:
    hands.write("Prénom", first_name)
    hands.write("Nom", last_name)
    hands.write("Adresse mail ou téléphone", mail)
    hands.choose(role)
    hands.press("Envoyer l'invitation")


def hire(manager: Hands, mail: str) -> None:
    """The manager invites a trainer to the school."""
    manager.follow("L'équipe de l'école")
    manager.follow("Inviter quelqu'un")
    invite_to_the_team(manager, "Formatrice", "02", mail, "Formateur ou formatrice")
    manager.sees("Formatrice 02 a ce rôle. L'invitation est partie.")


def open_a_cohort(manager: Hands, learner: str) -> None:
    """The manager opens a cohort, adds a learner, posts a trainer, and sends the invitation."""
    manager.open("/")
    manager.follow("Ouvrir une promo")
    manager.choose("Développeur web")
    manager.write("Code", "VAL-2027-1")
    manager.write("Dernier jour", "2027-09-10")
    manager.press("Ouvrir la promo")
    manager.sees("La promo VAL-2027-1 est ouverte. Ajoutez maintenant les personnes.")
    manager.follow("Ajouter une personne")
    manager.write("Prénom", "Apprenante")
    manager.write("Nom", "07 VAL-2027-1")
    manager.write("Adresse mail", learner)
    manager.press("Ajouter")
    manager.sees("Apprenante 07 VAL-2027-1 a une place dans la promo.")
    manager.follow("Placer un formateur ou une formatrice")
    manager.select("Formateur ou formatrice", "Formatrice 02")
    manager.press("Placer dans la promo")
    manager.sees("Formatrice 02 suit maintenant cette promo.")
    manager.follow("Les invitations et les cartes")
    manager.press("Envoyer les invitations")
    manager.sees("1 invitation est partie.")


def set_the_project(trainer: Hands) -> None:
    """The trainer sets the project to the cohort."""
    trainer.follow("Promos")
    trainer.follow("VAL-2027-1")
    trainer.follow("Les projets donnés, les équipes, les délais")
    trainer.follow("Donner un projet")
    trainer.select("Projet", "1. La page du comptoir")
    trainer.write("À envoyer avant le", "2027-03-12T18:00")
    trainer.press("Donner ce projet")
    trainer.sees("La page du comptoir est donné à la promo.")


def read_the_project(learner: Hands) -> None:
    """The learner finds the project from today, and reads its lesson."""
    learner.open("/")
    learner.is_at("Aujourd'hui, lundi 8 mars")
    learner.sees("Projet 1 : La page du comptoir.", "vendredi 12 mars, 18 h")
    learner.follow("Ouvrir le projet")
    learner.sees(FIRST_STEP, HOURS, CLEAR)
    learner.follow("la leçon")
    learner.sees("Une page est faite de balises.")
    learner.back()


def hand_in(learner: Hands, photo: Path) -> None:
    """The learner sends a text, a link and a file: what is sent, a check, a receipt."""
    learner.follow("Envoyer mon travail")
    learner.sees("Étape 1 sur 3")
    learner.press("Continuer")
    learner.sees("Ajoutez un texte, un lien et des fichiers. Votre travail n'est pas encore envoyé.")
    learner.write("Votre texte", TEXT)
    learner.press("Garder le brouillon")
    learner.sees("Votre brouillon est gardé.")
    learner.follow("Continuer mon envoi")
    assert learner.value("Votre texte") == TEXT
    learner.write("Le lien de votre page", LINK)
    learner.attach("Vos fichiers", photo)
    learner.write("Un mot pour l'équipe", "Le tableau a été long.")
    learner.press("Continuer")
    learner.sees("Étape 2 sur 3", "Le tableau dit les heures.", LINK, photo.name, "Le tableau a été long.")
    learner.press("Envoyer mon travail")
    learner.is_at("Votre travail est reçu")
    learner.sees("Étape 3 sur 3", "Version 1, reçue lundi 8 mars", "votre équipe de formation, dans l'ordre d'arrivée")


def ask_for_more(trainer: Hands) -> None:
    """The trainer answers "to complete", from the queue."""
    trainer.follow("Rendus")
    trainer.sees("1 rendu en attente", "Apprenante 07 VAL-2027-1")
    trainer.follow("Relire ce rendu")
    trainer.sees("Le tableau dit les heures.", LINK)
    trainer.choose("En partie", of=HOURS)
    trainer.choose("Oui", of=CLEAR)
    trainer.write("Commentaire", REPROACH)
    trainer.choose("À reprendre", of="Décision")
    trainer.press("Envoyer mon retour")
    trainer.sees("Retour envoyé à Apprenante 07 VAL-2027-1 : à reprendre.", "Tout est relu")


def send_again(learner: Hands, photo: Path) -> None:
    """The learner reads the answer, and sends a second version: only what changes is written again."""
    learner.open("/")
    learner.sees("Complétez votre travail", "Un retour vous attend.")
    learner.follow("Lire le retour")
    learner.sees("Il reste quelque chose à compléter", REPROACH, "en partie")
    learner.follow("Envoyer une nouvelle version")
    learner.sees("Voici votre version 1.", photo.name)
    assert learner.value("Le lien de votre page") == LINK
    learner.write("Votre texte", NEW_TEXT)
    learner.press("Continuer")
    learner.press("Envoyer mon travail")
    learner.sees("Version 2, reçue lundi 8 mars")


def validate(trainer: Hands) -> None:
    """The trainer validates the second version, with two competences."""
    trainer.follow("Rendus")
    trainer.follow("Relire ce rendu")
    trainer.sees("Version 2", "Cette version répond au retour du lundi 8 mars", NEW_TEXT)
    trainer.choose("Oui", of=HOURS)
    trainer.choose("Oui", of=CLEAR)
    trainer.choose("1. Imiter", of=SET_UP)
    trainer.choose("2. Adapter", of=BUILD)
    trainer.write("Commentaire", PRAISE)
    trainer.choose("Validé", of="Décision")
    trainer.press("Envoyer mon retour")
    trainer.sees("Retour envoyé à Apprenante 07 VAL-2027-1 : validé.")


def change_the_course(author: Author, where: Installation, trainer: Hands) -> None:
    """The author changes the project, and the trainer moves the cohort to it."""
    author.push({"web/comptoir/projet.md": PROJECT.replace(FIRST_STEP, LATER_STEP)})
    where.command("courses", "sync", "web")
    trainer.follow("Promos")
    trainer.follow("VAL-2027-1")
    trainer.follow("La version du cours")
    trainer.follow("Voir ce qui changerait")
    trainer.press("Changer de version")
    trainer.sees("La promo lit maintenant la version 2 du cours.")


def see_the_proofs(learner: Hands) -> None:
    """The learner sees two competences, and opens the proofs: the version, and the project as it was."""
    learner.follow("Projets")
    learner.follow("La page du comptoir")
    learner.sees(LATER_STEP, "Ce projet est validé")
    for competence, level in (("Installer mes outils", "Je refais"), ("Faire une page", "J'adapte")):
        learner.follow("Compétences")
        learner.sees("Vous avez commencé 2 compétences", level)
        learner.unfold(f"1 preuve : {competence}")
        learner.follow(f"La page, version 2 : {competence}")
        learner.sees(NEW_TEXT, LINK, "celle qui compte")
        learner.does_not_see("Ma page est en ligne.")
        learner.back()
        learner.unfold(f"1 preuve : {competence}")
        learner.follow(f"Le projet tel qu'il était : La page, {competence}")
        learner.sees("La page telle qu'elle était le lundi 8 mars", FIRST_STEP)
        learner.does_not_see(LATER_STEP)


def say_of_each_criterion(hands: Hands, count: int) -> None:
    """A reviewer answers, says what works and where, and gives an idea: a page for each criterion."""
    for _criterion in range(count):
        hands.choose("en partie")
        hands.write("Ce qui marche", GOOD)
        hands.select("L'endroit qui marche", "Le texte")
        hands.write("La ligne qui marche", "1")
        hands.write("Une idée pour continuer", IDEA)
        hands.press("Continuer")
