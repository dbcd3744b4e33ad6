"""The quickstart's story. Started by run.sh; ends with exit status 0 when everything went as told."""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import team
from penstock_client import Penstock
from stage import Stage, free_port, new_secret

HERE = pathlib.Path(__file__).resolve().parent
# The story speaks for itself, and to this machine alone.
os.environ.update({"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
                   "MLFLOW_LOGGING_LEVEL": "ERROR"})


def tell(text: str):
    print(f"\n== {text}", flush=True)


def show(text: str):
    print(f"   {text}", flush=True)


def expect(condition, what: str):
    if not condition:
        raise SystemExit(f"the story went wrong: {what}")


def answers(url: str):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


class Story:
    def __init__(self, stage: Stage):
        self.stage = stage
        self.mlflow_url = f"http://127.0.0.1:{free_port()}"
        self.platform_port = free_port()
        self.platform_url = f"http://127.0.0.1:{self.platform_port}"
        self.penstock_url = f"http://127.0.0.1:{free_port()}"
        self.repository = stage.work / "models.git"
        self.secrets = {name: new_secret() for name in ("ann", "bob", "serving-platform", "git-push", "mlflow-push")}
        self.penstock = None
        self.shown = set()

    def start_mlflow(self):
        tell("An MLflow server, as the team has it")
        python = pathlib.Path(sys.executable)
        process = self.stage.start(
            "mlflow",
            [python, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", self.mlflow_url.rsplit(":", 1)[1],
             "--backend-store-uri", f"sqlite:///{self.stage.work}/mlflow/mlflow.db",
             "--artifacts-destination", f"{self.stage.work}/mlflow/artifacts", "--workers", "1"],
            {"PATH": f"{python.parent}:{os.environ['PATH']}"})
        self.stage.wait_until("MLflow's /health", lambda: answers(self.mlflow_url + "/health"), 300, process)
        show(self.mlflow_url)
        os.environ["MLFLOW_TRACKING_URI"] = self.mlflow_url

    def start_platform(self):
        tell("The serving platform, which takes webhooks")
        for name, secret in self.secrets.items():
            self.stage.secret(name, secret)
        process = self.stage.start(
            "platform", [sys.executable, HERE / "receiver.py", "--port", self.platform_port, "--model", team.MODEL,
                         "--secret-file", self.stage.work / "secrets" / "serving-platform"])
        self.stage.wait_until("the platform's /deliveries", lambda: answers(self.platform_url + "/deliveries"), 120, process)
        show(f"{self.platform_url}/deliver")

    def deliveries(self):
        with urllib.request.urlopen(f"{self.platform_url}/deliveries", timeout=10) as answer:
            return json.load(answer)

    def start_penstock(self):
        tell("Penstock")
        work = self.stage.work
        shutil.copytree(HERE / "gate-definitions", work / "gate-definitions")
        shutil.copytree(HERE.parent / "executable-gate", work / "gate-definitions" / "programs")
        token, token_sha256 = self.stage.token("ann")
        settings = (HERE / "penstock.yaml").read_text()
        for key, value in {"WORK": work, "LISTEN": self.penstock_url.removeprefix("http://"), "MLFLOW": self.mlflow_url,
                           "PLATFORM": self.platform_url, "ANN_TOKEN_SHA256": token_sha256,
                           "REPOSITORY": self.repository}.items():
            settings = settings.replace(f"@{key}@", str(value))
        (work / "penstock.yaml").write_text(settings)
        smoke = work / "gate-definitions" / "gates" / "smoke-test.yaml"
        smoke.write_text(smoke.read_text().replace("@PLATFORM@", self.platform_url))
        lint = subprocess.run([self.stage.programs / "penstock", "lint", work / "gate-definitions"], capture_output=True, text=True)
        show(lint.stdout.strip() or lint.stderr.strip())
        expect(lint.returncode == 0, "the gate definitions have problems")
        process = self.stage.start("penstockd", [self.stage.programs / "penstockd", "--config", work / "penstock.yaml"])
        self.penstock = Penstock(self.penstock_url, token)
        self.stage.wait_until("Penstock's /readyz", self.penstock.ready, 30, process)
        show(self.penstock_url)

    def make_repository(self):
        subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", self.repository], check=True)
        hook = self.repository / "hooks" / "post-receive"
        shutil.copy(HERE.parent / "git-hook" / "post-receive", hook)
        hook.chmod(0o755)
        secret_file = self.stage.work / "secrets" / "git-push"
        for key, value in {"penstock.hook": f"{self.penstock_url}/hooks/git-push", "penstock.secretFile": secret_file}.items():
            subprocess.run(["git", "-C", self.repository, "config", key, str(value)], check=True)

    def register(self, data_set: str) -> str:
        version, accuracy = team.register(data_set)
        show(f"{team.MODEL} version {version}: accuracy {accuracy:.3f}, trained on {data_set}")
        return version

    def push(self, version: str):
        """A commit with a candidate.yaml: a set of rules that has no registry but git."""
        clone = self.stage.work / "clone"
        subprocess.run(["git", "clone", "--quiet", self.repository, clone], check=True, stderr=subprocess.DEVNULL)
        rules = clone / "rules"
        rules.mkdir()
        (rules / "candidate.yaml").write_text(f"model: cellar-rules\nversion: {version}\n")
        (rules / "rules.json").write_text(json.dumps({"refuse": {"alcohol_above": 16.0}}, indent=2))
        git = ["git", "-C", clone, "-c", "user.name=Wine Team", "-c", "user.email=wine-team@example.com"]
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "--quiet", "-m", "Add the cellar rules"], check=True)
        pushed = subprocess.run([*git, "push", "--quiet", "origin", "HEAD:main"], check=True, capture_output=True, text=True)
        for line in pushed.stderr.splitlines():
            show(line.strip())
        expect("told, it is looking" in pushed.stderr, "the git hook's call was not taken")

    def promotion(self, model: str, version: str, seconds: float = 60):
        found = self.stage.wait_until(f"a promotion of {model} {version}",
                                      lambda: self.penstock.promotions(model=model, version=version), seconds)
        return found[0]["id"]

    def follow(self, promotion: str, until, seconds: float = 180):
        """Shows each gate's answer as it comes, until the phase is one of `until`."""
        phase = ""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            seen = self.penstock.get(f"/v1/promotions/{promotion}")
            for check in seen["checks"]:
                key = (promotion, check["gate"], check["attempt"])
                if "finding" in check and key not in self.shown:
                    self.shown.add(key)
                    show(f"{check['stage']:<12} {check['gate']:<20} {check['finding']['verdict']}: {check['finding']['observed']}")
            if seen["phase"] != phase:
                phase = seen["phase"]
                show(f"-> {phase}" + (f": {seen['wait']['what']}" if "wait" in seen else ""))
            if phase in until:
                return seen
            expect(not seen.get("ended"), f"{promotion} ended as {phase}: {seen.get('reason', '')}")
            time.sleep(0.2)
        raise SystemExit(f"the story ends early: {promotion} is {phase} after {seconds:.0f} s")

    def penstock_command(self, *arguments) -> str:
        environment = {**os.environ, "PENSTOCK_URL": self.penstock_url, "PENSTOCK_TOKEN_FILE": str(self.stage.work / "secrets" / "ann.token")}
        return subprocess.run([self.stage.programs / "penstock", *arguments], check=True, capture_output=True, text=True, env=environment).stdout


