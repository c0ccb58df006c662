#!/bin/sh
# Une commande, la même sur chaque poste et sur la forge. Elle s'arrête à la première erreur.
set -eu
: "${BASE_POSTGRES:?Donnez l'adresse d'une base d'essai : export BASE_POSTGRES=postgresql://localhost/essai}"
python3 -m compileall -q .
python3 -m pytest -q
if git ls-files | grep -E '(^|/)(\.env|.*\.db|.*\.pyc)$'; then
  echo "Ces fichiers ne vont pas dans git." >&2
  exit 1
fi
echo "Tout est vert."
