#!/bin/sh
# envoyer.sh essai|production : envoie ce commit, et lui seul. La machine lance son propre deployer.sh (projet 20).
set -eu
case "${1:-}" in
  essai) machine="deploy@essai.atelier.example.org" ;;
  production) machine="deploy@atelier.example.org" ;;
  *) echo "Dites essai ou production." >&2; exit 2 ;;
esac
if [ -n "$(git status --porcelain)" ]; then
  echo "Des changements ne sont pas dans un commit. Rien n'est parti." >&2
  exit 1
fi
version="$(git rev-parse --short=12 HEAD)"
# git archive n'envoie que ce qui est dans le commit : ni secret oublié, ni base d'essai.
git archive --prefix=application/ HEAD |
  ssh "$machine" "mkdir -p arrivees/$version && cd arrivees/$version && tar -x && sh /srv/atelier/deployer.sh $version"
echo "Parti vers $1 : $version"
