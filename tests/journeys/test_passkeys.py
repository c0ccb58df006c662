"""A trainer adds a passkey in a browser, then comes in, proves and ends it: with the strict policy, and no password."""

import pytest

from tests.journeys import scenes
from tests.journeys.installation import code_in, empty_database, installed

HANDLE = "Adresse mail, téléphone ou numéro"


@pytest.fixture
def home(tmp_path, postgres):
    """An installation with a name: browsers bind no passkey to the number of a machine."""
    with (
        empty_database("sqlite", tmp_path, postgres, "passkeys") as url,
        installed(tmp_path, url, is_shared=False, name="localhost") as made,
    ):
        yield made


def test_a_trainer_uses_a_passkey_in_a_browser(home, arrive):
    scene = scenes.a_school_at_work(home)
    trainer = arrive(home, "trainer")
    refused = []
    trainer.page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    device = trainer.page.context.new_cdp_session(trainer.page)
    device.send("WebAuthn.enable")
    one = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    made = device.send("WebAuthn.addVirtualAuthenticator", {"options": one | {"isUserVerified": True}})
    scenes.sign_in(trainer, scene.trainer)

    trainer.open("/account/passkeys")
    trainer.write("Nom de l'appareil", "Téléphone du bureau")
    trainer.press("Ajouter cet appareil")
    trainer.is_at("Vos codes de secours")
    trainer.press("J'ai gardé mes codes")
    trainer.forget()

    trainer.open("/sign-in?next=/account/passkeys")
    trainer.follow("Entrer avec ma clé d'accès")
    trainer.press("Me connecter")
    trainer.is_at("Mes clés d'accès")
    trainer.sees("Téléphone du bureau", "Utilisée")
    trainer.forget()

    trainer.open("/sign-in")
    trainer.write(HANDLE, scene.trainer.mail)
    trainer.press("Recevoir mon code")
    trainer.write("Code à 6 chiffres", code_in(home.mail_to(scene.trainer.mail, "Votre code")))
    trainer.press("Me connecter")
    trainer.press("Utiliser ma clé d'accès")
    trainer.is_at("Rendus à relire")

    trainer.open("/account/prove?next=/account/passkeys")
    trainer.press("Utiliser ma clé d'accès")
    trainer.is_at("Mes clés d'accès")
    device.send("WebAuthn.setUserVerified", {"authenticatorId": made["authenticatorId"], "isUserVerified": False})
    trainer.open("/account/prove")
    trainer.press("Utiliser ma clé d'accès")
    trainer.sees("La clé d'accès n'a pas marché.")

    trainer.open("/account/passkeys")
    trainer.press("Retirer Téléphone du bureau")
    trainer.sees("Cette clé d'accès n'ouvre plus votre compte.")
    assert not [text for text in refused if "Content Security Policy" in text]
