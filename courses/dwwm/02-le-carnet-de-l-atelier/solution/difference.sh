#!/bin/sh
# Ce que montre `git diff` quand la règle des lunettes vient d'être écrite, sans les quatre premières lignes.
set -eu
atelier=$(mktemp -d)
trap 'rm -rf "$atelier"' EXIT
printf '# Scie à ruban\nAvant de commencer :\nQui demander :\n' > "$atelier/scie.md"
cd "$atelier"
git init -q -b main
git add scie.md
git -c user.name=Poste -c user.email=poste@example.org commit -q -m "Ranger la fiche"
printf '# Scie à ruban\nAvant de commencer : mettre les lunettes.\nQui demander :\n' > scie.md
git diff | tail -n +6
