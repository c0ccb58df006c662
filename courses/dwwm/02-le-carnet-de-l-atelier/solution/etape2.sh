# L'état à ce moment de l'étape 2 : un dépôt, une fiche que l'on vient de changer.
git init -q -b main
git add .
git commit -q -m "Ranger les trois fiches"
sed -i "s/^Avant de commencer.*/Avant de commencer : mettre les lunettes./" scie.md
