"""Run gunicorn with the system calls that deploy/digits.service leaves it, without systemd.

python -m tests.deploy.confined    needs systemd-analyze, for its lists, and libseccomp
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import re
import subprocess
import sys

from tests.server.servers import SERVICE

ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM  # of libseccomp's seccomp.h
MASKED_EQUAL = 7
WRITE_AND_EXECUTE = mmap.PROT_WRITE | mmap.PROT_EXEC


class Argument(ctypes.Structure):
    """A condition on the third argument of a system call: the bits of `mask` are all set."""

    _fields_ = (
        ("number", ctypes.c_uint),
        ("how", ctypes.c_int),
        ("mask", ctypes.c_uint64),
        ("value", ctypes.c_uint64),
    )


def calls(name: str) -> set[str]:
    """Return the system calls in one of systemd's groups; another name stands for itself."""
    if not name.startswith("@"):
        return {name}
    command = ["systemd-analyze", "syscall-filter", name]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    names = [line.strip() for line in listing.splitlines()[1:]]
    return set().union(*(calls(each) for each in names if each and not each.startswith("#")))


def allowed() -> set[str]:
    """Return the system calls that the unit allows; systemd adds @default."""
    allowed = calls("@default")
    for line in re.findall(r"(?m)^SystemCallFilter=(.*)$", SERVICE):
        named = set().union(*map(calls, line.removeprefix("~").split()))
        allowed = allowed - named if line.startswith("~") else allowed | named
    return allowed


def confine(default: int, action: int, rules: dict[str, int]) -> None:
    """Apply `action` to the system calls in `rules`, if these bits are set, else `default`."""
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(default)))
    for name, bits in rules.items():
        number = library.seccomp_syscall_resolve_name(name.encode())
        condition = ctypes.byref(Argument(2, MASKED_EQUAL, bits, bits))
        arguments = (1, condition) if bits else (0, None)
        if number >= 0:  # not every machine has them all
            added = library.seccomp_rule_add_array(
                context, ctypes.c_uint32(action), number, *arguments
            )
            assert added == 0, name
    assert library.seccomp_load(context) == 0


if __name__ == "__main__":
    assert "MemoryDenyWriteExecute=true" in SERVICE
    confine(ALLOW, REFUSE, {"mmap": WRITE_AND_EXECUTE, "mprotect": mmap.PROT_EXEC})
    confine(REFUSE, ALLOW, dict.fromkeys(allowed(), 0))
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn"])
