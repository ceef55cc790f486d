"""Starting and stopping processes, and what /proc says about them."""

import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
running = []


def free_port():
    """A port below the ephemeral range, so that no connection of the load takes it before its server does."""
    while free_port.next < 32000:
        free_port.next += 1
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", free_port.next))
                return free_port.next
            except OSError:
                pass
    raise RuntimeError("no free port below 32000")


free_port.next = 20100


class Process:
    """One process tree of the bench, its output in a file that can be emptied while it runs."""

    def __init__(self, name, command, cwd, env=None):
        self.name = name
        self.log = Path(cwd) / f"{name}.log"
        self.started = time.monotonic()
        with open(self.log, "ab") as log:
            self.popen = subprocess.Popen(
                [str(c) for c in command], cwd=cwd, env=clean_environment() | (env or {}),
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        self.pid = self.popen.pid
        running.append(self)

    def alive(self):
        return self.popen.poll() is None

    def tree(self):
        return tree(self.pid)

    def cpu(self):
        """Seconds of CPU of the whole tree since it started."""
        return sum(cpu_seconds(pid) for pid in self.tree())

    def reset_peak(self):
        for pid in self.tree():
            try:
                Path(f"/proc/{pid}/clear_refs").write_text("5")
            except OSError:
                pass

    def memory(self):
        """Megabytes of the whole tree: resident now, the highest since reset_peak(), and the proportional share of pages."""
        pids = self.tree()
        return {
            "rss": sum(status(pid, "VmRSS") for pid in pids),
            "peak": sum(status(pid, "VmHWM") for pid in pids),
            "pss": sum(pss(pid) for pid in pids),
        }

    def log_bytes(self):
        return self.log.stat().st_size

    def empty_log(self):
        os.truncate(self.log, 0)

    def tail(self, lines=6):
        text = self.log.read_text(errors="replace").strip().splitlines()
        return " | ".join(text[-lines:]) or "(no output)"

    def stop(self):
        if self in running:
            running.remove(self)
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(5)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.pid, signal.SIGKILL)  # what is left of its own group, workers included
        except ProcessLookupError:
            pass
        self.popen.wait()


def stop_all():
    for process in reversed(list(running)):
        process.stop()


def clean_environment():
    """The caller's environment without what would configure a .NET process."""
    return {k: v for k, v in os.environ.items()
            if not re.match(r"(DOTNET_|COMPlus_|ASPNETCORE_|GATEWAY_|Kestrel__|ReverseProxy__|URLS$)", k) or k in ("DOTNET_ROOT", "DOTNET_CLI_HOME")}


def tree(root):
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            fields = stat_fields(entry)
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry))
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append(pid)
        todo.extend(children.get(pid, []))
    return found


def stat_fields(pid):
    """/proc/PID/stat from the state on: the command name before it may hold spaces."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def cpu_seconds(pid):
    fields = stat_fields(pid)
    return sum(int(f) for f in fields[11:15]) / TICK if fields else 0.0  # utime, stime and those of children that ended


def status(pid, key):
    try:
        match = re.search(rf"^{key}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.M)
        return int(match[1]) / 1024 if match else 0.0
    except OSError:
        return 0.0


def pss(pid):
    try:
        match = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
        return int(match[1]) / 1024 if match else 0.0
    except OSError:
        return 0.0


def machine_cpu():
    """(busy, stolen) seconds of CPU of the whole machine since it started."""
    f = [int(x) / TICK for x in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    return f[0] + f[1] + f[2] + f[5] + f[6], f[7]


def wait_until(condition, seconds, what, process):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        if not process.alive():
            raise RuntimeError(f"{process.name} ended while {what}: {process.tail()}")
        time.sleep(0.05)
    raise RuntimeError(f"{process.name} was not ready in {seconds} s ({what}): {process.tail()}")
