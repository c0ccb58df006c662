"""La Réserve: rules without a base, a base without Flask, and a server that joins them."""
