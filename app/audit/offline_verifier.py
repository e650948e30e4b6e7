"""Checks an exported ledger with nothing but this file, Python 3.10 or newer and a public key.

    python offline_verifier.py LEDGER --key KEY [--key KEY] [--checkpoint EARLIER_FILE] [--every]

Every byte of the export counts: one changed bit, one entry removed, moved or put in is found and
named. `--checkpoint` takes checkpoints that were put aside earlier, one or a whole file of them:
only with those can a ledger that was cut short, or written anew by the owner of the key, be told.
By default the last signature is checked, which covers all before it, since each checkpoint names
the hash of the one before; `--every` checks each of them, at some milliseconds apiece.

Exit code: 0 nothing found, 1 something found, 2 wrong use.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

FORMAT = "popgate-ledger-1"
NOTE_LINES = 8
_NOTE = re.compile(
    r"([^\s+]{1,200})\n([1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n"
    r"previous (none|[0-9a-f]{64})\n"
    r"time ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)\n"
    r"key ([0-9a-f]{16})\n\n— ([^\s+]{1,200}) ([A-Za-z0-9+/]{91}=)\n"
)
# A line of an entry: {"digest":"64 hex digits","entry":{…},"leaf":number}
_HEAD, _MIDDLE, _ENTRY_FROM = b'{"digest":"', b'","entry":{', 87
_HEX = re.compile(rb"[0-9a-f]{64}")
_NUMBER = re.compile(rb"0|[1-9][0-9]{0,15}")
_ENTRY_ID = re.compile(rb',"id":"([0-9a-z_]{1,60})","kind":"')
_SHOWN = 20
_HASH_SIZE = _KEY_SIZE = 32
_SIGNATURE_SIZE = 64

# --- Ed25519, verification only (RFC 8032, 5.1) ---------------------------------------------------

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]


def ed25519_holds(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether the signature is by that raw public key; a second form of one is refused."""
    key, commitment = _decoded(public_key), _decoded(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or len(signature) != _SIGNATURE_SIZE or scalar >= _L:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    challenge = int.from_bytes(digest, "little") % _L
    left = _times(scalar, _BASE)
    right = _plus(commitment, _times(challenge, key))
    return not ((left[0] * right[2] - right[0] * left[2]) % _P) and not (
        (left[1] * right[2] - right[1] * left[2]) % _P
    )


def _plus(one: _Point, two: _Point) -> _Point:
    a = (one[1] - one[0]) * (two[1] - two[0]) % _P
    b = (one[1] + one[0]) * (two[1] + two[0]) % _P
    c = 2 * one[3] * two[3] * _D % _P
    d = 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: _Point) -> _Point:
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _plus(result, point)
        point = _plus(point, point)
        scalar >>= 1
    return result


