"""Messages weigh little, say nothing personal on a locked phone, and hold one link."""

from popschool.messages.rules import LONGEST_SMS, Piece, mail_text, pieces, sms_text

BASE = "https://pop.example.org"


def test_an_address_of_ours_is_a_link_and_the_stop_after_it_is_not():
    text = f"Bonjour,\n\nOuvrez ce lien : {BASE}/i/abc.\nMerci"

    assert pieces(text, BASE) == [
        [[Piece("Bonjour,", False)]],
        [
            [Piece("Ouvrez ce lien : ", False), Piece(f"{BASE}/i/abc", True), Piece(".", False)],
            [Piece("Merci", False)],
        ],
    ]


def test_somebody_elses_address_is_not_a_link():
    text = f"https://evil.example/ {BASE}.evil.example/x javascript:alert(1)"

    assert [piece.is_link for piece in pieces(text, BASE)[0][0]] == [False]


def test_a_mail_says_what_happened_then_gives_its_link():
    text = mail_text("Bonjour,", "Votre retour est là", "Lisez-le.", f"{BASE}/r/1", "L'équipe")

    assert text == f"Bonjour,\n\nVotre retour est là.\n\nLisez-le.\n\n{BASE}/r/1\n\nL'équipe\n"


def test_an_sms_keeps_its_link_whole():
    assert sms_text("Un message.", f"{BASE}/r/1", f"{BASE}/messages") == f"Un message. {BASE}/r/1"
    long = sms_text("Un message.", f"{BASE}/{'x' * LONGEST_SMS}", f"{BASE}/messages")
    assert long == f"Un message. {BASE}/messages"
