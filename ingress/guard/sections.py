"""What the route file says of the public port: connections, TLS, proxies, hosts."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, Strict, StringConstraints, WithJsonSchema

from ingress.guard import hosts
from ingress.guard.limits import MOST
from ingress.protection.sections import Network
from ingress.values import Duration, Section, Short, Size

_HOST: Final = r"^(\*\.)?([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])$"
_Host = Annotated[
    str,
    AfterValidator(hosts.check),
    WithJsonSchema({"type": "string", "pattern": _HOST, "examples": ["shop.example.com"]}),
]
_Text = Annotated[str, StringConstraints(min_length=1, max_length=4096)]


class ConnectionsSection(Section):
    """Bounds of the public port's connections; the numbers are for each gateway process."""

    max: Annotated[
        int,
        Field(
            ge=1, le=1_000_000, description="Connections at a time; more are answered 503 and go."
        ),
    ] = 10_000
    max_per_address: Annotated[
        int,
        Field(
            ge=0,
            le=1_000_000,
            description="The same for one address, answered 429; an IPv6 /64 is one. 0: no limit.",
        ),
    ] = 0
    header_timeout: Annotated[
        Duration,
        Field(gt=0, le=600, description="For all of a header section, and a handshake of TLS."),
    ] = 10.0
    body_timeout: Annotated[
        Duration, Field(gt=0, le=3600, description="For all of a body, however slowly it comes.")
    ] = 30.0
    idle_timeout: Annotated[
        Duration, Field(gt=0, le=3600, description="For the next request to begin.")
    ] = 75.0
    write_timeout: Annotated[
        Duration,
        Field(gt=0, le=3600, description="For the client to read the next 64 KiB of an answer."),
    ] = 30.0
    max_url: Annotated[
        Size, Field(ge=64, le=MOST, description="Of a request target; a longer one is 414.")
    ] = 8192
    max_header_size: Annotated[
        Size, Field(ge=1024, le=MOST, description="Of a header section; a longer one is 431.")
    ] = 16_384
    max_headers: Annotated[
        int, Field(ge=1, le=1000, description="Header fields; more are 431.")
    ] = 100


class TlsSection(Section):
    """HTTPS on the public port. The files are read again when they change, and at SIGHUP."""

    certificate: Annotated[
        Short,
        Field(
            description="The server's certificate and its chain, in PEM; relative to this file.",
            examples=["tls/server.pem"],
        ),
    ]
    key: Annotated[
        Short, Field(description="Its key, in PEM, without password.", examples=["tls/server.key"])
    ]
    client_ca: Annotated[
        Short | None,
        Field(
            description="Who may sign the certificates of clients, in PEM.",
            examples=["tls/clients.pem"],
        ),
    ] = None
    client: Annotated[
        Literal["none", "optional", "required"],
        Field(description="Whether a client shows a certificate; needs `client_ca`."),
    ] = "none"
    min_version: Annotated[
        Literal["TLS1.2", "TLS1.3"], Field(description="Older versions are refused.")
    ] = "TLS1.2"
    ciphers: Annotated[
        _Text | None,
        Field(
            description="For TLS 1.2, as OpenSSL writes them; else its usual ones.",
            examples=["ECDHE+AESGCM"],
        ),
    ] = None


class TrustedProxiesSection(Section):
    """Proxies that say truly who asked them; what others say of it reaches nobody."""

    networks: Annotated[
        tuple[Network, ...],
        Strict(strict=False),
        Field(
            min_length=1,
            max_length=10_000,
            description="Their addresses.",
            examples=[["10.0.0.0/8"]],
        ),
    ]
    headers: Annotated[
        tuple[
            Literal["forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"], ...
        ],
        Strict(strict=False),
        Field(
            min_length=1,
            max_length=4,
            description=(
                "What they write themselves. A field that they only hand on is the client's word:"
                " leave it out."
            ),
            examples=[["x-forwarded-for", "x-forwarded-proto"]],
        ),
    ] = ("x-forwarded-for", "x-forwarded-proto")


Connections = Annotated[
    ConnectionsSection, Field(description="Bounds of the public port's connections.")
]
Tls = Annotated[TlsSection | None, Field(description="HTTPS on the public port.")]
TrustedProxies = Annotated[
    TrustedProxiesSection | None,
    Field(description="Proxies that are believed who asked them; else nobody is."),
]
AllowedHosts = Annotated[
    tuple[_Host, ...] | None,
    Strict(strict=False),
    Field(
        min_length=1,
        max_length=10_000,
        description="Hosts that are served, without port; others are answered 421.",
        examples=[["shop.example.com", "*.shop.example.com"]],
    ),
]
