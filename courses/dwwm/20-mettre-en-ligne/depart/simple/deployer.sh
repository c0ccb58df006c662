#!/bin/sh
# deployer.sh VERSION : met une version en ligne. Il manque cinq mots, à la place des ____.
# Les mots : cp  ln  mv  mkdir  restart
set -eu
racine="${RACINE:-/srv/reserve}"
service="${SERVICE:-sudo systemctl}"
version="$1"

# 1. Ranger la version dans son dossier à elle.
____ -p "$racine/versions"
____ -R application "$racine/versions/$version"

# 2. Poser l'étiquette « courante » sur cette version, d'un coup.
____ -sfn "versions/$version" "$racine/courante.neuve"
____ -T "$racine/courante.neuve" "$racine/courante"

# 3. Relancer le service.
$service ____ reserve
echo "En ligne : $version"
