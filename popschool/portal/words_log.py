"""The words of the record of acts: what each act is, by kind, and the parts of a file that somebody opens."""

from flask_babel import lazy_gettext as _l

PARTS = {
    "person": _l("la fiche"),
    "file": _l("le dossier : travail et compétences"),
    "presence": _l("la présence"),
    "competences": _l("les compétences"),
}

ACCOUNTS = {
    "account.joined": _l("est entré ou entrée la première fois"),
    "account.closed": _l("a fermé un compte"),
    "account.reopened": _l("a rouvert un compte"),
    "password.set": _l("a choisi un mot de passe"),
    "session.ended": _l("a déconnecté un appareil"),
    "sessions.ended": _l("s'est déconnecté ou déconnectée partout"),
    "totp.started": _l("a mis en place un second code"),
    "totp.stopped": _l("a arrêté un second code"),
    "totp.codes_renewed": _l("a refait ses codes de secours"),
    "make_api_key": _l("a fait une clé pour un programme"),
    "end_api_key": _l("a arrêté une clé de programme"),
    "ask_correction": _l("a demandé une correction"),
    "answer_correction": _l("a répondu à une demande de correction"),
    "ask_own_data": _l("a demandé toutes ses données"),
}
RIGHTS = {
    "role.granted": _l("a donné un rôle"),
    "role.ended": _l("a retiré un rôle"),
    "role.proposed": _l("a proposé un rôle"),
    "person.invited": _l("a invité une personne"),
    "open_door": _l("a ouvert une porte à un financeur ou à un contrôle"),
    "close_door": _l("a fermé une porte"),
    "post": _l("a placé un formateur ou une formatrice"),
    "end_posting": _l("a arrêté le suivi d'une promo"),
}
TAKEN = {
    "export_month": _l("a pris la liste de présence d'un mois"),
    "export_absences": _l("a pris la liste des absences"),
    "export_afterwards": _l("a pris la liste des suites de parcours"),
    "export_documents": _l("a pris les papiers d'une promo"),
    "export_document": _l("a pris un papier"),
    "export_report": _l("a pris le bilan de l'année"),
    "export_portfolio": _l("a pris son portfolio"),
    "export_sheet": _l("a pris une feuille d'émargement"),
    "export_absence_paper": _l("a ouvert un justificatif"),
    "export_paper_scan": _l("a ouvert une feuille scannée"),
    "export_board": _l("a pris le tableau d'une promo"),
    "export_log": _l("a pris le journal des actes"),
    "export_own_data": _l("a pris toutes ses données"),
    "export_whole_file": _l("a pris le dossier complet d'une personne"),
    "ask_whole_file": _l("a demandé le dossier complet d'une personne"),
    "look_through_door": _l("a regardé par la porte d'un financeur ou d'un contrôle"),
}
PEOPLE = {
    "person.added": _l("a ajouté une personne"),
    "create_person": _l("a ajouté une personne"),
    "edit_person": _l("a corrigé une fiche"),
    "merge_people": _l("a réuni deux fiches"),
    "enrol": _l("a donné une place"),
    "edit_place": _l("a changé les dates d'une place"),
    "end_enrolment": _l("a noté une sortie"),
    "take_back_end": _l("a annulé une sortie"),
    "import_roster": _l("a importé une liste"),
    "arrange": _l("a ajouté un aménagement"),
    "end_accommodation": _l("a arrêté un aménagement"),
}
PRESENCE = {
    "close_week": _l("a fermé une semaine"),
    "bring_paper": _l("a apporté une feuille de papier"),
    "add_walk_in": _l("a ajouté une personne sur place"),
    "explain_absence": _l("a expliqué une absence"),
    "decide_absence": _l("a décidé d'une absence"),
    "dispute_half_day": _l("a contesté une demi-journée"),
    "answer_dispute": _l("a répondu à une contestation"),
    "sign_company_week": _l("a signé une semaine en entreprise"),
    "sign_company_week_as_tutor": _l("a signé une semaine comme tuteur ou tutrice"),
    "replace_trainer": _l("a remplacé un formateur ou une formatrice"),
    "set_absence_code": _l("a changé un motif d'absence"),
}
PAPERS = {
    "ask_documents": _l("a demandé les papiers d'une promo"),
    "issue_document": _l("a fait un papier"),
    "revoked_document": _l("a annulé un papier"),
    "replaced_document": _l("a remplacé un papier"),
    "fund_place": _l("a noté qui paie une place"),
    "save_funding": _l("a changé un financement"),
    "say_signatory": _l("a dit qui signe"),
    "say_setting": _l("a changé un réglage de papier"),
    "give_badge": _l("a pris un badge"),
    "revoke_badge": _l("a annulé un badge"),
    "say_exam_result": _l("a noté un résultat d'examen"),
    "say_situation": _l("a noté une situation après le parcours"),
}
WORK = {
    "set_assignment": _l("a donné un projet"),
    "withdraw_assignment": _l("a retiré un projet"),
    "change_dates": _l("a changé les dates d'un projet"),
    "grant_extension": _l("a donné plus de temps"),
    "answer_work": _l("a répondu à un rendu"),
    "undo_answer": _l("a repris sa réponse à un rendu"),
    "change_level": _l("a changé un niveau de compétence"),
    "open_round": _l("a ouvert une relecture"),
    "set_review_aside": _l("a mis une relecture de côté"),
}
KINDS = {
    "accounts": (_l("Comptes"), ACCOUNTS),
    "rights": (_l("Droits"), RIGHTS),
    "taken": (_l("Listes et papiers emportés"), TAKEN),
    "people": (_l("Personnes"), PEOPLE),
    "presence": (_l("Présence"), PRESENCE),
    "papers": (_l("Papiers et financements"), PAPERS),
    "work": (_l("Travail"), WORK),
}
ACTS = {action: words for _label, acts in KINDS.values() for action, words in acts.items()}


def act(action: str) -> str:
    """Say what somebody did; an act of the site's settings is said by its own name."""
    words = ACTS.get(action)
    return str(words) if words else f"{_l('réglage')} : {action}"
