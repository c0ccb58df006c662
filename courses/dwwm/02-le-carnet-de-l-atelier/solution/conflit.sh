#!/bin/sh
# Deux personnes changent la même ligne : montre ce que git écrit dans la fiche.
set -eu
atelier=$(mktemp -d)
trap 'rm -rf "$atelier"' EXIT
cp ../depart/scie.md "$atelier"
cd "$atelier"
garder() { git -c user.name=Poste -c user.email=poste@example.org commit -q -a -m "$1"; }
ecrire() { sed "s/^Avant de commencer.*/Avant de commencer : $1/" scie.md > neuf && mv neuf scie.md; }
git init -q -b main
git add scie.md
garder "Ranger la fiche"
git switch -q -c autre
ecrire "attacher les cheveux."
garder "Attacher les cheveux"
git switch -q main
ecrire "mettre les lunettes."
garder "Mettre les lunettes"
git update-ref refs/remotes/origin/main autre
git merge -q origin/main > /dev/null 2>&1 && exit 1
sed -n '/^<<<<<<</,/^>>>>>>>/p' scie.md
