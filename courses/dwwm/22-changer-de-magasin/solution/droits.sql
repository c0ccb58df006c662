-- Le compte de l'application : il lit et il écrit. Il ne détruit pas, il ne crée pas.
GRANT USAGE ON SCHEMA public TO reserve_app;
GRANT SELECT, INSERT, UPDATE ON objet, pret TO reserve_app;
