"""Alarms under the real penstockd: a watch gate that fails is told to every endpoint of `notices` by a signed webhook. One endpoint is down
and the daemon is killed meanwhile: after the restart that one gets what it missed under the webhook-id of its earlier tries, and nobody
gets anything again. The promotion has long been live."""

import base64
import hashlib
import hmac
import json
import pathlib
import sqlite3
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from checklist import main
from daemon import SECRET, Daemon
from peer import Peer, http

GATE = """apiVersion: penstock/v1
kind: Gate
metadata: {name: never-well}
spec: {kind: candidate-fields, with: {require: [labels.nobody-has-it]}}
"""

# The first look is at once, the next one after the test.
POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: watched}
spec:
  model: watched-*
  environment: production
  watch: {for: 1d, every: 1h, gates: [{use: never-well}]}
"""


class Listener(Peer):
    """Keeps every webhook that came: its headers and body. `bad` is the answer to everything, instead of a good one."""

    def __init__(self, bad: bytes = b""):
        self.came = []
        self.bad = bad
        super().__init__(self.reply)

    def reply(self, _method, _path, _query, headers, body):
        self.came.append((headers, body))
        return self.bad or http(204, ""), b""

    def ids(self):
        return [headers["webhook-id"] for headers, _ in self.came]

    def of(self, promotion: str):
        return [webhook for webhook in self.came if json.loads(webhook[1])["data"]["promotion"] == promotion]


def is_signed(headers, body) -> bool:
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    return hmac.compare_digest(wanted, headers["webhook-signature"]) and abs(int(headers["webhook-timestamp"]) - time.time()) < 60


def rows_of_notices(work):
    """What is still to be told, as the journal has it."""
    with sqlite3.connect(f"file:{work.resolve() / 'data/journal.db'}?mode=ro", uri=True) as journal:
        return [key for key, in journal.execute("SELECT key FROM outbox WHERE kind LIKE 'notify%'")]


def story(expect, programs, work):
    chat, pager, gone = Listener(), Listener(http(503, "")), Listener(http(410, ""))
    names = {"chat": chat, "pager": pager, "gone": gone}
    daemon = Daemon(programs, work, POLICY, gates=[GATE], endpoints=[
        f"{{name: {name}, kind: webhook, url: \"{listener.url}/notices\", secret: {{file: secret}}, allow_private: true}}"
        for name, listener in names.items()])
    settings = work / "penstock.yaml"
    settings.write_text(settings.read_text() + "notices: [chat, pager, gone]\n")
    daemon.start()

    promotion = daemon.open_promotion("watched-model")
    expect.within(10, lambda: chat.of(promotion), "an alarm is told")
    (headers, body), notice = chat.of(promotion)[0], json.loads(chat.of(promotion)[0][1])
    expect.expect(is_signed(headers, body), "it is signed by the Standard Webhooks scheme, just now", headers)
    data = notice["data"]
    expect.expect(notice["type"] == "notice.alarm" and data["kind"] == "alarm", "it says what it is", notice)
    expect.expect((data["model"], data["environment"]) == ("watched-model", "production"), "it names the lane", notice)
    expect.expect(data["href"] == f"/v1/promotions/{promotion}", "it says where to look", notice)
    expect.expect(daemon.call("GET", data["href"], token="ann")[0] == 200, "which the daemon answers")
    expect.told(data["text"], "watched-model in production", "never-well", "nobody-has-it", what="and it says what is wrong")
    seen = daemon.call("GET", data["href"], token="ann")[2]
    expect.expect(seen["phase"] == "watching", "no endpoint kept the promotion from being live", seen["phase"])

    expect.within(20, lambda: len(pager.came) >= 3, "an endpoint that is down is tried again and again")
    expect.within(10, lambda: rows_of_notices(work) == [f"{data['key']}@pager"], "and it alone is still to be told")
    expect.expect(len(chat.came) == 1, "the one that took it does not get it again", chat.ids())
    expect.expect(len(gone.came) == 1, "the one that answered 410 Gone is not asked again", gone.ids())
    expect.expect(len({*chat.ids(), *pager.ids(), *gone.ids()}) == 3, "each endpoint has a webhook-id of its own")
    expect.expect(len(daemon.logged("notice.due", key=data["key"], text=data["text"])) == 1, "the log has the notice, once")
    expect.expect(daemon.logged("notice.sent", endpoint="chat", promotion=promotion), "and that it was sent")
    expect.told(daemon.logged("notice.refused", endpoint="gone"), "410 Gone", "error", what="and who refused it, and why")
    expect.expect(daemon.logged("notice.try_later", endpoint="pager"), "and who is tried again")

    daemon.kill()
    before = len(pager.came)
    pager.bad = b""
    daemon.start()
    expect.within(30, lambda: len(pager.came) > before, "killed and started again, it tells who had not been told")
    expect.within(10, lambda: not rows_of_notices(work), "and then nothing is left to be told")
    expect.expect(len(set(pager.ids())) == 1, "every try came under one webhook-id", pager.ids())
    expect.expect(len({body for _, body in pager.came}) == 1 and all(is_signed(*one) for one in pager.came), "with one body, signed anew each time")

    daemon.kill()
    daemon.start()
    other = daemon.open_promotion("watched-other")
    expect.within(10, lambda: chat.of(other) and pager.of(other), "killed once more, it goes on telling")
    expect.expect(len(chat.of(promotion)) == 1 and len(pager.came) == before + 2, "and nothing of before came again",
                  (chat.ids(), pager.ids()))
    expect.expect(SECRET not in daemon.log(), "the secret is in no line of the log")
    expect.expect(daemon.stop() == 0, "it stops cleanly")


if __name__ == "__main__":
    main(story, __doc__)
