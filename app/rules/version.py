"""The rule-set version: a digest over the code that decides."""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from app.domain.canonical import sha256_digest

_PACKAGES = ("app.domain", "app.rules")


@cache
def rule_set_version() -> str:
    """Return `sha256:…` over the Python sources of the vocabulary and the rules.

    The same sources give the same version on every machine: paths are sorted, line ends and
    byte order marks do not count, caches and the words of findings (TOML) are left out.
    """
    return digest_of({name: files(name) for name in _PACKAGES})


def digest_of(roots: dict[str, Traversable]) -> str:
    """Return the digest over all `.py` files under the named roots."""
    sources = sorted(
        (f"{name.replace('.', '/')}/{path}", source)
        for name, root in roots.items()
        for path, source in _sources(root, "")
    )
    parts = [f"{path}\0{len(source)}\0".encode() + source for path, source in sources]
    return sha256_digest(b"popgate rule set v1\0" + b"".join(parts))


def _sources(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found.extend(_sources(entry, f"{prefix}{entry.name}/"))
        elif entry.name.endswith(".py"):
            found.append((prefix + entry.name, _normalised(entry.read_bytes())))
    return found


def _normalised(source: bytes) -> bytes:
    return source.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
