# L'état au début de l'étape 3, avec le changement que l'on fera dans l'éditeur.
git init -q -b main
git add .
git commit -q -m "Ranger les trois fiches"
sed -i "s/^Avant de commencer.*/Avant de commencer : compter deux heures de chauffe./" four.md
