"""The hashes of the ledger: of an entry alone, and of the Merkle tree over them (RFC 6962 2.1)."""

from collections.abc import Iterable
from hashlib import sha256
from json.encoder import encode_basestring as _quoted
from typing import Final

from app.domain.values import dataclass

LEAF_PREFIX: Final = b"\x00"
NODE_PREFIX: Final = b"\x01"
HASH_SIZE: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()


@dataclass(frozen=True, slots=True)
class EntryText:
    """An entry as it is hashed: every field as text, `body` already canonical JSON."""

    id: str
    at: str
    kind: str
    actor_kind: str
    actor_id: str
    subject: str
    body: str

    def canonical(self) -> bytes:
        """Return the RFC 8785 form of the entry, without writing its body a second time.

        The fields around the body are quoted strings in a fixed order, so that no two different
        entries have the same bytes. No row number of the database is part of it.
        """
        return (
            f'{{"actor":{{"id":{_quoted(self.actor_id)},"kind":{_quoted(self.actor_kind)}}}'
            f',"at":{_quoted(self.at)},"body":{self.body},"id":{_quoted(self.id)}'
            f',"kind":{_quoted(self.kind)},"subject":{_quoted(self.subject)}}}'
        ).encode()

    def digest(self) -> bytes:
        """Return the leaf hash of the entry, 32 bytes."""
        return leaf_hash(self.canonical())


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of one leaf's bytes."""
    return sha256(LEAF_PREFIX + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node over its two children."""
    return sha256(NODE_PREFIX + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """What is needed of a tree to go on with it: the roots of its full subtrees, largest first.

    There is one node for every 1 in the binary form of `size`; appending n leaves costs O(n),
    however large the tree is.
    """

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a frontier that cannot belong to a tree of that size."""
        if self.size < 0 or len(self.nodes) != self.size.bit_count():
            raise ValueError(f"a tree of {self.size} leaves has no frontier of {len(self.nodes)}")
        if any(len(node) != HASH_SIZE for node in self.nodes):
            raise ValueError("a frontier is made of hashes of 32 bytes")

    def extended(self, leaves: Iterable[bytes]) -> "Frontier":
        """Return the frontier after these leaf hashes have been appended in this order."""
        nodes, size = list(self.nodes), self.size
        for leaf in leaves:
            node, carry = leaf, size
            while carry & 1:
                node = node_hash(nodes.pop(), node)
                carry >>= 1
            nodes.append(node)
            size += 1
        return Frontier(size, tuple(nodes))

    def root(self) -> bytes:
        """Return the tree head: the hash that stands for all leaves in their order."""
        if not self.nodes:
            return EMPTY_ROOT
        root = self.nodes[-1]
        for node in reversed(self.nodes[:-1]):
            root = node_hash(node, root)
        return root


def tree_head(leaves: Iterable[bytes]) -> bytes:
    """Return the RFC 6962 tree head over leaf hashes."""
    return Frontier().extended(leaves).root()
