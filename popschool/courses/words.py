"""What is said of a course when it is checked and read, in the language of the page.

A problem is a sentence in French, found far from any page, kept with its synchronisation and read by other programs. A
page looks for the template that it was made from, and says that in its reader's language with the same facts. A
sentence that is not found here is shown as it is.
"""

import re
from functools import lru_cache

from flask_babel import gettext as _


def N_(text: str) -> str:
    """Mark a text for the catalogues, which is said later."""
    return text


SENTENCES = (
    # links and images
    N_("Le lien « %(href)s » sort du dépôt."),
    N_("Le lien « %(href)s » ne mène nulle part."),
    N_("Le lien « %(href)s » est retiré de la page."),
    N_("Un lien commence par https:, mailto: ou tel:."),
    N_("Le lien « %(href)s » mène à un fichier qui n'existe pas."),
    N_("Un lien ne peut mener qu'à un fichier du dépôt, ou à une adresse https."),
    N_("Le titre « #%(anchor)s » n'existe pas dans « %(page)s »."),
    N_("Titres possibles : %(names)s."),
    N_("Écrivez « %(name)s »."),
    N_("Ôtez le « # »."),
    N_("L'image « %(src)s » est sur un autre site."),
    N_("Mettez le fichier dans le dépôt, à côté de la page."),
    N_("L'image « %(src)s » sort du dépôt."),
    N_("Mettez-la dans le dépôt."),
    N_("L'image « %(src)s » n'existe pas."),
    N_("L'image « %(src)s » n'est pas dans les fichiers du cours."),
    N_("L'image « %(src)s » n'a pas de texte de remplacement."),
    N_("Décrivez l'image entre les crochets, en une phrase."),
    N_("« %(src)s » n'est pas une image que nous savons lire."),
    N_("Utilisez PNG, JPEG, GIF, WebP ou SVG."),
    N_("La vidéo « %(src)s » n'a pas de sous-titres."),
    N_("Ajoutez à côté le fichier « %(name)s », en WebVTT. Il donne aussi le texte à lire."),
    N_("Cette vidéo ne s'ouvre pas sur un téléphone."),
    N_("Enregistrez-la de nouveau en MP4 ou en WebM."),
    N_("Ces sous-titres ne se lisent pas, ou n'ont aucun mot."),
    N_("Commencez le fichier par « WEBVTT », puis une ligne vide, et enregistrez-le en UTF-8."),
    N_("Peut-être « %(name)s » ?"),
    N_("Vérifiez le chemin, à partir du dossier de cette page."),
    N_("Le texte du lien « %(words)s » ne dit pas où il mène."),
    N_("Écrivez ce qu'on y trouve. Exemple : la leçon sur les listes"),
    # files of a repository
    N_("Ce dépôt a %(count)s fichiers. Le maximum est %(most)s."),
    N_("Mettez les cours dans un dépôt à part, ou choisissez un dossier."),
    N_("Renommez ce fichier."),
    N_("C'est un lien symbolique : il n'est jamais suivi."),
    N_("C'est un sous-module : il n'est jamais suivi."),
    N_("Copiez le fichier lui-même."),
    N_("Ce nom ne se distingue pas de « %(name)s » sur certaines machines."),
    N_("Renommez l'un des deux."),
    N_("Ce fichier est trop lourd : %(size)s ko. Le maximum est %(most)s ko."),
    N_("Ce fichier est trop lourd : %(size)s Mo. Le maximum est %(most)s Mo."),
    N_("Coupez-le en plusieurs pages."),
    N_("Réduisez-le, ou donnez un lien."),
    N_("Le contenu de ce fichier manque dans le dépôt."),
    N_("Poussez de nouveau. Le dépôt n'a pas tout reçu."),
    N_("Cette image pèse %(size)s ko après réduction. Visez %(most)s ko."),
    N_("Recadrez-la, ou simplifiez-la."),
    N_("Cette image ne s'ouvre pas, ou appelle un autre fichier."),
    N_("Enregistrez-la de nouveau en PNG, JPEG, WebP ou SVG simple."),
    N_("Le dossier « %(name)s » est trop lourd. Le maximum est 10 Mo."),
    N_("Gardez seulement ce qu'il faut pour commencer."),
    N_("Les images de cette page pèsent %(size)s ko. Le maximum conseillé est 300 ko."),
    N_("Gardez les images utiles."),
    N_("Le schéma « %(name)s » n'a pas de version en mots."),
    N_(
        "Ajoutez juste dessous un bloc <details> qui dit la même chose en mots. Si ce n'est qu'une image, commencez sa"
        " description par « Dessin »."
    ),
    N_("Simplifiez cette page."),
    N_("Vérifiez cette adresse."),
    N_("Cette page prend trop de temps à préparer."),
    N_("Cette page emboîte trop de choses les unes dans les autres."),
    N_("Cette page ne peut pas être préparée (%(why)s)."),
    N_("Ce fichier ne peut pas être lu."),
    N_("Simplifiez-le."),
    N_("Ce fichier n'est pas du texte."),
    N_("Enregistrez-le en texte, en UTF-8."),
    N_("Cette ligne contient un signe qui n'est pas en UTF-8."),
    N_("Enregistrez le fichier en UTF-8 dans votre éditeur."),
    N_("Le nom de ce fichier n'est pas en UTF-8."),
    N_("Ce chemin sort du dépôt ou vise l'intérieur de git."),
    N_("Le nom de ce fichier contient un signe invisible."),
    N_("Le chemin de ce fichier est trop long."),
    # programmes, projects and pages
    N_("L'identifiant « %(name)s » est déjà pris par « %(path)s »."),
    N_("L'identifiant « %(name)s » est aussi pris par « %(path)s »."),
    N_("Donnez un identifiant neuf à celui que vous avez ajouté en dernier."),
    N_("Ce projet n'est dans aucun programme."),
    N_("Mettez-le dans le dossier d'un programme, à côté de « programme.yml »."),
    N_("Le dossier « %(name)s » n'existe pas."),
    N_("Créez-le à côté de projet.md."),
    N_("La compétence « %(name)s » n'existe pas."),
    N_("Les noms possibles sont dans « programme.yml »."),
    N_("Écrivez « %(name)s ». Les noms possibles sont dans « programme.yml »."),
    N_("Le projet « %(name)s » n'existe pas dans ce programme."),
    N_("Projets possibles : aucun."),
    N_("Projets possibles : %(names)s."),
    N_("Cette version n'a pas de page : « %(name)s » n'existe pas."),
    N_("Créez « %(name)s » à côté, ou renommez ce fichier."),
    N_("Cette page aurait la même adresse que « %(path)s »."),
    N_("Changez le nom du fichier, ou son « id »."),
    N_("Ce projet change d'identifiant : « %(before)s » devient « %(after)s ». C'est un autre projet."),
    N_("Les travaux faits restent sur « %(before)s ». Remettez-le, sauf si c'est voulu."),
    N_("Cette page change d'adresse : « %(before)s » devient « %(after)s »."),
    N_("Les promos en cours gardent l'ancienne."),
    N_("Les critères de ce projet ne prouvent aucune compétence."),
    N_("Les critères de ce projet ne prouvent aucune compétence : aucun livrable jugé n'en prouve."),
    N_("Ajoutez « competences » avec ce que le projet fait apprendre."),
    N_("Ce projet vise des compétences, et aucun critère ne les prouve."),
    N_("Ajoutez « criteria » : des phrases que le travail remplit ou non."),
    N_("Rien dans ce projet ne prouve la compétence « %(name)s »."),
    N_("Complétez « proves » d'un livrable, ou ajoutez un critère pour ce livrable."),
    N_("Aucun projet ne fait apprendre la compétence « %(name)s »."),
    N_("Ajoutez-la dans « competences » d'un projet, ou écrivez le projet qui manque."),
    N_("Bloc de code sans langage."),
    N_("Ajoutez le langage après les trois accents graves. Exemple : html"),
    N_("Ce titre saute un niveau : il passe du niveau %(before)s au niveau %(after)s."),
    N_("Commencez-le par « %(signs)s »."),
    # how easy a page is to read
    N_("Phrase difficile à lire : %(count)s mots."),
    N_("Phrase difficile à lire : %(count)s mots, souvent longs. Lisibilité mesurée : %(ease)s."),
    N_("Coupez-la en deux, avec des mots de tous les jours."),
    N_("Cette page est difficile à lire. Lisibilité mesurée : %(ease)s. Visée : %(aim)s."),
    N_(
        "Cette page est difficile à lire. Lisibilité mesurée : %(ease)s. Visée : %(aim)s. "
        "%(count)s phrases sont difficiles."
    ),
    N_("Écrivez des phrases courtes et des mots de tous les jours."),
    # YAML
    N_("Ces lignes se répètent ou s'emboîtent sans fin."),
    N_("Écrivez chaque valeur en entier, sans & ni *."),
    N_("Ces lignes ne se lisent pas comme du YAML (%(why)s)."),
    N_("Cette ligne ne se lit pas comme du YAML."),
    N_("Comparez avec l'exemple de la documentation."),
    N_("On attend ici des lignes « nom: valeur »."),
    N_("Le champ est écrit deux fois."),
    N_("Le champ « %(name)s » est écrit deux fois."),
    N_("Gardez-en un seul."),
    N_("Une tabulation gêne la lecture."),
    N_("Remplacez-la par des espaces."),
    N_("Vérifiez les espaces au début de la ligne, et mettez entre guillemets un texte qui contient « : » ou « # »."),
    N_("Il manque le champ « %(name)s »."),
    N_("Ajoutez une ligne « %(name)s: … »."),
    N_("Le champ « %(name)s » n'existe pas ici."),
    N_("Retirez-le, ou voyez les champs possibles dans la documentation."),
    N_("« %(value)s » n'est pas une valeur possible."),
    N_("Choisissez : %(names)s."),
    N_("« %(name)s » doit être un texte."),
    N_("Mettez la valeur entre guillemets."),
    N_("« %(value)s » ne peut pas servir ici."),
    N_("Écrivez des lettres minuscules sans accent, des chiffres et des tirets."),
    N_("« %(name)s » doit être un nombre entier."),
    N_("« %(name)s » doit être true ou false."),
    N_("« %(name)s » doit être une liste."),
    N_("« %(name)s » doit être une suite de lignes « mot: explication »."),
    N_("« %(name)s » doit être une suite de lignes « nom: valeur »."),
    N_("« %(name)s » n'a pas assez d'éléments."),
    N_("« %(name)s » a trop d'éléments."),
    N_("« %(name)s » est vide."),
    N_("« %(name)s » est trop long."),
    N_("« %(name)s » doit être au moins %(least)s."),
    N_("« %(name)s » doit être au plus %(most)s."),
    N_("« %(name)s » ne convient pas."),
    N_("La compétence « %(name)s » n'est pas visée par ce projet."),
    N_("Ajoutez-la dans « competences »."),
    N_("Le livrable « %(name)s » n'existe pas dans ce projet."),
    N_("Livrables possibles : aucun."),
    N_("Livrables possibles : %(names)s."),
    N_("« team_size » ne va qu'avec « work: team »."),
    N_("Retirez-le, ou écrivez « work: team »."),
    N_("« %(name)s » ne commence pas par « %(start)s »."),
    N_("L'identifiant « %(name)s » est écrit deux fois."),
    N_("Donnez un numéro neuf à l'une."),
    N_("« %(name)s » est écrit deux fois."),
    N_("Donnez un identifiant neuf à l'un des deux."),
    N_("Ce projet n'a pas d'en-tête entre deux lignes « --- »."),
    N_("Commencez par « --- », puis id, title, et la suite."),
    N_("L'en-tête est trop long."),
    N_("Gardez les textes longs dans la page."),
    # quizzes
    N_("Ce questionnaire n'a pas de titre."),
    N_("Ajoutez « title: … » dans l'en-tête, ou un titre qui commence par un seul « # »."),
    N_("Ce questionnaire a %(count)s questions. Le maximum est %(most)s."),
    N_("Faites-en plusieurs."),
    N_("Ce questionnaire n'a pas de question."),
    N_("Écrivez chaque question dans un titre qui commence par « ## »."),
    N_("La question de la ligne %(line)s a le même identifiant : « %(name)s »."),
    N_("Sous le titre, écrivez « <!-- id: un-autre-mot --> »."),
    N_("Un questionnaire n'a pas d'autres titres que ses questions."),
    N_("Retirez ce titre, ou écrivez-le en gras."),
    N_("« %(name)s » n'est pas un réglage."),
    N_("« %(value)s » ne va pas avec « %(name)s »."),
    N_("L'identifiant « %(name)s » ne peut pas servir."),
    N_("Cette question n'a pas de titre."),
    N_("Écrivez-la après « ## »."),
    N_("Cette question n'a pas de réponses."),
    N_("Écrivez-les en liste : « - [x] juste » et « - [ ] pas juste »."),
    N_("Cette question a %(count)s réponses. Le maximum est %(most)s."),
    N_("Gardez les plus utiles."),
    N_("Cette réponse est loin des autres."),
    N_("Mettez-les dans une seule liste."),
    N_("Ce texte vient après les réponses."),
    N_("Mettez-le avant, ou commencez la ligne par « > » pour expliquer."),
    N_("Cette réponse est écrite deux fois."),
    N_("Gardez-en une seule."),
    N_("Une réponse tient en un paragraphe."),
    N_("Gardez une phrase. Mettez le reste avant les réponses, ou derrière « > » pour expliquer."),
    N_("Aucune réponse n'est juste."),
    N_("Mettez un x dans la bonne case : « - [x] »."),
    N_("Cette question n'a qu'une réponse."),
    N_("Ajoutez-en une autre."),
    N_("Aucune réponse n'est expliquée."),
    N_("Sous une réponse, ajoutez une ligne qui commence par « > »."),
    N_("Cette question vise des lignes, mais n'a pas de code."),
    N_("Avant les réponses, mettez le code entre deux lignes de trois accents graves."),
    N_("Le code n'a rien à la ligne %(line)s."),
    N_("Choisissez une ligne de 1 à %(last)s qui n'est pas vide."),
    # a synchronisation and its log
    N_("Le dépôt ne répond pas."),
    N_("Vérifiez l'adresse, puis relancez."),
    N_("Le dépôt refuse l'entrée."),
    N_("Vérifiez le jeton, ou collez la clé de déploiement chez la forge."),
    N_("Cette branche n'existe pas dans le dépôt."),
    N_("Vérifiez le nom de la branche."),
    N_("Ce dossier n'existe pas dans le dépôt."),
    N_("Vérifiez le nom du dossier."),
    N_("Le dépôt met trop de temps à répondre."),
    N_("Relancez dans quelques minutes."),
    N_("Le dépôt est trop lourd. Le maximum est 500 Mo."),
    N_("Mettez les cours dans un dépôt à part."),
    N_("Le dépôt ne se lit pas."),
    N_("Poussez de nouveau, puis relancez."),
    N_("Cette lecture s'est arrêtée trop longtemps."),
    N_("Une autre a pris la suite."),
    N_("La mise à jour s'est arrêtée à cause d'une erreur de Popschool."),
    N_("Prévenez l'équipe du réseau. La version en ligne n'a pas changé."),
    N_("La lecture s'est arrêtée en route."),
    N_("Relancez-la. La version en ligne n'a pas changé."),
    N_("Cette adresse mène à l'intérieur de notre réseau."),
    N_("Donnez une adresse publique."),
    N_("Aucune machine ne répond au nom « %(host)s »."),
    N_("Vérifiez l'adresse."),
    N_("Cette adresse ne peut pas servir."),
    N_("Donnez une adresse https ou ssh, sans mot de passe dedans."),
    N_("Il y a %(count)s autres problèmes ou conseils."),
    N_("Corrigez d'abord ceux-ci, ou lisez-les tous avec « popschool courses check »."),
    N_("Commit %(commit)s, de %(author)s : %(message)s"),
    N_("Version %(number)s en ligne. Pages changées : %(count)s."),
    N_("Rien de nouveau : la version %(number)s est en ligne."),
    N_("Rien n'a été publié. Problèmes qui bloquent : %(count)s."),
    N_("La lecture n'a pas abouti."),
    N_("La lecture n'a pas abouti. %(why)s"),
)
FACT = re.compile(r"%\((\w+)\)s")


