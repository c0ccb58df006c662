# L'état avant la carte de l'agenda, avec le travail que l'on fera dans l'éditeur.
git init -q -b main
echo "<h1>Accueil</h1>" > index.html
git add index.html
git commit -q -m "Commencer le site"
echo "<h1>Agenda</h1>" > agenda.html
