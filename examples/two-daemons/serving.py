"""The system that models are delivered to, for the story."""

import base64
import hashlib
import hmac
import http.server
import json
import random
import threading
import time

SECRET = "a-signing-secret-of-a-good-length"


def signed(body: bytes, message_id: str) -> dict:
    """The headers of a signed webhook with that body (Standard Webhooks)."""
    timestamp = str(int(time.time()))
    return {"Content-Type": "application/json", "webhook-id": message_id, "webhook-timestamp": timestamp,
            "webhook-signature": signature(message_id, timestamp, body)}


def signature(message_id: str, timestamp: str, body: bytes) -> str:
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(SECRET.encode(), content, hashlib.sha256).digest()).decode()


class Serving:
    """The system that models are delivered to: takes signed webhooks, slowly, and counts each delivery key's webhook-ids."""

    def __init__(self):
        self.ids, self.bad, self.lock = {}, 0, threading.Lock()
        serving = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                wanted = signature(self.headers["webhook-id"], self.headers["webhook-timestamp"], body)
                good = hmac.compare_digest(wanted, self.headers["webhook-signature"])
                time.sleep(random.uniform(0.02, 0.2))
                with serving.lock:
                    if good:
                        serving.ids.setdefault(json.loads(body)["data"]["key"], set()).add(self.headers["webhook-id"])
                    else:
                        serving.bad += 1
                try:
                    self.send_response(204 if good else 401)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass  # whoever asked was killed meanwhile

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # whoever was killed in the middle of a request
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
