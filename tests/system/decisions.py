"""Hooks that are forged, replayed, stale or too large, and decisions of those who may not decide, or too late, under the real penstockd:
each is refused with what is wrong and what helps, nothing comes of it, and the right decision goes through afterwards."""

import base64
import hashlib
import hmac
import json
import pathlib
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from checklist import main
from daemon import SECRET, Daemon, Receiver

POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: two-people}
spec:
  model: fraud-*
  environment: production
  stages: [{name: checks, gates: [{use: described}]}]
  approvals: [{group: release-managers, count: 2, not: [submitter, author]}]
  deliver: [{name: serving, kind: webhook, with: {receiver: receiver}}]
"""
ONE_PERSON = """apiVersion: penstock/v1
kind: Policy
metadata: {name: one-person}
spec:
  model: credit-*
  environment: production
  approvals: [{group: release-managers, count: 1, not: [submitter, author]}]
"""


def signature(secret: str, delivery: str, stamp: str, body: bytes) -> str:
    return "v1," + base64.b64encode(hmac.new(secret.encode(), f"{delivery}.{stamp}.".encode() + body, hashlib.sha256).digest()).decode()


class Hooks:
    def __init__(self, daemon: Daemon):
        self.daemon = daemon

    def send(self, hook: str, body: bytes, delivery: str, at: float | None = None, secret: str = SECRET, **headers):
        """Headers given by name (with _ for -) replace those that a good sender would send; None leaves one out."""
        stamp = str(int(time.time() if at is None else at))
        sent = {"webhook-id": delivery, "webhook-timestamp": stamp, "webhook-signature": signature(secret, delivery, stamp, body)}
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        return self.daemon.call("POST", f"/hooks/{hook}", body, headers={name: value for name, value in sent.items() if value is not None})


def decision(seen, word="approve", **more) -> bytes:
    data = {"promotion": seen["id"], "decision": word, "decide_on": seen["decide_on"], "note": "seen", **more}
    return json.dumps({"type": "promotion.decision", "data": data}).encode()


def refused(expect, answer, status: int, code: str, *words: str, what: str):
    """A problem+json that says what is wrong, and a next step."""
    got, headers, problem = answer
    is_problem = got == status and isinstance(problem, dict) and problem.get("code") == code
    expect.expect(is_problem and headers["content-type"] == "application/problem+json", f"{what}: answered {status} {code}", f"{got} {problem}")
    expect.told(json.dumps(problem, ensure_ascii=False), *words, what=f"{what}: says what is wrong and what helps")


def forged_hooks(expect, daemon, hooks, seen):
    good = decision(seen)
    now = time.time()
    refused(expect, hooks.send("ann", good, "f-1", secret="another-secret-of-a-good-length"), 401, "bad-signature",
            "no signature fits", "same secret", what="a wrong signature")
    refused(expect, hooks.send("ann", good, "f-2", webhook_signature=None), 401, "bad-signature", "webhook-signature", what="no signature")
    refused(expect, hooks.send("ann", good, "f-3", webhook_signature="v1,"), 401, "bad-signature", "webhook-signature", what="an empty signature")
    refused(expect, hooks.send("ann", good, "f-4", webhook_id=None), 401, "bad-signature", "webhook-id", what="no id")
    refused(expect, hooks.send("ann", good, "f.5"), 401, "bad-signature", "dot", what="an id with a dot")
    refused(expect, hooks.send("ann", good, "f-6", webhook_id="f-7"), 401, "bad-signature", "no signature fits", what="another id than was signed")
    refused(expect, hooks.send("ann", good, "f-8", webhook_timestamp=str(int(now) + 100)), 401, "bad-signature", "no signature fits",
            what="another time than was signed")
    refused(expect, hooks.send("ann", good, "f-9", at=now - 3600), 401, "stale-timestamp", "within 5m", "clocks", what="an hour old")
    refused(expect, hooks.send("ann", good, "f-10", at=now + 3600), 401, "stale-timestamp", "clocks", what="an hour ahead")
    changed = good.replace(b"approve", b"approvE")
    stamp = str(int(now))
    refused(expect, hooks.send("ann", changed, "f-11", webhook_timestamp=stamp, webhook_signature=signature(SECRET, "f-11", stamp, good)), 401,
            "bad-signature", "no signature fits", what="a changed body")
    refused(expect, hooks.send("nobody", good, "f-12"), 404, "unknown-hook", "penstock.yaml", what="a hook that is not there")
    push = json.dumps({"ref": "refs/heads/main"}).encode()
    for name, value in (("sha256=" + "0" * 64, "a wrong one"), ("sha1=" + hmac.new(SECRET.encode(), push, hashlib.sha1).hexdigest(), "SHA-1"), ("", "none")):
        refused(expect, daemon.call("POST", "/hooks/push", push, headers={"X-Hub-Signature-256": name, "X-GitHub-Event": "push"}), 401, "bad-signature",
                "same secret", what=f"a push with a signature of its own kind: {value}")


def nonsense_under_a_good_signature(expect, hooks, seen):
    refused(expect, hooks.send("ann", b"{\"type\": ", "n-1"), 400, "invalid-json", "JSON", what="half a document, signed")
    refused(expect, hooks.send("ann", b"[" * 200_000, "n-2"), 400, "invalid-json", "nested", what="nested lists, signed")
    refused(expect, hooks.send("ann", b"[]", "n-3"), 400, "invalid-document", "data", what="a list, signed")
    refused(expect, hooks.send("ann", decision(seen, "aprove"), "n-4"), 400, "invalid-document", "`approve`, `reject`, `veto`, `take-back` or `break-glass`", what="a misspelt word")
    refused(expect, hooks.send("ann", decision(seen, "reject", note=""), "n-5"), 400, "invalid-document", "reason", what="a rejection without a reason")
    stale = decision({**seen, "decide_on": "sha256:" + "0" * 64})
    refused(expect, hooks.send("ann", stale, "n-6"), 412, "stale-decision", seen["decide_on"], "read the promotion again", what="a stale approval by hook")
    refused(expect, hooks.send("ann", decision({**seen, "id": "prm_none"}), "n-7"), 404, "unknown-promotion", "prm_none", what="a promotion that is not there")
    refused(expect, hooks.send("max", decision(seen), "n-8"), 403, "not-allowed", "max is in none of the groups", "release-managers", what="a person outside the group")
    twice = decision(seen).replace(b"\"decision\": ", b"\"decision\": \"reject\", \"decision\": ")
    refused(expect, hooks.send("ann", twice, "n-9"), 400, "invalid-json", "stands twice", what="a decision that stands twice")


def too_large(expect, daemon):
    """No more is sent than was answered: who sends on is cut off."""
    head = "Host: 127.0.0.1\r\nAuthorization: Bearer token-ci\r\nContent-Type: application/json\r\n"
    for what, path in (("a hook of 30 MB", "/hooks/ann"), ("a candidate of 30 MB", "/v1/candidates")):
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=20) as connection:
            connection.sendall(f"POST {path} HTTP/1.1\r\n{head}Content-Length: {30 << 20}\r\n\r\n".encode())
            answer = connection.recv(65536).decode()
        expect.told(answer, "HTTP/1.1 413", "application/problem+json", "too-large", "bytes", what=f"{what} is refused by its length alone")
    # Chunks that do not end: no length says beforehand how much will come.
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=20) as connection:
        connection.sendall(f"POST /v1/candidates HTTP/1.1\r\n{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        connection.setblocking(False)
        sent, answer = 0, b""
        deadline = time.monotonic() + 20
        while not answer and sent < 64 << 20 and time.monotonic() < deadline:
            try:
                sent += connection.send(b"1000\r\n" + b" " * 4096 + b"\r\n") or 0
            except BlockingIOError:
                time.sleep(0.001)
            except OSError:
                break
            try:
                answer = connection.recv(65536)
            except OSError:
                pass
    expect.told(answer.decode(), "HTTP/1.1 413", "too-large", what="a body of chunks that does not end is refused on the way")


def persons(expect, daemon):
    # Submitted by ann herself, made by bob.
    status, _, answer = daemon.call("POST", "/v1/candidates", {"model": "credit-eu", "version": "1", "authors": ["bob"]}, "ann")
    promotion = answer["promotions"][0]["id"]
    daemon.wait_for_phase(promotion, {"awaiting_approval"})
    refused(expect, daemon.decide(promotion, "ann"), 403, "not-allowed", "ann is the submitter", "one-person", "ask somebody else", what="an approval by the submitter")
    refused(expect, daemon.decide(promotion, "bob"), 403, "not-allowed", "bob is an author", "ask somebody else", what="an approval by an author")
    refused(expect, daemon.decide(promotion, "max"), 403, "not-allowed", "max is in none of the groups", what="an approval from outside the group")
    refused(expect, daemon.call("POST", f"/v1/promotions/{promotion}/decisions", {"decision": "approve"}, "ann", {"If-Match": "*"}), 412, "stale-decision",
            "If-Match", what="an approval of anything")
    seen = daemon.call("GET", f"/v1/promotions/{promotion}", token="ann")[2]
    expect.expect(status == 201 and seen["phase"] == "awaiting_approval" and not seen["approvals"]["given"], "nothing came of it", seen)
    expect.expect(daemon.decide(promotion, "ann", "reject")[0] == 200, "the submitter may stop her own work")
    refused(expect, daemon.decide(promotion, "bob"), 409, "conflict", "has ended: it is rejected", "a retry opens a new promotion",
            what="an approval after the end")
    refused(expect, daemon.call("POST", f"/v1/promotions/{promotion}/withdraw", {"reason": "late"}, "ann"), 409, "conflict", "has ended", what="a withdrawal after the end")


def story(expect, programs, work):
    receiver = Receiver()
    models = work.resolve() / "models"
    daemon = Daemon(programs, work, POLICY, ONE_PERSON, receiver_url=receiver.url,
                    sources=[f"{{name: models, kind: directory, every: 1h, with: {{root: \"{models}\"}}}}"],
                    hooks=["{name: bob, kind: approvals, secret: {file: secret}, approver: bob}",
                           "{name: max, kind: approvals, secret: {file: secret}, approver: max}",
                           "{name: push, kind: github, secret: {file: secret}, source: models}"])
    models.mkdir()
    daemon.start()
    hooks = Hooks(daemon)
    promotion = daemon.open_promotion("fraud-eu")
    seen = daemon.wait_for_phase(promotion, {"awaiting_approval"})

    forged_hooks(expect, daemon, hooks, seen)
    nonsense_under_a_good_signature(expect, hooks, seen)
    too_large(expect, daemon)
    after = daemon.call("GET", f"/v1/promotions/{promotion}", token="ann")[2]
    expect.expect(after == seen, "all of that has changed nothing about the promotion", after)
    metrics = daemon.metrics()
    expect.told(metrics, "penstock_hooks_total{hook=\"ann\",result=\"bad_signature\"}", "penstock_hooks_total{hook=\"ann\",result=\"stale\"}",
                what="the metrics count the forged and the stale")

    # The right approval; its repetition, also after a restart, counts once.
    body, stamp = decision(seen), time.time()
    first = hooks.send("ann", body, "good-1", at=stamp)
    expect.expect(first[0] == 202, "a good approval is taken", first)
    again = hooks.send("ann", body, "good-1", at=stamp)
    expect.expect(again[0] == 202 and again[2] == first[2], "its replay is answered as it was", again)
    expect.expect(len(daemon.logged("journal.empty")) == 1, "that a journal knows of nothing yet is said", daemon.log())
    daemon.kill()
    daemon.start()
    expect.expect(len(daemon.logged("journal.empty")) == 1, "and no more of one that does")
    again = hooks.send("ann", body, "good-1", at=stamp)
    expect.expect(again[0] == 202 and again[2] == first[2], "also after a crash", again)
    fresh = hooks.send("ann", body, "good-2")
    expect.expect(fresh[0] == 202 and "has approved already" in fresh[2].get("ignored", ""), "the same approval under a new id counts once, and says so", fresh)
    after = daemon.call("GET", f"/v1/promotions/{promotion}", token="ann")[2]
    expect.expect(after["phase"] == "awaiting_approval" and len(after["approvals"]["given"]) == 1, "one approval was given", after)
    expect.expect(hooks.send("bob", body, "good-1")[0] == 202, "bob's may have the same id: it is another hook")
    daemon.wait_for_phase(promotion, {"live"})
    refused(expect, daemon.decide(promotion, "bob"), 409, "conflict", "is live, not awaiting approval", what="an approval of what is live")
    persons(expect, daemon)
    expect.expect(len(receiver.effects) == 1 and not receiver.bad, "the receiver was called once", receiver.effects)
    expect.expect(daemon.stop() == 0, "it stops cleanly")


if __name__ == "__main__":
    main(story, __doc__)
