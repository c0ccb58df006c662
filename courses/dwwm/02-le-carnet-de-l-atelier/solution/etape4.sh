# Un carnet commun, à côté, comme sur la clé USB ou sur la forge.
git init -q -b main
git add .
git commit -q -m "Ranger les trois fiches"
git clone -q --bare . ../commun.git
