"""The tables of docs/configuration.md, made from the model.

Run as ``python -m tests.ingress.configuration`` to write them into the page.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ingress import schema, units

PAGE: Final = Path(__file__).parents[2] / "docs" / "configuration.md"
KEYS: Final = re.compile(r"(?<=<!-- keys: )(.*?-->\n).*?(?=<!-- /keys -->)", re.DOTALL)

_SECTIONS: Final = (
    ("RouteFile", "The file"),
    ("ConnectionsSection", "`connections`"),
    ("TlsSection", "`tls`"),
    ("TrustedProxiesSection", "`trusted_proxies`"),
    ("DefaultsSection", "`defaults`"),
    ("GroupSection", "`groups.NAME`"),
    ("ServiceSection", "`services.NAME`"),
    ("RouteSection", "`routes[]`"),
    ("MatchSection", "`match`"),
    ("ReplySection", "`reply`"),
    ("FanOutSection", "`fan_out`"),
    ("BranchSection", "`fan_out.branches.NAME`"),
    ("RedirectSection", "`redirect`"),
    ("MaintenanceSection", "`maintenance`"),
    ("VersionsSection", "`versions`"),
    ("VersionSection", "`versions.known.NAME`"),
    ("VariantSection", "`variants.NAME`"),
    ("MirrorSection", "`mirror`"),
    ("AffinitySection", "`affinity`"),
    ("RetrySection", "`retry`"),
    ("BreakerSection", "`breaker`"),
    ("BulkheadSection", "`bulkhead`"),
    ("ShedSection", "`shed`"),
    ("BodySection", "`body`"),
    ("AdminSection", "`admin`"),
    ("AuthenticatorSection", "`auth.NAME`"),
    ("KeySection", "`auth.NAME.key`"),
    ("JwtSection", "`auth.NAME.jwt`"),
    ("JwtKeysSection", "`auth.NAME.jwt.keys`"),
    ("ClaimsSection", "`claims`"),
    ("IntrospectionSection", "`auth.NAME.introspection`"),
    ("IntrospectedClaimsSection", "`claims` of `introspection`"),
    ("ForwardAuthSection", "`auth.NAME.forward_auth`"),
    ("AnswerSection", "`answer` of `forward_auth`"),
    ("MtlsSection", "`auth.NAME.mtls`"),
    ("SignatureSection", "`auth.NAME.signature`"),
    ("SignatureKeySection", "`auth.NAME.signature.keys[]`"),
    ("BasicSection", "`auth.NAME.basic`"),
    ("ConsumerSection", "`consumers.NAME`"),
    ("ConsumerKeySection", "`consumers.NAME.keys[]`"),
    ("UsagePlanSection", "`usage_plans.NAME`"),
    ("KeysSection", "`keys`"),
    ("CompressSection", "`compress`"),
    ("FormsSection", "`forms`"),
    ("NegotiateSection", "`negotiate`"),
    ("DecompressSection", "`decompress`"),
    ("TransformSection", "`transform`"),
    ("RequestTransformSection", "`transform.request`"),
    ("ReplyTransformSection", "`transform.reply`"),
    ("FieldsSection", "`headers` of `transform`"),
    ("QuerySection", "`transform.request.query`"),
    ("PathSection", "`transform.request.path`"),
    ("FromSection", "A value that is found"),
    ("ValidateSection", "`validate`"),
    ("ParameterSection", "`validate.query.NAME`"),
    ("RuleSection", "`allow`"),
    ("CorsSection", "`cors`"),
    ("SecurityHeadersSection", "`security_headers`"),
    ("IpSection", "`ip`"),
    ("LimitSection", "`limits.NAME`"),
    ("JsonLimitsSection", "`json_limits`"),
    ("CacheSection", "`cache` of a route"),
    ("CacheStoreSection", "`cache` of the file"),
    ("JournalSection", "`journal` of the file"),
    ("RetentionSection", "`retention`"),
    ("RecordingSection", "`journal` of a route"),
    ("RedactSection", "`redact`"),
    ("ReplaySection", "`replay`"),
    ("CallersSection", "`callers`"),
)
_KINDS: Final = {
    units.DURATION_PATTERN: "duration",
    units.SIZE_PATTERN: "size",
    units.SHARE_PATTERN: "share",
}


def tables() -> str:
    """Write one table a section."""
    whole = schema.build()
    parts = []
    for name, heading in _SECTIONS:
        section = whole if name == "RouteFile" else whole["$defs"][name]
        rows = "\n".join(_rows(section))
        parts.append(f"### {heading}\n\n{_text(section['description'])}\n\n{rows}\n")
    return "\n## Keys\n\n" + "\n".join(parts) + "\n"


def page(text: str) -> str:
    """Put the tables into the page."""
    return KEYS.sub(lambda match: match.group(1) + tables(), text)


def _rows(section: Mapping[str, Any]) -> Iterator[str]:
    yield "| key | type | default | what it says | example |"
    yield "| --- | --- | --- | --- | --- |"
    required = section.get("required", [])
    for key, node in section["properties"].items():
        default = "required" if key in required else _code(node.get("default"))
        examples = [] if "default" in node else node.get("examples", _examples(node))
        example = _code(next(iter(examples), None))
        what = _text(node["description"])
        yield f"| `{key}` | {_kind(node)} | {default} | {what} | {example} |"


def _examples(node: Mapping[str, Any]) -> list[Any]:
    for branch in node.get("anyOf", [node]):
        items = branch.get("items", {})
        for each in (branch, items, *items.get("anyOf", [])):
            if "examples" in each:
                found = each["examples"]
                return found if each is branch else [found]
    return []


def _kind(node: Mapping[str, Any]) -> str:
    branches = node.get("anyOf", node.get("oneOf", [node]))
    kinds = [_kind_of(branch) for branch in branches]
    return " or ".join(dict.fromkeys(kind for kind in kinds if kind))


def _kind_of(node: Mapping[str, Any]) -> str:
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        return "" if name == "Environment" else dict(_SECTIONS)[name]
    if node.get("pattern") in _KINDS:
        return _KINDS[node["pattern"]]
    if "enum" in node or "const" in node:
        words = node.get("enum", [node.get("const")])
        return ", ".join(f"`{word}`" for word in words)
    match node["type"]:
        case "array":
            kind = f"list of {_kind(node['items'])}"
        case "object":
            inner = node.get("additionalProperties")
            kind = f"mapping of names to {_kind(inner)}" if isinstance(inner, dict) else "mapping"
        case "integer":
            kind = f"{node['minimum']} to {node['maximum']}" if "minimum" in node else "number"
        case other:
            kind = {"boolean": "`true`, `false`", "string": "text"}[other]
    return kind


def _code(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{value}`"


def _text(description: str) -> str:
    """Use the first sentences; a class's further paragraphs are for programmers."""
    return description.partition("\n\n")[0].replace("\n", " ").replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
