"""What the command line says, and ends with, when the daemon is not there, does not know the caller, or says no."""

import http.server
import json
import threading

from command import CONFLICT, DONE, NOT_ALLOWED, UNEXPECTED, UNREACHABLE, USAGE, Command
from checklist import main
from daemon import Daemon, free_port

POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: fraud-production}
spec:
  model: fraud-*
  environment: production
  stages: [{name: checks, gates: [{use: described}]}]
  approvals: [{group: release-managers}]
"""
DIGEST = "sha256:" + "0" * 64
UNKNOWN = "prm_00000000000000000000000000"
LANE = ["fraud-eu", "production"]
# Every verb that talks to the daemon.
VERBS = (["submit", "-"], ["submit", "-", "--wait"], ["status"], ["status", UNKNOWN], ["watch", UNKNOWN], ["explain", UNKNOWN],
         ["approve", UNKNOWN, "--digest", DIGEST], ["reject", UNKNOWN, "--digest", DIGEST, "--note", "no"], ["retry", UNKNOWN],
         ["veto", UNKNOWN, "--digest", DIGEST, "--note", "no"], ["take-back", UNKNOWN, "--digest", DIGEST],
         ["withdraw", UNKNOWN, "--reason", "no"], ["lanes"], ["semaphores"], ["backup"], ["lanes", *LANE], ["history", *LANE], ["pin", *LANE, "--reason", "no"], ["release", *LANE],
         ["rollback", *LANE, "--reason", "no"], ["rollback", *LANE, "--reason", "no", "--plan"], ["waiver", "list", *LANE],
         ["waiver", "ask", *LANE, "described", "--versions", "*", "--for", "1h", "--reason", "no", "--control", "no"],
         ["break-glass", UNKNOWN, "--digest", DIGEST, "--note", "no"], ["review", *LANE, "--text", "no"], ["delegation", "list"],
         ["delegation", "give", "max", "--reason", "no", "--for", "1d"], ["delegation", "end", "dlg_1"],
         ["waiver", "grant", *LANE, "wvr_1"], ["waiver", "revoke", *LANE, "wvr_1", "--reason", "no"])
CANDIDATE = json.dumps({"model": "fraud-eu", "version": "1", "labels": {"owner": "team"}})


def every_verb(check, penstock, code: int, part: str, what: str, forms=([], ["-o", "json"]), verbs=VERBS):
    for words in verbs:
        for form in forms:
            seen = penstock(*words, *form, stdin=CANDIDATE)
            check.expect(seen.code == code and part in seen.err and not seen.out, f"{' '.join([*words[:1], *form])}: {what}", seen)


def not_there(check, programs):
    gone = Command(programs, f"http://127.0.0.1:{free_port()}", "ann")
    every_verb(check, gone, UNREACHABLE, "is the daemon running, and does PENSTOCK_URL name it?", "nobody at the address is told, with 7")
    seen = Command(programs, "http://daemon.invalid:8087", "ann")("status")
    check.expect(seen.code == UNREACHABLE and "daemon.invalid" in seen.err, "a name that leads nowhere: 7", seen)
    for url in ("ftp://daemon", "http:///v1", "https:", "daemon:8087", "http://ann:secret-password@127.0.0.1:1", "http://"):
        seen = Command(programs, url, "ann")("status")
        check.expect(seen.code == USAGE and "PENSTOCK_URL" in seen.err and "secret-password" not in seen.err, "an address that is none: 2, without repeating a password", seen)


class Garbage(http.server.BaseHTTPRequestHandler):
    """Something else than Penstock, which takes every request."""

    def do_GET(self):
        body = b"<html>It works!</html>" if "status" not in self.path else b""
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *args):
        pass


def something_else(check, programs):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Garbage)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    penstock = Command(programs, f"http://127.0.0.1:{server.server_address[1]}", "ann")
    server.status = 500
    every_verb(check, penstock, UNEXPECTED, "500", "an answer 500 is told, with 1")
    server.status = 200
    for words in VERBS:
        if words[0] in ("explain",):
            continue  # its text is whatever the server says
        seen = penstock(*words, stdin=CANDIDATE)
        check.expect(seen.code == UNEXPECTED and "not JSON" in seen.err and not seen.out, f"{words[0]}: an answer 200 that is no JSON is not taken for success", seen)


def not_known(check, programs, daemon):
    work = daemon.work
    file = work / "ann.token"
    file.write_text("token-ann\n")
    seen = Command(programs, daemon.url, PENSTOCK_TOKEN_FILE=str(file))("status")
    check.expect(seen.code == DONE, "a token may be in a file", seen)
    for name, text in {"empty.token": "", "blank.token": "\n"}.items():
        (work / name).write_text(text)
        seen = Command(programs, daemon.url, PENSTOCK_TOKEN_FILE=str(work / name))("status")
        check.expect(seen.code == USAGE and name in seen.err, "a file without a token: 2, naming the file", seen)
    seen = Command(programs, daemon.url, PENSTOCK_TOKEN_FILE=str(work / "none"))("status")
    check.expect(seen.code == USAGE and str(work / "none") in seen.err, "a file that is not there: 2", seen)
    seen = Command(programs, daemon.url, PENSTOCK_TOKEN="half of it\r\nX-Evil: 1")("status")
    check.expect(seen.code == USAGE and "half of it" not in seen.err, "what would add a header is no token, and is not shown: 2", seen)
    seen = Command(programs, daemon.url)("status")
    check.expect(seen.code == NOT_ALLOWED and "PENSTOCK_TOKEN" in seen.err, "without a token: 4, and where it is taken from", seen)
    # Last, and few: after 20 wrong tokens in a minute the daemon listens to this address no more.
    every_verb(check, Command(programs, daemon.url, "nobody"), NOT_ALLOWED, "401", "an unknown token is told, with 4", forms=[[]],
               verbs=list({words[0]: words for words in VERBS}.values())[:12])


def said_no(check, programs, daemon):
    ann, maxi, ci = (Command(programs, daemon.url, person) for person in ("ann", "max", "ci"))
    for words in VERBS:
        if UNKNOWN in words:
            seen = ann(*words)
            check.expect(seen.code == USAGE and "404" in seen.err and UNKNOWN in seen.err and not seen.out, f"{words[0]}: an unknown promotion is told, with 2", seen)
    seen = ann("lanes", "unknown", "nowhere")
    check.expect(seen.code == USAGE and "404" in seen.err, "so is an unknown lane", seen)
    seen = ci("submit", "-", stdin=json.dumps({"model": "other", "version": "1"}))
    check.expect(seen.code == USAGE and "422" in seen.err and "other" in seen.err, "a model that no policy covers: 2", seen)
    seen = ci("submit", "-", stdin=json.dumps({"modle": "fraud-eu", "version": "1"}))
    check.expect(seen.code == USAGE and "did you mean `model`?" in seen.err, "a candidate with an unknown key: 2, with the one that was meant", seen)
    for what, text in {"no JSON": "{", "nested too deep": "[" * 1000 + "]" * 1000, "another kind of document": "[]", "nothing": ""}.items():
        seen = ci("submit", "-", stdin=text)
        check.expect(seen.code == USAGE and seen.err, f"a candidate that is {what}: 2", seen)
    promotion = daemon.open_promotion("fraud-eu")
    decide_on = daemon.wait_for_phase(promotion, {"awaiting_approval"})["decide_on"]
    seen = maxi("approve", promotion, "--digest", decide_on)
    check.expect(seen.code == NOT_ALLOWED and "403" in seen.err and "next: " in seen.err, "a person outside the group: 4, with what to do next", seen)
    seen = ci("approve", promotion, "--digest", decide_on)
    check.expect(seen.code == NOT_ALLOWED, "a service: 4", seen)
    seen = ann("reject", promotion, "--digest", DIGEST, "--note", "no")
    check.expect(seen.code == CONFLICT and "412" in seen.err, "a stale digest: 6", seen)
    seen = ann("approve", promotion, "--digest", "not a digest")
    check.expect(seen.code in (USAGE, CONFLICT) and seen.err, "what is no digest decides nothing", seen)
    seen = ann("approve", promotion, "--digest", decide_on + "\"\r\nX-Evil: 1")
    check.expect(seen.code != DONE, "a digest that would add a header decides nothing", seen)
    seen = ann("retry", promotion)
    check.expect(seen.code == CONFLICT and "409" in seen.err, "a retry of what is not held: 6", seen)
    seen = ann("status", "../../v1/lanes")
    check.expect(seen.code == USAGE and "404" in seen.err, "an id with slashes reaches nothing else", seen)
    check.expect(daemon.call("GET", f"/v1/promotions/{promotion}", token="ann")[2]["phase"] == "awaiting_approval", "none of these decided anything")


def story(check, programs, work):
    not_there(check, programs)
    something_else(check, programs)
    daemon = Daemon(programs, work, POLICY).start()
    said_no(check, programs, daemon)
    not_known(check, programs, daemon)
    check.expect(daemon.stop() == 0, "the daemon stops cleanly")


if __name__ == "__main__":
    main(story, __doc__)
