"""`penstock gate test`: each kind of gate asked about a sample that passes and about one that fails, without a daemon."""

import hashlib
import http.server
import json
import os
import pickle
import shutil
import threading

from command import DENIED, DONE, ROOT, UNEXPECTED, USAGE, Command
from checklist import main

CONTRACT = """apiVersion: v3.1.0
kind: DataContract
id: ages
name: Ages
version: 1.0.0
status: active
schema:
  - name: people
    physicalType: table
    properties:
      - {name: age, logicalType: integer, required: true, logicalTypeOptions: {minimum: 0, maximum: 150}}
"""
GATES = {
    "described": "kind: candidate-fields, with: {require: [labels.owner]}",
    "people": "kind: data-contract, with: {contract: ages.odcs.yaml, data: \"${candidate.data_sets.training}\", data_from: training-data}",
    "fairness": "kind: executable, with: {program: fairness.py, input: {group: age_group}}",
    "garbage": "kind: executable, with: {program: garbage.sh, artifact: false}",
    "fallback": "kind: rollback-readiness, with: {fallback: the rules of 2019}",
    "no-fallback": "kind: rollback-readiness",
    "scan": "kind: security-signoff",
    "incomplete": "kind: smoke-test",
}


class Target(http.server.BaseHTTPRequestHandler):
    """A deployment that serves version 7 of fraud and nothing else."""

    def do_GET(self):
        body = json.dumps({"version": "7"}).encode()
        self.send_response(200 if self.path == "/models/fraud/7" else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Evil:
    def __reduce__(self):
        return os.system, ("true",)


class Story:
    def __init__(self, check, programs, work):
        self.check, self.penstock, self.work = check, Command(programs), work.resolve()
        shutil.rmtree(self.work, ignore_errors=True)
        self.definitions = self.work / "definitions"
        for folder in ("definitions/gates", "definitions/policies", "data", "good", "evil", "unfair"):
            (self.work / folder).mkdir(parents=True)
        target = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Target)
        threading.Thread(target=target.serve_forever, daemon=True).start()
        smoke = ("kind: smoke-test, with: {target: \"http://127.0.0.1:%d\", allow_private: true, requests: [{name: version, path: "
                 "\"/models/${candidate.model}/${candidate.version}\", expect: {status: [200]}}]}" % target.server_address[1])
        for name, spec in {**GATES, "smoke": smoke}.items():
            (self.definitions / "gates" / f"{name}.yaml").write_text(
                f"apiVersion: penstock/v1\nkind: Gate\nmetadata: {{name: {name}}}\nspec: {{{spec}}}\n")
        (self.definitions / "ages.odcs.yaml").write_text(CONTRACT)
        shutil.copy(ROOT / "examples/executable-gate/fairness.py", self.definitions / "fairness.py")
        (self.definitions / "garbage.sh").write_text("#!/bin/sh\necho no JSON at all\n")
        for program in ("fairness.py", "garbage.sh"):
            (self.definitions / program).chmod(0o755)
        (self.work / "data/good.csv").write_text("age\n" + "\n".join(str(age) for age in range(20, 60)) + "\n")
        (self.work / "data/bad.csv").write_text("age\n30\n-4\n31\n")
        header = "age_group,prediction\n"
        (self.work / "good/predictions.csv").write_text(header + "young,1\nold,1\n" * 40)
        (self.work / "unfair/predictions.csv").write_text(header + "young,1\nold,0\n" * 40)
        (self.work / "good/model.pkl").write_bytes(pickle.dumps({"weights": [0.5, 1.5]}))
        (self.work / "evil/model.pkl").write_bytes(pickle.dumps(Evil()))

    def ask(self, gate: str, version: str = "7", data: str = "good.csv", owner: str = "team", artifact: str = "", options=()):
        candidate = {"model": "fraud", "version": version, "data_sets": {"training": data}, "labels": {"owner": owner} if owner else {}}
        words = ["gate", "test", gate, "--definitions", self.definitions, "--candidate", "-", "--data-root", "training-data", self.work / "data", *options]
        if artifact:
            words += ["--artifact", self.work / artifact]
        return self.penstock(*words, stdin=json.dumps(candidate), seconds=120)

    def passes(self, gate: str, what: str, **sample):
        seen = self.ask(gate, **sample)
        self.check.expect(seen.code == DONE and seen.out.startswith("passed\n  observed: "), f"{what} passes, with 0", seen)

    def fails(self, gate: str, what: str, *parts: str, **sample):
        seen = self.ask(gate, **sample)
        self.check.expect(seen.code == DENIED and seen.out.startswith("failed\n  observed: "), f"{what} fails, with 3", seen)
        self.check.told(seen.out, *parts, what="and says what was wrong")


