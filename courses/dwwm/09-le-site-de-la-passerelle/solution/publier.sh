#!/bin/sh
# Publie le site, ou revient à la version d'avant :
#   sh publier.sh /srv/passerelle
#   sh publier.sh /srv/passerelle retour
set -eu
ici=$(cd "$(dirname "$0")" && pwd)
salle=$1
mkdir -p "$salle"

if [ "${2:-}" = "retour" ]; then
  [ -d "$salle/avant" ] || { echo "Il n'y a pas de version d'avant." >&2; exit 1; }
  mv "$salle/enligne" "$salle/echange"
  mv "$salle/avant" "$salle/enligne"
  mv "$salle/echange" "$salle/avant"
  echo "Revenu à la version d'avant."
  exit 0
fi

# 1. Vérifier : une faute arrête tout, rien n'a bougé.
"${PYTHON:-python3}" "$ici/verifier.py" "$ici/site"

# 2. Préparer à côté.
rm -rf "$salle/neuf"
cp -R "$ici/site" "$salle/neuf"

# 3. Rien de neuf ? On garde la version d'avant.
if [ -d "$salle/enligne" ] && diff -r -q "$salle/neuf" "$salle/enligne" > /dev/null; then
  rm -rf "$salle/neuf"
  echo "Déjà en ligne."
  exit 0
fi

# 4. Échanger les noms.
rm -rf "$salle/avant"
if [ -d "$salle/enligne" ]; then mv "$salle/enligne" "$salle/avant"; fi
mv "$salle/neuf" "$salle/enligne"
echo "Publié."
