<?php
// La même route, en PHP. Pour la lire : php -S 127.0.0.1:5001 serveur.php
$produits = ['baguette' => 'Baguette', 'seigle' => 'Pain de seigle', 'brioche' => 'Brioche'];
$chemin = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
header('Content-Type: text/html; charset=utf-8');
if ($_SERVER['REQUEST_METHOD'] !== 'GET' || $chemin !== '/') {
    http_response_code(404);
    exit('<p>Cette page n\'existe pas.</p>');
}
foreach ($produits as $nom) {
    echo '<li>' . htmlspecialchars($nom) . "</li>\n";
}