def said(sentence: str) -> str:
    """Return a sentence in the language of the page."""
    template, facts = made_from(sentence)
    if template is None:
        return sentence
    return _(template, **{name: said(fact) for name, fact in facts}) if facts else _(template)


@lru_cache(maxsize=2048)
def made_from(sentence: str) -> tuple[str | None, tuple[tuple[str, str], ...]]:
    """Return the template that a sentence was made from, and its facts; None when it has none."""
    if sentence in _whole():
        return sentence, ()
    for pattern, template in _patterns():
        found = pattern.fullmatch(sentence)
        if found:
            return template, tuple(found.groupdict().items())
    return None, ()


@lru_cache(maxsize=1)
def _whole() -> frozenset[str]:
    return frozenset(template for template in SENTENCES if not FACT.search(template))


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Return what recognises each template that has facts: the one with most words of its own first."""
    templates = [template for template in SENTENCES if FACT.search(template)]
    templates.sort(key=lambda template: len(FACT.sub("", template)), reverse=True)
    return [(re.compile(_pattern(template), re.DOTALL), template) for template in templates]


def _pattern(template: str) -> str:
    pieces = FACT.split(template)
    return "".join(f"(?P<{piece}>.*?)" if rank % 2 else re.escape(piece) for rank, piece in enumerate(pieces))
