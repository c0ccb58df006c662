CREATE TABLE agent (
  id INTEGER PRIMARY KEY,
  identifiant TEXT NOT NULL UNIQUE,
  hache TEXT NOT NULL
) STRICT;
CREATE TABLE session (
  id INTEGER PRIMARY KEY,
  agent_id INTEGER NOT NULL REFERENCES agent (id)
) STRICT;
CREATE TABLE signalement (
  id INTEGER PRIMARY KEY,
  lieu TEXT NOT NULL,
  texte TEXT NOT NULL,
  gravite INTEGER NOT NULL,
  contact TEXT NOT NULL, -- personnel : pour rappeler
  ferme INTEGER NOT NULL DEFAULT 0
) STRICT;
