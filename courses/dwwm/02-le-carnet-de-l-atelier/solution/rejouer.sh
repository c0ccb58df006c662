#!/bin/sh
# Refait tout le projet dans un dossier vide : sh rejouer.sh DOSSIER_DE_DEPART DOSSIER_NEUF
set -eu
depart=$(cd "$1" && pwd)
mkdir -p "$2"
cd "$2"

garder() { git add -A && git commit -q -m "$1"; }
ecrire() { sed "s/^Avant de commencer.*/Avant de commencer : $2/" "$1" > neuf && mv neuf "$1"; }
qui() { git config user.name "$1" && git config user.email "carnet@example.org"; }

# Étape 2 : garder des versions.
git init -q -b main premier
cd premier
qui "Poste 7"
cp "$depart"/*.md "$depart"/.gitignore .
garder "Ranger les fiches"
ecrire scie.md "mettre les lunettes."
garder "Ajouter la règle des lunettes"
ecrire laser.md "ouvrir l'aération."
garder "Dire d'ouvrir l'aération"
sed "s/^Qui demander.*/Qui demander : la personne de garde./" scie.md > neuf && mv neuf scie.md
garder "Dire qui demander pour la scie"

# Étape 3 : essayer à côté, ramener.
git switch -q -c fiche-four
ecrire four.md "compter deux heures de chauffe."
garder "Dire la durée de chauffe du four"
git switch -q main
grep -q "chauffe" four.md && exit 1
git merge -q fiche-four
grep -q "chauffe" four.md

# Étape 4 : un dépôt commun, deux postes.
git clone -q --bare . ../commun.git
git remote add origin ../commun.git
git fetch -q
git clone -q ../commun.git ../second

# Étape 5 : la même ligne, changée aux deux endroits.
ecrire scie.md "vérifier la lame."
garder "Vérifier la lame avant la scie"
git push -q origin main
cd ../second
qui "Poste 8"
ecrire scie.md "attacher les cheveux."
garder "Attacher les cheveux avant la scie"
git push -q origin main 2>/dev/null && exit 1
git fetch -q
git merge -q origin/main > /dev/null 2>&1 && exit 1
grep -q "^<<<<<<<" scie.md
sed -e '/^<<<<<<</d' -e '/^=======$/d' -e '/^>>>>>>>/d' scie.md | awk '
  /^Avant de commencer/ && !fait { print "Avant de commencer : vérifier la lame, attacher les cheveux."; fait = 1; next }
  /^Avant de commencer/ { next }
  { print }' > neuf && mv neuf scie.md
garder "Garder les deux règles de la scie"
git push -q origin main

grep -q "vérifier la lame, attacher les cheveux" scie.md
grep -q "^<<<<<<<" scie.md && exit 1
echo "$(git rev-list --count HEAD) commits, aucune ligne perdue"
