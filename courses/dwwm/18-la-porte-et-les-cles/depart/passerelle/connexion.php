<?php
// Ranger et vérifier un mot de passe, en PHP. À lire seulement.
function ranger(string $motDePasse): string
{
    return password_hash($motDePasse, PASSWORD_ARGON2ID);
}

function verifier(string $motDePasse, string $hache): bool
{
    return password_verify($motDePasse, $hache);
}

// Le cookie de session, avec ses trois drapeaux.
session_set_cookie_params(['httponly' => true, 'secure' => true, 'samesite' => 'Lax']);
