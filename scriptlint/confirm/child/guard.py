"""Keeping user code within its limits, and ending everything that it started.

On Linux, where namespaces may be made, the zygote is the first process of a process namespace: nothing inside sees, let
alone kills, what is outside, and when the zygote ends the kernel ends all the others. Elsewhere on Linux the zygote
adopts orphans and looks for its descendants in /proc. On other systems what a job starts is ended by process group.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys

LINUX = sys.platform.startswith("linux")
NEWUSER, NEWPID, NEWNET, NEWIPC = 0x10000000, 0x20000000, 0x40000000, 0x08000000
SET_PDEATHSIG, SET_CHILD_SUBREAPER = 1, 36
FILE_SIZE = 2 << 30


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def enter_namespaces(network: bool) -> bool:
    """Make the next child the first process of a process namespace, without network unless `network`.

    False where that is not allowed; nothing has changed then. Must be called before there are threads.
    """
    if not LINUX:
        return False
    flags = NEWPID | NEWIPC | (0 if network else NEWNET)
    user, group = os.geteuid(), os.getegid()
    try:
        # An administrator stays one: a user namespace would take the right to read other people's files.
        if user == 0 and _libc().unshare(flags) == 0:
            return True
        if _libc().unshare(flags | NEWUSER) != 0:
            return False
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    except (OSError, AttributeError):
        return False
    return True


def adopt_orphans() -> None:
    """Make this process the parent of whatever its descendants leave behind."""
    if LINUX:
        _libc().prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent() -> None:
    """End this process when its parent ends."""
    if LINUX:
        _libc().prctl(SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def limit(memory: int, address_space: bool) -> None:
    """Limits this process and what it starts: bytes of memory each, size of files, no core dumps.

    `address_space` limits reserved addresses too, which is exact but breaks CUDA: it reserves far more than it uses.
    """
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, FILE_SIZE)
    _lower(resource.RLIMIT_DATA, memory)
    if address_space:
        _lower(resource.RLIMIT_AS, memory)


def _lower(what: int, wanted: int) -> None:
    _, hard = resource.getrlimit(what)
    value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(what, (value, value))


def descendants() -> list[int]:
    """Return the processes that this one has started, directly or not, as this process would name them to `kill`.

    Empty where the system does not tell.
    """
    parents: dict[int, int] = {}
    names: dict[int, int] = {}
    try:
        me = int(os.readlink("/proc/self"))
        entries = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except (OSError, ValueError):
        return []
    for process in entries:
        try:
            with open(f"/proc/{process}/status", "rb") as file:
                lines = dict(line.split(b":", 1) for line in file.read().splitlines() if b":" in line)
        except OSError:
            continue
        parents[process] = int(lines[b"PPid"])
        # The last of the names is the one that counts in the innermost namespace.
        names[process] = int(lines.get(b"NSpid", lines[b"Pid"]).split()[-1])
    found, wanted = [], [me]
    while wanted:
        above = wanted.pop()
        below = [process for process, parent in parents.items() if parent == above]
        found += [names[process] for process in below]
        wanted += below
    return found


def end_all(isolated: bool, child: int) -> None:
    """Kills every process that a job left, `child` being the one that ran it, and buries them all."""
    while True:
        if isolated:
            # As the first process of its namespace, this one cannot hit anything outside of it.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(-1, signal.SIGKILL)
        else:
            for process in (-child, *descendants()):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(process, signal.SIGKILL)
        if not _bury():
            return


def wait_for(child: int) -> None:
    """Wait until a child has ended; one that somebody stopped is ended, since nobody will let it go on."""
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            return
        os.kill(child, signal.SIGKILL)


def _bury() -> bool:
    """Wait for one child that has ended or is about to; return True if there may be more."""
    try:
        os.waitpid(-1, 0)
    except ChildProcessError:
        return False
    return True
