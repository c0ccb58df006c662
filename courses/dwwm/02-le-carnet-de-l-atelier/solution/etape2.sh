# Ce qui est déjà fait à la fin de l'étape 1 : un dépôt, et une fiche que l'on vient de changer.
git init -q
git add .
git commit -q -m "Reprendre les fiches de l'atelier"
echo "Mettez vos lunettes." >> scie.md
