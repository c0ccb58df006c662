"""A program that is told things: a real https server, that notes what it is sent and answers as it is asked."""

import datetime
import http.server
import ssl
import threading
from contextlib import contextmanager
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.processes import SECONDS

DAY = datetime.timedelta(days=1)


class Receiver:
    """What was sent, and how to answer: `status`; nothing when `is_away`; when it `hangs`, not before `over` is set.

    When it `drips`, one byte after another until then.
    """

    def __init__(self):
        self.calls, self.status, self.url, self.over = [], 200, "", threading.Event()
        self.is_away = self.hangs = self.drips = False


def make_certificate(folder):
    """Make a certificate for this machine, which a client trusts when SSL_CERT_FILE names it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - DAY)
        .not_valid_after(today + DAY)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "key.pem").write_bytes(pem)
    (folder / "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return folder / "certificate.pem", folder / "key.pem"


@contextmanager
def receiving(certificate, key):
    """Let a receiver answer on this machine, until the end of the block."""
    here = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            here.calls.append((self.path, dict(self.headers), body))
            if here.is_away:
                self.close_connection = True
                return
            if here.hangs:
                here.over.wait(SECONDS)
            if here.drips:
                self.wfile.write(b"HTTP/1.1 200 ")
                while not here.over.wait(0.05):
                    self.wfile.write(b"O")
                    self.wfile.flush()
            self.send_response(here.status)
            if here.status == 302:
                self.send_header("Location", "https://localhost:1/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *words):
            return

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request, address):
            return

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    here.url = f"https://localhost:{server.server_port}/popschool?from=school"
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        here.over.set()
