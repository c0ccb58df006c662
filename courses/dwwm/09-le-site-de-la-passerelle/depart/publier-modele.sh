#!/bin/sh
# Publie le dossier site : sh publier-modele.sh DOSSIER_DE_LA_SALLE
set -eu
salle=$1
rm -rf "$salle/neuf"
cp -R site "$salle/____"
rm -rf "$salle/avant"
if [ -d "$salle/enligne" ]; then mv "$salle/enligne" "$salle/____"; fi
mv "$salle/neuf" "$salle/enligne"
echo "Publié."