def tell_story(story: Story):
    story.start_mlflow()
    team.write_data(story.stage.work / "data")
    story.start_platform()
    story.make_repository()
    story.start_penstock()

    tell("A data scientist registers a model version")
    good = story.register("wine.csv")
    promotion = story.promotion(team.MODEL, good)
    waiting = story.follow(promotion, {"awaiting_approval"})

    tell("Two people approve, each by a webhook signed with a secret of their own")
    for person in ("ann", "bob"):
        status, answer = story.penstock.decide(person, story.secrets[person], waiting, "approve", "seen and agreed")
        show(f"{person}: {status}")
        expect(status == 202 or status == 200, f"{person}'s approval was answered {status}: {answer}")
    story.follow(promotion, {"live"})

    tell("What the world sees")
    delivered = [one for one in story.deliveries() if one["data"]["model"] == team.MODEL]
    expect(len(delivered) == 1, f"{len(delivered)} webhooks came instead of one")
    show(f"the platform took one webhook, its signature is good: serve {team.MODEL} version {delivered[0]['data']['candidate']['version']}")
    expect(team.alias() == good, "the alias was not moved")
    show(f"MLflow's alias {team.ALIAS} points to version {team.alias()}")

    tell("Why: penstock explain")
    print("   " + story.penstock_command("explain", promotion).strip().replace("\n", "\n   "))

    tell("A push to git is a candidate too")
    story.push("1.0.0")
    story.follow(story.promotion("cellar-rules", "1.0.0"), {"live"})

    tell("A version whose data breaks the contract")
    bad = story.register("wine-broken.csv")
    stopped = story.follow(story.promotion(team.MODEL, bad), {"rejected"})
    show(stopped["reason"])
    expect("data" in stopped["reason"], "it was stopped for another reason")
    expect(team.alias() == good, "the alias moved although the version was rejected")
    show(f"MLflow's alias {team.ALIAS} still points to version {good}")

    tell("Somebody moves the alias by hand, to the version that was rejected")
    team.move_alias(bad)
    story.stage.wait_until("the alias at its place", lambda: team.alias() == good, 60)
    effects = [one["data"] for one in story.penstock.get(f"/v1/promotions/{promotion}/events")["events"] if one["event"] == "effect_seen"]
    expect(any(one["effect"] == "drifted" for one in effects), f"Penstock does not say that the alias was moved: {effects}")
    show(next(one["observed"] for one in effects if one["effect"] == "drifted"))
    show(f"Penstock put it back: {team.ALIAS} points to version {team.alias()}")

    tell("Summary")
    for line in story.penstock_command("status").strip().splitlines():
        show(line)


