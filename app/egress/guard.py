"""Which addresses we may connect to: public ones, and private networks that settings name."""

import ipaddress
import socket
from collections.abc import Iterable

from app.errors import GatewayError, Words

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# All that IANA has given out for public use. `is_global` knows the exceptions of its day only; what
# is reserved, site-local or translated (::127.0.0.1, fec0::1, ::ffff:0:7f00:1) is public to it.
_UNICAST = ipaddress.ip_network("2000::/3")
# Special purposes that Python 3.11 and 3.12 do not know of.
_SPECIAL: tuple[Network, ...] = (
    ipaddress.ip_network("192.0.0.0/24"),
    ipaddress.ip_network("192.88.99.0/24"),
    ipaddress.ip_network("3fff::/20"),
)


class AddressRefused(GatewayError):  # noqa: N818 - a refusal, see app.errors
    """The host has no address that we may connect to."""

    code = "address_refused"
    status_code = 422
    title = Words("目标地址不在允许范围内", "The address is not one that we may connect to")


class Guard:
    """Decides on addresses, not on names: what was checked is what is connected to."""

    def __init__(self, networks: str) -> None:
        """`networks` are allowed private ranges, comma separated CIDR; ValueError if malformed."""
        self._allowed: tuple[Network, ...] = tuple(
            ipaddress.ip_network(part.strip()) for part in networks.split(",") if part.strip()
        )

    def allows(self, address: Address) -> bool:
        """Tell whether we may connect: global, or in an allowed network.

        An IPv4 address that is carried in an IPv6 one (mapped, 6to4, NAT64) is looked at too.
        """
        plain = _carried(address) or address
        if any(plain in network for network in self._allowed if network.version == plain.version):
            return True
        if plain.version == 6 and plain not in _UNICAST:  # noqa: PLR2004 - IPv6
            return False
        special = any(plain in network for network in _SPECIAL if network.version == plain.version)
        return plain.is_global and not plain.is_multicast and not special

    def choose(self, found: Iterable[str]) -> str:
        """Return the first of the resolved addresses that is allowed; all must be.

        A name that leads to one forbidden address is refused whole: which of them is used
        would be chance. Raises AddressRefused.
        """
        addresses = [ipaddress.ip_address(text) for text in found]
        if not addresses or not all(self.allows(address) for address in addresses):
            raise AddressRefused
        return str(addresses[0])


def _carried(address: Address) -> ipaddress.IPv4Address | None:
    if address.version == 4:  # noqa: PLR2004 - IPv4
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


def resolve(host: str, port: int) -> list[str]:
    """Return all addresses of a host; blocking. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]).split("%")[0] for entry in found))
