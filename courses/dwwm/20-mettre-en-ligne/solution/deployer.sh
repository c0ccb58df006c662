#!/bin/sh
# deployer.sh VERSION   met en ligne le dossier application/ sous ce nom de version
# deployer.sh --retour  remet la version d'avant
# Relancer la même commande donne le même état : rien n'est fait deux fois.
set -eu

racine="${RACINE:-/srv/reserve}"
origine="${ORIGINE:-application}"
relancer="${RELANCER:-sudo systemctl restart reserve}"
verifier="${VERIFIER:-curl --fail --silent --show-error --retry 5 --retry-connrefused http://127.0.0.1:8000/sante}"

actuelle() {
  readlink "$racine/courante" 2>/dev/null || true
}

basculer() {
  # On prépare un second lien, puis on le renomme : le site n'est jamais à moitié changé.
  ln -sfn "$1" "$racine/courante.neuve"
  mv -T "$racine/courante.neuve" "$racine/courante"
  $relancer
}

retour() {
  avant="$(cat "$racine/precedente" 2>/dev/null || true)"
  if [ -z "$avant" ]; then
    echo "Il n'y a pas de version d'avant." >&2
    exit 1
  fi
  actuelle > "$racine/precedente.neuve"
  basculer "$avant"
  mv "$racine/precedente.neuve" "$racine/precedente"
  echo "Retour à $avant"
}

if [ "${1:-}" = "--retour" ]; then
  retour
  exit 0
fi

version="${1:?Donnez un nom de version, par exemple 2027-03-08}"
case "$version" in
  *[!A-Za-z0-9._-]* | .*) echo "Nom de version refusé : $version" >&2; exit 2 ;;
esac

dossier="$racine/versions/$version"
mkdir -p "$racine/versions" "$racine/donnees"
if [ ! -d "$dossier" ]; then
  rm -rf "$dossier.neuf"
  cp -R "$origine" "$dossier.neuf"
  if [ -d roues ]; then
    python3 -m venv "$dossier.neuf/.venv"
    "$dossier.neuf/.venv/bin/python" -m pip install --quiet --no-index --find-links roues -r "$dossier.neuf/requirements.txt"
  fi
  mv "$dossier.neuf" "$dossier"
fi

avant="$(actuelle)"
if [ "$avant" = "versions/$version" ]; then
  echo "La version $version est déjà en ligne."
  exit 0
fi

basculer "versions/$version"
if $verifier > /dev/null; then
  [ -z "$avant" ] || echo "$avant" > "$racine/precedente"
  echo "En ligne : $version"
else
  echo "La version $version ne répond pas." >&2
  if [ -n "$avant" ]; then
    basculer "$avant"
    echo "Le site est revenu à $avant" >&2
  fi
  exit 1
fi
