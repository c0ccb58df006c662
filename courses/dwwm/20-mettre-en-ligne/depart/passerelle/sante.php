<?php
// La même route, avec PHP. À lire, pas à rendre.
$chemin = parse_url($_SERVER["REQUEST_URI"], PHP_URL_PATH);

if ($_SERVER["REQUEST_METHOD"] !== "GET" || $chemin !== "/sante") {
    http_response_code(404);
    header("Content-Type: text/plain; charset=utf-8");
    echo "Cette page n'existe pas.";
    exit;
}

header("Content-Type: application/json");
echo json_encode(["etat" => "bon"]);
