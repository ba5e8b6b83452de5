"""Runs gunicorn under the filters that systemd would make of deploy/digits.service.

python -m tests.deploy.confined    without systemd itself, with its lists and with libseccomp
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import re
import socket
import subprocess
import sys
from typing import Any

from benchmarks.servers import ROOT

SERVICE = (ROOT / "deploy" / "digits.service").read_text()

# From libseccomp's seccomp.h.
ALLOW = 0x7FFF0000
REFUSE = 0x00050000  # and the error
NOT_EQUAL, MASKED_EQUAL = 1, 7

WRITE_AND_EXECUTE = mmap.PROT_WRITE | mmap.PROT_EXEC
SHM_EXEC = 0o100000


class Argument(ctypes.Structure):
    """What an argument of a system call is compared to."""

    _fields_ = (
        ("number", ctypes.c_uint),
        ("how", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


def directive(name: str) -> list[str]:
    """The values of all the unit's lines of that name."""
    return re.findall(rf"(?m)^{name}=(.*)$", SERVICE)


def calls(name: str) -> set[str]:
    """The system calls in a group of systemd's; a name that is no group is one by itself."""
    if not name.startswith("@"):
        return {name}
    command = ["systemd-analyze", "syscall-filter", name]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    names = [line.strip() for line in listing.splitlines()[1:]]
    return set().union(*(calls(each) for each in names if each and not each.startswith("#")))


def allowed() -> set[str]:
    """What the unit's SystemCallFilter leaves; systemd itself adds @default."""
    left = calls("@default")
    for line in directive("SystemCallFilter"):
        named = set().union(*map(calls, line.removeprefix("~").split()))
        left = left - named if line.startswith("~") else left | named
    return left


def confine(default: int, action: int, rules: dict[str, Argument | None]) -> None:
    """Has the kernel do `action` at the system calls in `rules`, and `default` at all others."""
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(default)))
    for name, argument in rules.items():
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # not every machine has them all
            compared: Any = (ctypes.byref(argument),) if argument else (None,)
            added = library.seccomp_rule_add_array(
                context, ctypes.c_uint32(action), number, 1 if argument else 0, *compared
            )
            assert added == 0, (name, added)
    assert library.seccomp_load(context) == 0


def main() -> None:
    left = allowed()
    assert "read" in left
    assert "chown" not in left
    if directive("MemoryDenyWriteExecute") == ["true"]:
        executable = Argument(2, MASKED_EQUAL, mmap.PROT_EXEC, mmap.PROT_EXEC)
        both = Argument(2, MASKED_EQUAL, WRITE_AND_EXECUTE, WRITE_AND_EXECUTE)
        rules = {
            "mmap": both,
            "mprotect": executable,
            "pkey_mprotect": executable,
            "shmat": Argument(2, MASKED_EQUAL, SHM_EXEC, SHM_EXEC),
        }
        confine(ALLOW, REFUSE | errno.EPERM, rules)
    (family,) = directive("RestrictAddressFamilies")
    other = Argument(0, NOT_EQUAL, getattr(socket, family), 0)
    confine(ALLOW, REFUSE | errno.EAFNOSUPPORT, {"socket": other})
    (error,) = directive("SystemCallErrorNumber")
    confine(REFUSE | getattr(errno, error), ALLOW, dict.fromkeys(left))
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn"])


if __name__ == "__main__":
    main()
