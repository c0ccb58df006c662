"""Le carnet se rejoue dans un dossier vide, aucune ligne ne se perd, le crochet dit non."""

import subprocess

import pytest


def git(dossier, *mots, **plus):
    nom = ["-c", "user.name=Poste", "-c", "user.email=poste@example.org"]
    return subprocess.run(["git", *nom, *mots], cwd=dossier, capture_output=True, text=True, check=True, **plus).stdout


@pytest.fixture
def carnet(solution, depart, tmp_path):
    subprocess.run(["sh", str(solution / "rejouer.sh"), str(depart), str(tmp_path / "neuf")], check=True)
    return tmp_path / "neuf" / "second"


def test_il_y_a_huit_commits_et_une_fusion(carnet):
    assert int(git(carnet, "rev-list", "--count", "HEAD")) >= 8
    assert int(git(carnet, "rev-list", "--count", "--merges", "HEAD")) >= 1


def test_le_conflit_garde_les_deux_idees_et_aucun_signe(carnet):
    fiche = (carnet / "scie.md").read_text()

    assert "vérifier la lame" in fiche and "attacher les cheveux" in fiche
    assert not any(signe in fiche for signe in ("<<<<<<<", "=======", ">>>>>>>"))


def test_aucune_fiche_ne_perd_une_ligne(carnet, depart):
    for avant in depart.glob("*.md"):
        apres = (carnet / avant.name).read_text()
        assert [ligne for ligne in avant.read_text().splitlines() if ligne not in apres] == []


def test_une_cle_reste_dehors(carnet):
    (carnet / "cle_exercice").write_text("PRIVATE")

    assert git(carnet, "status", "--porcelain") == ""


@pytest.mark.parametrize(("octets", "passe"), [(500_000, True), (500_001, False)])
def test_le_crochet_refuse_un_fichier_trop_lourd(solution, tmp_path, octets, passe):
    git(tmp_path, "init", "-q")
    crochet = tmp_path / ".git" / "hooks" / "pre-commit"
    crochet.parent.mkdir(exist_ok=True)
    crochet.write_text((solution / "pre-commit").read_text())
    crochet.chmod(0o755)
    (tmp_path / "un nom long.bin").write_bytes(b"\0" * octets)
    git(tmp_path, "add", ".")

    if passe:
        git(tmp_path, "commit", "-q", "-m", "Essayer")
    else:
        with pytest.raises(subprocess.CalledProcessError) as refus:
            git(tmp_path, "commit", "-q", "-m", "Essayer")
        assert "pèse 500 Ko" in refus.value.stderr
