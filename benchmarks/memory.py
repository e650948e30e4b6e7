"""How much memory another process has taken."""

from pathlib import Path


def peak_mib(pid: int) -> float:
    """Return the most memory that a process has had so far, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0
