#!/bin/sh
# Opens the test page in a browser without a window. Ends with 0 when every test is green.
cd "$(dirname "$0")" || exit 2
dossier=$(pwd -W 2>/dev/null || pwd)
if [ -z "$NAVIGATEUR" ]; then
  for nom in chromium chromium-browser google-chrome "/c/Program Files (x86)/Microsoft/Edge/Application/msedge.exe"; do
    if command -v "$nom" >/dev/null 2>&1; then NAVIGATEUR=$nom; break; fi
  done
fi
if [ -z "$NAVIGATEUR" ]; then
  echo "Aucun navigateur trouvé. Donnez son chemin dans NAVIGATEUR." >&2
  exit 2
fi
# OPTIONS is for special machines, such as a container without a sandbox.
page=$("$NAVIGATEUR" --headless --disable-gpu $OPTIONS --dump-dom "file:///${dossier#/}/essais.html" 2>/dev/null)
bilan=$(printf '%s' "$page" | grep -o 'Essais : [0-9]*, rouges : [0-9]*' | head -n 1)
echo "${bilan:-Les essais ne se sont pas lancés.}"
printf '%s' "$page" | grep -o 'ROUGE [^<]*'
case $bilan in
  *"Essais : 0,"*) exit 1 ;;
  *", rouges : 0") exit 0 ;;
  *) exit 1 ;;
esac
