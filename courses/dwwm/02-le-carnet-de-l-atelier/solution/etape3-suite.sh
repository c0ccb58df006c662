# L'état avant la fusion de l'étape 3.
git init -q -b main
git add .
git commit -q -m "Ranger les trois fiches"
git switch -q -c fiche-four
sed -i "s/^Avant de commencer.*/Avant de commencer : compter deux heures de chauffe./" four.md
git commit -q -a -m "Dire la durée de chauffe du four"
git switch -q main
