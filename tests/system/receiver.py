"""Receivers of webhooks that are away, fail, refuse, redirect or hang, one of each, and one that is well, under the real penstockd: the
promotion is held with the reason once its delivery is given up, every try of one key came under one webhook-id, and a retry by a person
makes it live when the receiver is back."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from checklist import main
from daemon import Daemon, Receiver
from peer import Peer, http

POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: NAME}
spec:
  model: NAME-*
  environment: production
  deliver: [{name: serving, kind: webhook, deadline: 6s, with: {receiver: at-NAME}}]
"""

# The answer of each receiver (none: as the peer's fault of that name), whether Penstock asks again by itself, and what a person must read.
ELSEWHERE = "Location: http://127.0.0.1:9/elsewhere\r\n"
CASES = {
    "refused": (None, True, "Failed to connect"),
    "silent": (None, True, "no whole answer within"),
    "trickle": (None, True, "no whole answer within"),
    "endless": (None, False, "more than the 1048576 bytes"),
    "failing": (None, True, "answered 500"),
    "busy": (http(429, "", more="Retry-After: 1\r\n"), True, "answered 429"),
    "later": (http(503, "", more="Retry-After: 3600\r\n"), True, "answered 503"),
    "gone": (http(410, ""), False, "410 Gone", "no longer takes webhooks"),
    "redirect": (http(307, "", more=ELSEWHERE), False, "answered 307", "redirects are not followed", "configure the address"),
    "unsigned": (http(401, ""), False, "answered 401"),
    "no-http": (b"220 mail.example.com ESMTP\r\n", True, "HTTP/0.9"),
}

# Nothing came that is an answer: it is the address that is named.
NO_ANSWER = ("refused", "silent", "trickle", "endless", "no-http")


class Platform(Peer):
    """Takes what is signed, once per webhook-id; every try is counted, also those that went wrong."""

    def __init__(self):
        self.taken = Receiver()
        self.tries = {}  # of a delivery key: the webhook-ids it came under, in order
        self.bad = b""  # the answer to everything, instead of a good one
        super().__init__(self.reply)

    def reply(self, _method, _path, _query, headers, body):
        self.note(headers, body)
        if self.bad:
            return self.bad, None
        return self.taken.take(headers, body), b""

    def note(self, headers, body):
        self.tries.setdefault(json.loads(body)["data"]["key"], []).append(headers["webhook-id"])

    def read_request(self, connection):
        request = Peer.read_request(connection)
        if request and self.fault:
            self.note(request[3], request[4])
        return request


def story(expect, programs, work):
    platforms = {name: Platform() for name in (*CASES, "steady")}
    daemon = Daemon(programs, work, *(POLICY.replace("NAME", name) for name in platforms), endpoints=[
        f"{{name: at-{name}, kind: webhook, url: \"{platform.url}/hook\", secret: {{file: secret}}, allow_private: true}}"
        for name, platform in platforms.items()]).start()
    for name, (answer, *_) in CASES.items():
        if answer:
            platforms[name].bad = answer
        else:
            platforms[name].fault = name
    promotions = {name: daemon.open_promotion(f"{name}-model") for name in platforms}

    daemon.wait_for_phase(promotions.pop("steady"), {"live"}, 10)
    expect.expect(len(platforms["steady"].taken.effects) == 1, "the receiver that is well is served meanwhile")
    for name, promotion in promotions.items():
        platform, (_, asks_again, *words) = platforms[name], CASES[name]
        seen = daemon.wait_for_phase(promotion, {"held"})
        wait = seen["wait"]["what"]
        expect.told(wait, "delivery serving was refused", words[0], what=f"{name}: held, and it says why")
        expect.told(wait, "given up after" if asks_again else "", platform.url if name in NO_ANSWER else f"at-{name}",
                    what=f"{name}: it names the receiver{', and that it was tried until the deadline' if asks_again else ''}")
        explanation = daemon.call("GET", f"/v1/promotions/{promotion}/explanation", token="ann")[2]
        expect.told(explanation["paragraph"], words[0], "Next:", what=f"{name}: the explanation names the next step")
        expect.told(explanation["paragraph"], *words[1:], what=f"{name}: and what is particular about it")
        expect.expect(not platform.taken.effects, f"{name}: no effect is claimed")
        logged = daemon.logged("delivery.try_later", promotion=promotion)
        expect.expect(bool(logged) == asks_again, f"{name}: the log tells each try that is repeated", logged)

    for name, promotion in promotions.items():
        platforms[name].bad = b""
        if platforms[name].fault:
            platforms[name].fault = ""
        status, _, answer = daemon.retry(promotion)
        expect.expect(status == 200, f"{name}: the receiver is back, and a person retries", answer)
    for name, promotion in promotions.items():
        daemon.wait_for_phase(promotion, {"live"})
        platform = platforms[name]
        expect.expect(list(platform.taken.effects) == [f"deliver/{promotion}/serving/2"] and not platform.taken.bad,
                      f"{name}: live by one signed webhook of the second round", platform.taken.effects)
        expect.expect(all(len(set(ids)) == 1 for ids in platform.tries.values()), f"{name}: each key came under one webhook-id", platform.tries)
        ids = [ids[0] for ids in platform.tries.values()]
        expect.expect(len(ids) == len(set(ids)), f"{name}: and no two keys under the same", platform.tries)
    for name in ("failing", "busy"):
        first = platforms[name].tries[f"deliver/{promotions[name]}/serving/1"]
        expect.expect(len(first) >= 2, f"{name}: the first round was tried several times", first)
    expect.expect(daemon.stop() == 0, "it stops cleanly")


if __name__ == "__main__":
    main(story, __doc__)
