"""The system that models are delivered to, for the story."""

import base64
import hashlib
import hmac
import http.server
import threading

SECRET = "a-signing-secret-of-a-good-length"


class Serving:
    """Takes signed webhooks, and counts the ones whose signature is good."""

    def __init__(self):
        self.good = self.bad = 0
        serving = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + body
                wanted = "v1," + base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
                is_good = hmac.compare_digest(wanted, self.headers["webhook-signature"])
                serving.good += is_good
                serving.bad += not is_good
                self.send_response(204 if is_good else 401)
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
