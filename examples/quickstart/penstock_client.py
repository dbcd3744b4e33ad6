"""The story's side of Penstock's HTTP API and hooks, in the standard library alone."""

import base64
import hashlib
import hmac
import json
import secrets
import time
import urllib.error
import urllib.request


class Penstock:
    def __init__(self, url: str, token: str):
        self.url = url
        self.token = token

    def get(self, path: str, accept: str = "application/json", timeout: float = 60):
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {self.token}", "Accept": accept})
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            text = answer.read().decode()
        return json.loads(text) if accept == "application/json" else text

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(self.url + "/readyz", timeout=2):
                return True
        except OSError:
            return False

    def promotions(self, **filters):
        query = "&".join(f"{key}={value}" for key, value in filters.items())
        return self.get(f"/v1/promotions?{query}")["promotions"]

    def decide(self, hook: str, secret: str, promotion: dict, decision: str, note: str):
        """Sends a decision to /hooks/<hook>, signed as that hook's approver. Returns the status and the answer."""
        body = json.dumps({"type": "promotion.decision",
                           "data": {"promotion": promotion["id"], "decision": decision, "decide_on": promotion["decide_on"],
                                    "note": note}}).encode()
        message_id, timestamp = "msg_" + secrets.token_hex(16), str(int(time.time()))
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signature = base64.b64encode(hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()).decode()
        request = urllib.request.Request(f"{self.url}/hooks/{hook}", data=body, method="POST",
                                         headers={"Content-Type": "application/json", "webhook-id": message_id,
                                                  "webhook-timestamp": timestamp, "webhook-signature": f"v1,{signature}"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")
