#!/bin/sh
# restaurer.sh COPIE ADRESSE : remet une copie dans une base VIDE. Refuse une base qui contient quelque chose.
set -eu
copie="${1:?Donnez le fichier .dump}"
base="${2:?Donnez une base vide}"

(cd "$(dirname "$copie")" && sha256sum --check --quiet "$(basename "$copie").sha256")

tables="$(psql --no-psqlrc --tuples-only --no-align "$base" \
  --command "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")"
if [ "$tables" != "0" ]; then
  echo "Cette base contient déjà $tables tables. Rien n'a été touché." >&2
  exit 1
fi

pg_restore --exit-on-error --single-transaction --no-owner --dbname="$base" "$copie"
echo "Restauré. Comptez maintenant : python3 compter.py"
