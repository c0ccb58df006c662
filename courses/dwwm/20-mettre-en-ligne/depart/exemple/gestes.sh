# Sur votre poste : une clé par poste, avec une phrase secrète. La clé privée ne voyage jamais.
ssh-keygen -t ed25519 -C "poste de la salle"
ssh-copy-id deploy@bonjour.fabrique.test

# Sur le serveur : lire les réglages avant de relancer, garder une session ouverte.
sudo sshd -t
sudo systemctl reload ssh

# Le pare-feu : tout est fermé, sauf trois portes.
sudo apt install ufw
sudo ufw default deny incoming
sudo ufw allow 22/tcp
sudo ufw allow 80/tcp
sudo ufw allow 443/tcp
sudo ufw enable

# Le service : le lire, le lancer, le garder après un redémarrage.
sudo systemctl daemon-reload
sudo systemctl enable --now bonjour
systemctl status bonjour --no-pager
journalctl -u bonjour -n 30 --no-pager

# Chaque maillon, du plus profond au plus proche du visiteur.
curl -i http://127.0.0.1:8080/
curl -ik https://bonjour.fabrique.test/