def kinds(story):
    story.passes("described", "a candidate with an owner")
    story.fails("described", "a candidate without one", "labels.owner", owner="")
    story.passes("people", "data that keeps its contract")
    story.fails("people", "data that does not", "age", data="bad.csv")
    story.passes("fairness", "predictions that are fair, by a program", artifact="good")
    story.fails("fairness", "predictions that are not", "0.00", artifact="unfair")
    story.passes("smoke", "a deployment that answers")
    story.fails("smoke", "one that does not have the version", "404", version="8")
    story.passes("fallback", "a first promotion with a fallback")
    story.fails("no-fallback", "one without", "no fallback is declared")
    story.passes("scan", "an artifact of harmless files", artifact="good")
    story.fails("scan", "a pickle that runs a command", "model.pkl", artifact="evil")


def answers(story):
    check = story.check
    seen = story.ask("people", data="bad.csv", options=["-o", "json"])
    finding = seen.json() or {}
    check.expect(seen.code == DENIED and finding.get("verdict") == "failed" and finding["evidence"], "as JSON it is the finding", seen)
    shown = seen.err.split("--- " + finding["evidence"][0]["name"] + "\n", 1)[-1].encode()[:finding["evidence"][0]["size"]]
    check.expect(finding["evidence"][0]["digest"] == "sha256:" + hashlib.sha256(shown).hexdigest(), "the evidence on stderr has the digest that the finding names", seen)
    seen = story.ask("garbage")
    check.expect(seen.code == UNEXPECTED and seen.out.startswith("errored\n"), "a gate that has no answer is errored, with 1", seen)
    seen = story.ask("people", data="gone.csv")
    check.expect(seen.code != DONE and "gone.csv" in seen.out, "a data set that is not there never passes, and is named", seen)
    seen = story.ask("scan")
    check.expect(seen.code != DONE and "artifact" in seen.out, "a gate that looks at files does not pass without any", seen)
    before = sorted(path.name for path in story.work.rglob("*"))
    story.ask("scan", artifact="good")
    check.expect(sorted(path.name for path in story.work.rglob("*")) == before, "nothing is left behind, and the sample is as it was")


def wrong_use(story):
    check, penstock = story.check, story.penstock
    seen = story.ask("fairnes")
    check.expect(seen.code == USAGE and "there is no gate `fairnes`, did you mean `fairness`?" in seen.err, "an unknown gate is wrong use, with the one that was meant", seen)
    seen = story.ask("incomplete")
    check.expect(seen.code == USAGE and "requests" in seen.err, "a gate that a stage would have to complete says what is missing", seen)
    seen = story.ask("scan", artifact="nowhere")
    check.expect(seen.code == USAGE and "nowhere" in seen.err, "a folder that is not there is wrong use", seen)
    candidate = story.work / "candidate.json"
    for what, text in {"half a document": "{\"model\": ", "a nested one": "[" * 100000, "another shape": "{\"modle\": \"fraud\"}"}.items():
        candidate.write_text(text)
        seen = penstock("gate", "test", "described", "--definitions", story.definitions, "--candidate", candidate)
        check.expect(seen.code == USAGE and "candidate.json" in seen.err, f"{what} is no candidate", seen)
    seen = penstock("gate", "test", "described", "--definitions", story.definitions, "--candidate", story.work / "none.json")
    check.expect(seen.code == USAGE and "none.json" in seen.err, "nor is a file that is not there", seen)
    (story.definitions / "gates/broken.yaml").write_text("kind: [")
    seen = story.ask("described")
    check.expect(seen.code == USAGE and "gates/broken.yaml:2:1: error: " in seen.err and "warning" not in seen.err, "definitions with problems are told with their places", seen)


def story(check, programs, work):
    told = Story(check, programs, work)
    for part in (kinds, answers, wrong_use):
        part(told)


if __name__ == "__main__":
    main(story, __doc__)