def _decoded(data: bytes) -> _Point | None:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if len(data) != _KEY_SIZE or y >= _P:
        return None
    x_squared = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(x_squared, (_P + 3) // 8, _P)
    if (x * x - x_squared) % _P:
        x = x * _ROOT % _P
    if (x * x - x_squared) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


_BASE: Any = _decoded(bytes([0x58]) + bytes([0x66]) * 31)

# --- The tree and its checkpoints (RFC 6962; C2SP signed notes) -----------------------------------


class Problem(NamedTuple):
    """What was found, in both languages."""

    zh: str
    en: str


class Note(NamedTuple):
    """A checkpoint: `signed` is the text under the signature, `text` all of it."""

    text: str
    signed: bytes
    origin: str
    size: int
    root: bytes
    previous: str
    at: str
    key_id: str
    key_hash: bytes
    signature: bytes

    def hash(self) -> str:
        """Return the hash by which the next checkpoint names this one, hex."""
        return hashlib.sha256(b"\x02" + self.text.encode()).hexdigest()


def read_note(text: str) -> Note | None:
    """Return what a checkpoint says, None unless it is in the one form that is written."""
    found = _NOTE.fullmatch(text)
    if found is None or found[1] != found[7]:
        return None
    root, last = base64.b64decode(found[3]), base64.b64decode(found[8])
    if base64.b64encode(root).decode() != found[3] or base64.b64encode(last).decode() != found[8]:
        return None
    signed = text[: text.index("\n\n") + 1].encode()
    return Note(
        text=text,
        signed=signed,
        origin=found[1],
        size=int(found[2]),
        root=root,
        previous=found[4],
        at=found[5],
        key_id=found[6],
        key_hash=last[:4],
        signature=last[4:],
    )


def split_notes(text: str) -> list[str]:
    """Cut a file of checkpoints into notes; a torn end comes last, as it is."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    return ["".join(lines[i : i + NOTE_LINES]) for i in range(0, len(lines), NOTE_LINES)]


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _grown(nodes: Sequence[bytes], size: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the roots of the full subtrees after `leaves` have been appended."""
    grown = list(nodes)
    for leaf in leaves:
        node, carry = leaf, size
        while carry & 1:
            node = _node(grown.pop(), node)
            carry >>= 1
        grown.append(node)
        size += 1
    return grown


def _root(nodes: Sequence[bytes]) -> bytes:
    root = nodes[-1]
    for node in reversed(nodes[:-1]):
        root = _node(node, root)
    return root


class _Entry(NamedTuple):
    leaf: int
    source: str | bytes
    digest: bytes
    computed: bytes | None

    @property
    def name(self) -> str:
        """The entry's id, looked for only when there is something to say."""
        return _name(self.source, self.leaf)


def _name(source: str | bytes, leaf: int) -> str:
    if isinstance(source, str):
        return source
    found = _ENTRY_ID.findall(source)
    return found[-1].decode() if found else f"@{leaf}"


class LedgerCheck:
    """Takes a ledger's entries and checkpoints in order and collects what is wrong with them.

    Each checkpoint brings the tree's frontier, which its signed root proves: what is wrong before
    one checkpoint therefore does not hide what is right or wrong after it.
    """

    def __init__(
        self,
        keys: Sequence[bytes],
        *,
        every: bool = False,
        holds: Callable[[bytes, bytes, bytes], bool] = ed25519_holds,
    ) -> None:
        """`keys` are raw public keys; with `every` each signature is checked, not the last only."""
        self.problems: list[Problem] = []
        self.last: Note | None = None
        self.entries = 0
        self.checkpoints: dict[int, str] = {}
        self._keys = {hashlib.sha256(key).hexdigest()[:16]: key for key in keys}
        self._every = every
        self._holds = holds
        self._size = 0
        self._nodes: Sequence[bytes] = ()
        self._batch: list[_Entry] = []
        self._named = False

    def report(self, zh: str, en: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(zh, en))

    def add_entry(
        self, index: int, source: str | bytes, digest: bytes, computed: bytes | None
    ) -> None:
        """Take the entry at place `index`; `source` is its id or the entry itself.

        `digest` is the leaf hash on record, `computed` that of the entry itself, None where the
        entry is gone.
        """
        if index == self.entries:
            self.entries = index + 1
            self._batch.append(_Entry(index, source, digest, computed))
            return
        self._named = True
        name = _name(source, index)
        if index < self.entries:
            self.report(
                f"记录 {name} 被插入或移位：序号 {index} 重复或乱序",
                f"entry {name} was inserted or moved: leaf {index} is repeated or out of order",
            )
            return
        span = f"{self.entries}" if index == self.entries + 1 else f"{self.entries}-{index - 1}"
        self.report(
            f"记录被删除或移位：缺少序号 {span}（在 {name} 之前）",
            f"entries were removed or moved: leaf {span} is missing before {name}",
        )
        self.entries = index + 1
        self._batch.append(_Entry(index, source, digest, computed))

    def add_checkpoint(self, text: str, nodes: Sequence[bytes]) -> None:
        """Take a checkpoint and the frontier on record with it; it seals the entries before it."""
        note = read_note(text)
        if note is None:
            self.report(
                f"序号 {self.entries} 处的检查点已损坏",
                f"the checkpoint before leaf {self.entries} is damaged",
            )
            return
        self._check_chain(note)
        batch = [one.digest for one in self._batch]
        self._check_batch(note)
        self._go_on_from(note, batch, nodes)
        if self._every:
            self.check_signature(note)
        self.checkpoints[note.size] = note.hash()
        self.last = note

    def finish(self, earlier: Sequence[str] = ()) -> None:
        """Check the end of the ledger, and checkpoints that were put aside earlier."""
        if self._batch:
            self._name_changed(self._batch)
            first, last = self._batch[0].name, self._batch[-1].name
            self.report(
                f"{first} 至 {last} 之后没有检查点",
                f"no checkpoint seals the entries {first} to {last}",
            )
        if self.last is None:
            self.report(
                "没有任何检查点，什么也证明不了", "there is no checkpoint: this proves nothing"
            )
        elif not self._every:
            self.check_signature(self.last)
        for text in earlier:
            self._check_earlier(text)

    def check_signature(self, note: Note) -> bool:
        """Check that one of the keys signed the checkpoint."""
        key = self._keys.get(note.key_id)
        if key is None:
            self.report(
                f"检查点 {note.size} 由未提供的密钥 {note.key_id} 签署",
                f"checkpoint {note.size} is signed by key {note.key_id}, which was not given",
            )
            return False
        named = hashlib.sha256(note.origin.encode() + b"\n\x01" + key).digest()[:4]
        if named != note.key_hash or not self._holds(key, note.signature, note.signed):
            self.report(
                f"检查点 {note.size} 的签名无效",
                f"the signature of checkpoint {note.size} is false",
            )
            return False
        return True

    def _check_chain(self, note: Note) -> None:
        expected = "none" if self.last is None else self.last.hash()
        origin = note.origin if self.last is None else self.last.origin
        if note.previous == expected and note.origin == origin:
            return
        before = 0 if self.last is None else self.last.size
        self.report(
            f"检查点 {note.size} 与前一检查点 {before} 不相接：其一被改动、插入，或其间有删除",
            f"checkpoint {note.size} does not follow checkpoint {before}: one was altered or "
            "inserted, or one between was removed",
        )
        for one in (self.last, note):
            if one is not None and not self._every:
                self.check_signature(one)

    def _check_batch(self, note: Note) -> None:
        """Compare the entries since the last checkpoint with the root that seals them."""
        batch, self._batch = self._batch, []
        named, self._named = self._named, False
        if not batch or note.size != self.entries:
            self._name_changed(batch)
            self.report(
                f"检查点 {note.size} 之前有 {self.entries} 条记录：有增删",
                f"{self.entries} entries stand before checkpoint {note.size}: some were added or "
                "removed",
            )
            return
        if _root(_grown(self._nodes, self._size, [one.digest for one in batch])) == note.root:
            self._name_changed(batch)
            return
        truth = [one.computed or one.digest for one in batch]
        if _root(_grown(self._nodes, self._size, truth)) == note.root:
            for one in batch:
                if one.digest != one.computed:
                    self.report(
                        f"记录 {one.name} 的摘要（序号 {one.leaf}）已被改动",
                        f"the digest of entry {one.name} (leaf {one.leaf}) was altered",
                    )
            return
        changed = self._name_changed(batch)
        if not named or changed:
            self._name_batch(batch, note)

    def _name_changed(self, batch: Sequence[_Entry]) -> bool:
        changed = [one for one in batch if one.digest != one.computed]
        for one in changed:
            zh, en = ("被删除", "removed") if one.computed is None else ("被改动", "altered")
            self.report(
                f"记录 {one.name}（序号 {one.leaf}）已{zh}",
                f"entry {one.name} (leaf {one.leaf}) was {en}",
            )
        return bool(changed)

    def _name_batch(self, batch: Sequence[_Entry], note: Note) -> None:
        names = ", ".join(one.name for one in batch[:_SHOWN])
        more = "" if len(batch) <= _SHOWN else ", …"
        first, last = batch[0].leaf, batch[-1].leaf
        self.report(
            f"序号 {first}-{last} 的记录不是检查点 {note.size} 所封存的，"
            f"其中有被改动、替换、增删或移位的：{names}{more}",
            f"the entries at leaves {first}-{last} are not those that checkpoint {note.size} "
            f"sealed; among them some were altered, replaced, added, removed or moved: "
            f"{names}{more}",
        )

    def _go_on_from(self, note: Note, batch: Sequence[bytes], nodes: Sequence[bytes]) -> None:
        """Go on from the frontier on record if the root proves it, else from what was read."""
        sizes = {len(node) for node in nodes}
        fits = len(nodes) == note.size.bit_count() and sizes == {_HASH_SIZE}
        if fits and _root(nodes) == note.root:
            self._size, self._nodes, self.entries = note.size, nodes, note.size
            return
        self.report(
            f"检查点 {note.size} 的子树摘要已被改动",
            f"the frontier of checkpoint {note.size} was altered",
        )
        self._nodes = _grown(self._nodes, self._size, batch)
        self._size += len(batch)

    def _check_earlier(self, text: str) -> None:
        note = read_note(text)
        if note is None:
            self.report("先前保存的检查点已损坏", "a checkpoint that was put aside is damaged")
        elif self.checkpoints.get(note.size) == note.hash():
            pass
        elif not self.check_signature(note):
            self.report(
                f"先前保存的检查点 {note.size} 不可采信",
                f"checkpoint {note.size} that was put aside cannot be relied on",
            )
        elif self.last is None or note.size > self.last.size:
            self.report(
                f"台账被截短：先前的检查点已有 {note.size} 条，现只到 {self.entries} 条",
                f"the ledger was cut short: an earlier checkpoint has {note.size} entries, "
                f"this one ends at {self.entries}",
            )
        else:
            self.report(
                f"历史被改写：台账中没有先前的检查点 {note.size}",
                f"history was rewritten: the ledger lacks the earlier checkpoint {note.size}",
            )


# --- The exported file ----------------------------------------------------------------------------


def check_file(lines: Iterator[bytes], check: LedgerCheck) -> None:
    """Feed an exported ledger to `check`, line by line; each line has exactly one form."""
    header = next(lines, b"")
    leaves = checkpoints = 0
    for number, line in enumerate(lines, start=2):
        found = _entry_line(line)
        if found is not None:
            leaves += 1
            index, digest, computed, entry = found
            check.add_entry(index, entry, digest, computed)
            continue
        sealed = _checkpoint_line(line)
        if sealed is None:
            check.report(f"第 {number} 行已损坏", f"line {number} is damaged")
            continue
        checkpoints += 1
        check.add_checkpoint(*sealed)
    if header != header_line(leaves, checkpoints):
        check.report("首行与内容不符", "the first line does not fit what follows")


def _entry_line(line: bytes) -> tuple[int, bytes, bytes, bytes] | None:
    """Return place, digest on record, digest computed and entry; None for any other line."""
    end = line.rfind(b',"leaf":')
    if not (line.startswith(_HEAD) and line.startswith(_MIDDLE, 75) and line.endswith(b"}\n")):
        return None
    entry, place, stated = line[85:end], line[end + 8 : -2], line[11:75]
    if end < _ENTRY_FROM or _NUMBER.fullmatch(place) is None:
        return None
    computed = hashlib.sha256(b"\x00" + entry).digest()
    if computed.hex().encode() == stated:
        return int(place), computed, computed, entry
    if not _HEX.fullmatch(stated):
        return None
    return int(place), bytes.fromhex(stated.decode()), computed, entry


def header_line(leaves: int, checkpoints: int) -> bytes:
    """Return the first line of an export."""
    return b'{"checkpoints":%d,"leaves":%d,"ledger":"%s"}\n' % (
        checkpoints,
        leaves,
        FORMAT.encode(),
    )


def checkpoint_line(note: str, nodes: Sequence[bytes]) -> bytes:
    """Return the line of a checkpoint with its frontier."""
    value = {"checkpoint": note, "frontier": [node.hex() for node in nodes]}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _checkpoint_line(line: bytes) -> tuple[str, list[bytes]] | None:
    try:
        value = json.loads(line)
        note, nodes = value["checkpoint"], [bytes.fromhex(node) for node in value["frontier"]]
        exact = checkpoint_line(note, nodes) == line
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return (note, nodes) if exact and isinstance(note, str) else None


def main(argv: Sequence[str] | None = None) -> int:
    """Check the file named on the command line and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("ledger", type=Path, help="the exported ledger")
    parser.add_argument(
        "--key",
        action="append",
        required=True,
        type=_key,
        metavar="KEY",
        help="raw Ed25519 public key, hex or base64url; repeat it for each key there was",
    )
    parser.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help="checkpoints that were put aside earlier"
    )
    parser.add_argument("--every", action="store_true", help="check every signature")
    args = parser.parse_args(argv)
    check = LedgerCheck(args.key, every=args.every)
    try:
        earlier = [] if args.checkpoint is None else read_earlier(args.checkpoint)
        with args.ledger.open("rb") as lines:
            check_file(lines, check)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    check.finish(earlier)
    for problem in check.problems:
        _say(f"{problem.zh} · {problem.en}")
    if check.problems or check.last is None:
        return 1
    _say(f"完好 · intact: {check.entries} entries, {len(check.checkpoints)} checkpoints")
    _say(f"{check.last.at} {check.last.root.hex()} key {check.last.key_id}")
    return 0


def read_earlier(path: Path) -> list[str]:
    """Return the checkpoints in a file; ValueError where it has none."""
    notes = split_notes(path.read_bytes().decode(errors="replace"))
    if not notes:
        raise ValueError(f"{path}: no checkpoint in it")
    return notes


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _key(text: str) -> bytes:
    """Read 64 hex digits, or the 43 base64url characters of /.well-known/popgate-keys."""
    if re.fullmatch(r"[A-Za-z0-9_-]{43}", text):
        return base64.urlsafe_b64decode(text + "=")
    raw = bytes.fromhex(text)
    if len(raw) != _KEY_SIZE:
        raise ValueError(text)
    return raw


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.exit(main())
