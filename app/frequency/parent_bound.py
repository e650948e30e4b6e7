"""Run as a program: becomes another program that the kernel kills when its parent ends.

    python -I -S parent_bound.py PARENT_PID PROGRAM ARGUMENT...

A program of its own, because code between fork and exec is not safe in a process with threads.
The standard library alone, because nothing else is on the path.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # from linux/prctl.h; kept through exec, not through fork


def main(arguments: list[str]) -> None:
    """Ask the kernel for the signal, make sure the parent still lives, become the program.

    SIGKILL, for it cannot be put off; the server has synced whatever it answered.
    """
    parent, program = int(arguments[0]), arguments[1:]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        sys.exit("the parent ended before its server started")
    os.execv(program[0], program)  # noqa: S606 - there must be no shell and no fork


if __name__ == "__main__":
    main(sys.argv[1:])
