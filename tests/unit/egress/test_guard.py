"""We connect to public addresses and to networks that the settings name, and nowhere else."""

import ipaddress

import pytest

from app.egress.guard import AddressRefused, Guard

NOT_PUBLIC = [
    # this machine and this network, in every spelling that an address family offers
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "::", "::1", "::ffff:127.0.0.1", "::127.0.0.1",  # noqa: S104 - an example
    "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b:1::7f00:1", "2002:7f00:1::",
    "2001:0:7f00:1::", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "fd00::1",
    "fe80::1", "fec0::1",
    # where clouds tell secrets
    "169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::",
    "fd00:ec2::254", "192.0.0.192", "100.100.100.200",
    # special purposes, documentation, nobody's
    "192.0.0.8", "192.88.99.1", "198.18.0.1", "192.0.2.1", "2001:db8::1", "3fff::1", "5f00::1",
    "4000::1", "224.0.0.1", "ff0e::1", "240.0.0.1", "255.255.255.255",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "223.5.5.5", "2400:3200::1", "2606:4700:4700::1111", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not Guard("").allows(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_allowed(address: str) -> None:
    assert Guard("").allows(ipaddress.ip_address(address))


def test_a_name_with_one_forbidden_address_is_refused_whole() -> None:
    with pytest.raises(AddressRefused):
        Guard("").choose(["8.8.8.8", "127.0.0.1"])
    with pytest.raises(AddressRefused):
        Guard("").choose([])


def test_a_private_network_has_to_be_named() -> None:
    guard = Guard("10.1.0.0/16, fd00:1::/32")
    assert guard.choose(["10.1.2.3", "::ffff:10.1.2.3", "fd00:1::9"]) == "10.1.2.3"
    assert not guard.allows(ipaddress.ip_address("10.2.0.1"))
