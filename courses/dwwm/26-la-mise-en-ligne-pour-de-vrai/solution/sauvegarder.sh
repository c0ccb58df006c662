#!/bin/sh
# sauvegarder.sh : une copie de la base ici, une autre ailleurs, avec leur empreinte.
# BASE : l'adresse de la base. ICI, AILLEURS : deux dossiers, sur deux machines.
set -eu
umask 077
nom="atelier-$(date -u +%Y%m%d-%H%M%S).dump"

pg_dump --format=custom --no-owner --no-privileges --file="$ICI/$nom.neuf" "$BASE"
mv "$ICI/$nom.neuf" "$ICI/$nom"
(cd "$ICI" && sha256sum "$nom" > "$nom.sha256")

cp "$ICI/$nom" "$ICI/$nom.sha256" "$AILLEURS/"
(cd "$AILLEURS" && sha256sum --check --quiet "$nom.sha256")

# Trente nuits ici. Ailleurs, c'est la machine d'en face qui range : d'ici, on ne peut rien y effacer.
find "$ICI" -name 'atelier-*.dump*' -mtime +30 -delete
echo "$nom"
