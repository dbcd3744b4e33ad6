"""The serving platform of the story: takes Penstock's webhooks, and serves model versions for the smoke test.

POST /deliver            a webhook; verified by the Standard Webhooks scheme, and acted on once per webhook-id
POST /staging/V/score    predictions of version V of the model: {"rows": [[…], …]} -> {"predictions": […], "version": "V"}
GET  /deliveries         the webhooks that were taken, oldest first

MLFLOW_TRACKING_URI says where the versions are; --secret-file holds what the webhooks are signed with.
"""

import argparse
import base64
import hashlib
import hmac
import http.server
import json
import pathlib
import threading
import time

TOLERANCE_SECONDS = 300


def verify(headers, body: bytes, secret: str) -> str:
    """Returns "" when the signature is good, otherwise why it is not. The scheme: standard-webhooks specification."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not timestamp.isdigit():
        return "no webhook-id or webhook-timestamp"
    if abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        return "the time stamp is too old or too new"
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = [part.removeprefix("v1,") for part in headers.get("webhook-signature", "").split() if part.startswith("v1,")]
    return "" if any(hmac.compare_digest(wanted, one) for one in given) else "the signature does not match"


class Platform:
    """What the platform knows. `load` returns a fitted estimator for a version."""

    def __init__(self, secret: str, load):
        self.secret = secret
        self.load = load
        self.deliveries = []
        self.seen = set()
        self.models = {}
        self.lock = threading.Lock()

    def deliver(self, headers, body: bytes):
        why_not = verify(headers, body, self.secret)
        if why_not:
            return 401, {"error": why_not}
        with self.lock:
            if headers["webhook-id"] not in self.seen:
                self.seen.add(headers["webhook-id"])
                self.deliveries.append(json.loads(body))
        return 200, {"taken": headers["webhook-id"]}

    def score(self, version: str, body: bytes):
        with self.lock:
            if version not in self.models:
                self.models[version] = self.load(version)
            model = self.models[version]
        rows = json.loads(body)["rows"]
        return 200, {"predictions": [int(value) for value in model.predict(rows)], "version": version}


def serve(platform: Platform, port: int):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            parts = self.path.strip("/").split("/")
            if parts == ["deliver"]:
                status, answer = platform.deliver(self.headers, body)
            elif len(parts) == 3 and parts[0] == "staging" and parts[2] == "score":
                status, answer = platform.score(parts[1], body)
            else:
                status, answer = 404, {"error": "no such path"}
            self.answer(status, answer)

        def do_GET(self):
            if self.path != "/deliveries":
                return self.answer(404, {"error": "no such path"})
            with platform.lock:
                self.answer(200, platform.deliveries)

        def answer(self, status, document):
            data = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args):
            pass

    http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--secret-file", type=pathlib.Path, required=True)
    parser.add_argument("--model", required=True, help="the registered model that is served")
    arguments = parser.parse_args()
    import mlflow.sklearn  # slow, and not needed for --help

    serve(Platform(arguments.secret_file.read_text(), lambda version: mlflow.sklearn.load_model(f"models:/{arguments.model}/{version}")),
          arguments.port)


if __name__ == "__main__":
    main()
