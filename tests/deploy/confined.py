"""Run gunicorn with the system calls that deploy/digits.service leaves it, without systemd.

python -m tests.deploy.confined    needs systemd-analyze, for its lists, and libseccomp
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import subprocess
import sys

from tests.server.servers import SERVICE

ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM  # of libseccomp's seccomp.h
PR_SET_MDWE, REFUSE_EXEC_GAIN = 65, 1  # see prctl(2)


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


def main() -> None:
    names = allowed()
    assert "MemoryDenyWriteExecute=true" in SERVICE
    ctypes.CDLL(None).prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0)  # from Linux 6.3 on
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(REFUSE)))
    for name in names:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # not every machine has them all
            assert library.seccomp_rule_add_array(context, ALLOW, number, 0, None) == 0, name
    assert library.seccomp_load(context) == 0
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn"])


if __name__ == "__main__":
    main()
