"""What systemd is told by the real penstockd: that it is ready, that it works, and that it stops; and nothing more once it is frozen."""

import os
import pathlib
import signal
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from checklist import main
from daemon import Daemon

POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: plain}
spec: {model: plain-*, environment: production, stages: [{name: checks, gates: [{use: described}]}]}
"""


def told(supervisor, seconds: float) -> list[str]:
    messages, until = [], time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        supervisor.settimeout(left)
        try:
            messages.append(supervisor.recv(1000).decode())
        except TimeoutError:
            break
    return messages


def story(check, programs, work):
    supervisor = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    address = f"\0penstock-supervised-{os.getpid()}"
    supervisor.bind(address)
    os.environ.update(NOTIFY_SOCKET="@" + address[1:], WATCHDOG_USEC="2000000")
    daemon = Daemon(programs, work, POLICY).start()
    messages = told(supervisor, 7.5)
    check.expect(messages and messages[0] == "READY=1", "it says first that it is ready", messages)
    check.expect(messages.count("WATCHDOG=1") >= 5 and set(messages) == {"READY=1", "WATCHDOG=1"}, "and then that it works, four times in the time that it is given", messages)
    daemon.process.send_signal(signal.SIGSTOP)
    told(supervisor, 0.5)
    check.expect(not told(supervisor, 5.0), "frozen, it says nothing")
    daemon.process.send_signal(signal.SIGCONT)
    check.expect("WATCHDOG=1" in told(supervisor, 5.0), "awake again, it does")
    check.expect(daemon.stop() == 0, "it stops cleanly")
    check.expect("STOPPING=1" in told(supervisor, 0.5), "and says so")
    os.environ["NOTIFY_SOCKET"] = "not-a-path"
    wrong = Daemon(programs, work, POLICY)
    try:
        wrong.start()
        check.expect(False, "an address that is no socket is refused")
    except SystemExit as error:
        check.expect("NOTIFY_SOCKET" in wrong.log_file.read_text(), "an address that is no socket is refused, with its name", error)


if __name__ == "__main__":
    main(story, __doc__)