def tell_addresses(story: Story):
    tell("Everything went as told, and goes on running")
    show(f"Penstock           {story.penstock_url}")
    show(f"MLflow             {story.mlflow_url}")
    show(f"serving platform   {story.platform_url}/deliveries")
    show(f"git repository     {story.repository}")
    show(f"to use the command line as ann: export PENSTOCK_URL={story.penstock_url} "
         f"PENSTOCK_TOKEN_FILE={story.stage.work}/secrets/ann.token")
    show(f"then, for example: {story.stage.programs}/penstock status")
    by_run_sh = story.stage.work == HERE.parents[1] / "build" / "quickstart" / "work"
    show("to stop all of it: " + ("./examples/quickstart/run.sh --stop" if by_run_sh else f"python3 {HERE}/processes.py --stop {story.stage.work}"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="the folder of penstockd and penstock")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="a folder for everything; emptied first")
    parser.add_argument("--keep", action="store_true", help="leave everything running; processes.py --stop WORK ends it")
    arguments = parser.parse_args()
    stage = Stage(arguments.work, arguments.programs)
    if stage.kept_before:
        tell(f"Stopped what an earlier --keep had left running: {', '.join(stage.kept_before)}")
    story = Story(stage)
    try:
        tell_story(story)
    except BaseException:
        stage.stop()
        raise
    if arguments.keep:
        return tell_addresses(story)
    stage.stop()
    tell("Everything went as told, and nothing is left running")


if __name__ == "__main__":
    main()
