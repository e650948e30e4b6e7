"""All settings, read once from the environment with the prefix GATEWAY_, frozen."""

from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Mode(StrEnum):
    """`demo` is for one machine's loopback; `production` refuses to start half-configured."""

    DEMO = "demo"
    PRODUCTION = "production"


class SecondFactor(StrEnum):
    """Whether people of the console have to set up a second factor, or may."""

    REQUIRED = "required"
    OFFERED = "offered"


class Settings(BaseSettings):
    """Every setting with its meaning; nothing else is read from the environment."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", frozen=True, extra="ignore")

    mode: Mode = Field(Mode.DEMO, description="demo or production")
    data_dir: Path = Field(
        Path("var"), description="folder for the SQLite file, the counters and checkpoints"
    )
    keys_dir: Path | None = Field(
        None, description="folder of the signing keys; default: keys under data_dir"
    )
    database_url: str | None = Field(
        None, description="sqlite:///FILE or postgresql://…; default: gateway.db under data_dir"
    )
    redis_url: str | None = Field(
        None,
        description="redis://, rediss:// or unix:// of the counters; default: an embedded Valkey",
    )
    redis_cluster: bool = Field(default=False, description="whether redis_url names a cluster")
    host: str = Field("127.0.0.1", description="address that serve binds to")
    port: int = Field(8000, ge=0, le=65535, description="port that serve binds to")
    public_url: str = Field(
        "http://127.0.0.1:8000",
        description="address that recipients and senders reach the gateway at, no final slash",
    )
    behind_tls_proxy: bool = Field(
        default=False, description="whether a proxy in front ends TLS; production needs it or TLS"
    )
    tls_cert: Path | None = Field(None, description="certificate chain for serve (PEM)")
    tls_key: Path | None = Field(None, description="private key for serve (PEM)")
    trusted_proxies: str = Field(
        "127.0.0.1", description="addresses whose X-Forwarded-For is believed, comma separated"
    )
    word_lists_dir: Path | None = Field(
        None, description="folder with the operator's own word lists, besides those shipped"
    )
    checkpoint_file: Path | None = Field(
        None, description="file outside the database that takes signed audit checkpoints"
    )
    undo_seconds: int = Field(
        15, ge=0, le=60, description="how long an approval can be undone before release"
    )
    claim_seconds: int = Field(
        120, ge=5, le=3600, description="how long a claimed ticket stays with a silent reviewer"
    )
    session_hours: int = Field(12, ge=1, le=24, description="length of a console session")
    session_idle_minutes: int = Field(
        120, ge=5, le=1440, description="after how long without use a console session ends"
    )
    second_factor: SecondFactor | None = Field(
        None,
        description="required or offered; default: required in production, offered in demo",
    )
    rate_per_minute: int = Field(
        6000, ge=1, description="requests a minute that one sender's key may make"
    )
    public_rate_per_minute: int = Field(
        600, ge=1, description="requests a minute that one address may make without a key"
    )
    dispatch_lease_seconds: int = Field(
        30, ge=2, le=600, description="how long a dispatcher holds an outbox row"
    )
    webhook_timeout_seconds: float = Field(
        10.0, gt=0, le=60, description="how long a webhook may take to answer"
    )
    webhook_networks: str = Field(
        "",
        description="private networks that webhooks may reach, comma separated CIDR; "
        "public addresses always may",
    )
    ocr: bool = Field(
        default=False,
        description="whether the words in pictures are read before review; needs the extra ocr",
    )
    follow_links: bool = Field(
        default=False,
        description="whether the redirects of declared links are followed before review",
    )
    follow_networks: str = Field(
        "",
        description="private networks that followed links may reach, comma separated CIDR; "
        "public addresses always may",
    )
    metrics_token: SecretStr | None = Field(
        None,
        min_length=16,
        description="Bearer token that /metrics asks for; without one see metrics_networks",
    )
    metrics_networks: str = Field(
        "",
        description="networks that may read /metrics without a token besides this machine, "
        "comma separated CIDR; never through a proxy",
    )
    dispatch_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="port on which dispatch answers /livez, /readyz and /metrics; 0: none",
    )
    log_level: str = Field("info", description="debug, info, warning or error")
    clock_tolerance_seconds: float = Field(
        2.0, gt=0, description="how far wall, database and counter clocks may differ"
    )

    @field_validator("public_url")
    @classmethod
    def _no_final_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("metrics_networks")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        _networks(value)
        return value

    @property
    def scraping_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks that may read the metrics without a token."""
        return _networks(self.metrics_networks)

    @property
    def requires_second_factor(self) -> bool:
        """Whether nobody uses the console without a second factor, the default filled in."""
        if self.second_factor is None:
            return self.mode is Mode.PRODUCTION
        return self.second_factor is SecondFactor.REQUIRED

    @property
    def database(self) -> str:
        """The database's URL, the default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir / 'gateway.db'}"

    @property
    def keys(self) -> Path:
        """The folder of the signing keys, the default filled in."""
        return self.keys_dir or self.data_dir / "keys"

    @property
    def checkpoints(self) -> Path:
        """The checkpoint file, the default filled in."""
        return self.checkpoint_file or self.data_dir / "checkpoints.log"


def _networks(listed: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(part.strip()) for part in listed.split(",") if part.strip())
