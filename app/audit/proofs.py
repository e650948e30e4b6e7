"""Proofs over the ledger's tree: an entry is in it, a later tree only added to an earlier one."""

from collections.abc import Sequence

from app.audit.chain import node_hash, tree_head


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the audit path of leaf `index` in the tree over all `leaves` (RFC 6962, 2.1.1)."""
    if not 0 <= index < len(leaves):
        raise ValueError(f"leaf {index} is not in a tree of {len(leaves)}")
    path: list[bytes] = []
    low, high = 0, len(leaves)
    while high - low > 1:
        middle = low + _left_size(high - low)
        if index < middle:
            path.append(tree_head(leaves[middle:high]))
            high = middle
        else:
            path.append(tree_head(leaves[low:middle]))
            low = middle
    return path[::-1]


def check_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Tell whether `leaf` is number `index` in the tree of `size` with that `root` (RFC 9162)."""
    if not 0 <= index < size:
        return False
    position, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            computed = node_hash(sibling, computed)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            computed = node_hash(computed, sibling)
        position >>= 1
        last >>= 1
    return last == 0 and computed == root


def consistency_proof(leaves: Sequence[bytes], earlier: int) -> list[bytes]:
    """Return the proof that the tree over `leaves` only added to its first `earlier` (2.1.2)."""
    if not 0 < earlier <= len(leaves):
        raise ValueError(f"a tree of {len(leaves)} has no earlier tree of {earlier}")
    path: list[bytes] = []
    low, high, whole = 0, len(leaves), True
    while earlier != high - low:
        left = _left_size(high - low)
        if earlier <= left:
            path.append(tree_head(leaves[low + left : high]))
            high = low + left
        else:
            path.append(tree_head(leaves[low : low + left]))
            low, earlier, whole = low + left, earlier - left, False
    if not whole:
        path.append(tree_head(leaves[low:high]))
    return path[::-1]


def check_consistency(
    earlier: tuple[int, bytes], later: tuple[int, bytes], proof: Sequence[bytes]
) -> bool:
    """Tell whether the later (size, root) contains the earlier unchanged (RFC 9162 2.1.4.2)."""
    (first, first_root), (second, second_root) = earlier, later
    if not 0 < first <= second:
        return False
    if first == second:
        return not proof and first_root == second_root
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        return False
    return _climb(first - 1, second - 1, path) == (first_root, second_root)


def _climb(position: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    while position & 1:
        position >>= 1
        last >>= 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            new = node_hash(new, sibling)
        position >>= 1
        last >>= 1
    return (old, new) if last == 0 else None


def _left_size(size: int) -> int:
    """Return the largest power of two smaller than `size` (at least 2)."""
    return 1 << (size - 1).bit_length() - 1
