"""The Merkle tree of the ledger against a plain reading of RFC 6962, and its proofs."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audit.chain import EMPTY_ROOT, EntryText, Frontier, leaf_hash, tree_head
from app.audit.proofs import (
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
)
from app.domain.canonical import canonical_bytes

# The leaves and roots of the reference tests of Certificate Transparency (google/trillian).
CT_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
LEAVES = [leaf_hash(b"%d" % number) for number in range(40)]


def plain_tree_head(leaves: list[bytes]) -> bytes:
    """RFC 6962 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = plain_tree_head(leaves[:split]), plain_tree_head(leaves[split:])
    return sha256(b"\x01" + left + right).digest()


def test_the_roots_are_those_of_certificate_transparency() -> None:
    leaves = [leaf_hash(data) for data in CT_LEAVES]
    for size, root in enumerate(CT_ROOTS, start=1):
        assert tree_head(leaves[:size]).hex() == root


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert Frontier().root() == EMPTY_ROOT == sha256(b"").digest()


@given(st.lists(st.integers(0, 9), max_size=12))
def test_appending_in_any_batches_gives_the_same_tree(batches: list[int]) -> None:
    frontier, leaves = Frontier(), []
    for number, count in enumerate(batches):
        batch = [leaf_hash(b"%d/%d" % (number, index)) for index in range(count)]
        frontier = frontier.extended(batch)
        leaves += batch
        assert frontier.root() == plain_tree_head(leaves)
    assert frontier.size == len(leaves)


@pytest.mark.parametrize("size", range(1, 20))
def test_every_leaf_is_proved_and_no_other(size: int) -> None:
    leaves, root = LEAVES[:size], tree_head(LEAVES[:size])
    for index in range(size):
        proof = inclusion_proof(leaves, index)
        assert check_inclusion(leaves[index], index, size, proof, root)
        assert not check_inclusion(LEAVES[30], index, size, proof, root)
        assert not check_inclusion(leaves[index], index, size, [*proof, LEAVES[0]], root)
        assert not check_inclusion(leaves[index], size, size, proof, root)
        for other in set(range(size)) - {index}:
            assert not check_inclusion(leaves[index], other, size, proof, root)
        for position in range(len(proof)):
            wrong = [*proof]
            wrong[position] = LEAVES[31]
            assert not check_inclusion(leaves[index], index, size, wrong, root)
            assert not check_inclusion(
                leaves[index], index, size, proof[:position] + proof[position + 1 :], root
            )


@pytest.mark.parametrize("later", range(1, 20))
def test_growth_is_proved_and_a_change_is_not(later: int) -> None:
    new = (later, tree_head(LEAVES[:later]))
    for earlier in range(1, later + 1):
        old = (earlier, tree_head(LEAVES[:earlier]))
        proof = consistency_proof(LEAVES[:later], earlier)
        assert check_consistency(old, new, proof)
        assert not check_consistency((earlier, LEAVES[33]), new, proof)
        assert not check_consistency(old, (later, LEAVES[33]), proof)
        assert not check_consistency(old, new, [*proof, LEAVES[0]])
        assert earlier == later or not check_consistency(old, new, [])
        for position in range(len(proof)):
            wrong = [*proof]
            wrong[position] = LEAVES[34]
            assert not check_consistency(old, new, wrong)


def test_a_tree_does_not_shrink() -> None:
    old, new = (5, tree_head(LEAVES[:5])), (3, tree_head(LEAVES[:3]))
    assert not check_consistency(old, new, [])
    assert not check_consistency((0, EMPTY_ROOT), new, [])
    with pytest.raises(ValueError, match="no earlier tree of 5"):
        consistency_proof(LEAVES[:3], 5)
    with pytest.raises(ValueError, match="leaf 3 is not in a tree of 3"):
        inclusion_proof(LEAVES[:3], 3)


@pytest.mark.parametrize(("size", "nodes"), [(3, LEAVES[:1]), (-1, []), (1, [b"short"])])
def test_a_frontier_that_fits_no_tree_is_refused(size: int, nodes: list[bytes]) -> None:
    with pytest.raises(ValueError, match="frontier"):
        Frontier(size, tuple(nodes))


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(TEXT, TEXT, TEXT, TEXT, TEXT)
def test_an_entry_is_hashed_in_its_canonical_form(
    name: str, actor: str, subject: str, key: str, value: str
) -> None:
    body = {key: value, "n": [1, None]}
    text = EntryText(name, "t", "k", "staff", actor, subject, canonical_bytes(body).decode())
    assert text.canonical() == canonical_bytes(
        {
            "id": name,
            "at": "t",
            "kind": "k",
            "actor": {"kind": "staff", "id": actor},
            "subject": subject,
            "body": body,
        }
    )
    assert text.digest() == sha256(b"\x00" + text.canonical()).digest()
