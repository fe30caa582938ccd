"""A tea house's menu: answers that say how long they hold, for whom, and what they are about."""

import asyncio
import hashlib

from queuegate import Call, Fault, Reply, Service

service = Service("menu")

_PRICES = {"sencha": 450, "oolong": 520, "assam": 390}


def _answer(value: object, *, control: str, tags: str = "", vary: str = "") -> Reply:
    """Answer with what a cache needs to know; without ``control`` it says nothing of that."""
    plain = Reply.json(value)
    etag = f'"{hashlib.sha256(plain.body).hexdigest()[:8]}"'
    said = {"cache-control": control, "cache-tag": tags, "vary": vary, "etag": etag}
    return Reply.json(value, headers=tuple(pair for pair in said.items() if pair[1]))


@service.operation
async def teas() -> Reply:
    """Give what there is; the same for everybody, and fresh for a minute."""
    return _answer(_PRICES, control="max-age=60, stale-while-revalidate=30", tags="menu, prices")


@service.operation
async def tea(call: Call) -> Reply:
    """Give one tea, named as the guest reads it."""
    name = call.params["name"]
    if name not in _PRICES:
        raise Fault("not_found", f"there is no {name}")
    german = call.header("accept-language").startswith("de")
    shown = {"name": name, "price": _PRICES[name], "note": "heiß" if german else "hot"}
    return _answer(shown, control="max-age=60", tags=f"menu, tea-{name}", vary="Accept-Language")


@service.operation
async def price(call: Call, body: dict[str, int]) -> Reply:
    """Change a price."""
    _PRICES[call.params["name"]] = body["price"]
    return Reply(status=204, headers=(("content-location", "/teas"),))


@service.operation
async def mine(call: Call) -> Reply:
    """Greet a guest: nobody else may see that."""
    return _answer({"guest": call.header("authorization")}, control="max-age=60")


@service.operation
async def hours() -> Reply:
    """Give the opening hours, and say nothing of how long they hold."""
    return Reply.json({"open": "9 to 18"})


@service.operation
async def cakes() -> Reply:
    """Give today's cakes: at once out of date, and good enough while somebody asks again."""
    return _answer(["scone"], control="max-age=0, stale-while-revalidate=60")


@service.operation
async def weather() -> Reply:
    """Tell the weather once; from then on the barometer is broken."""
    if _broken:
        raise Fault("worker_error", "the barometer is broken")
    _broken.append(True)
    return _answer("rain", control="max-age=0, stale-if-error=60")


_broken: list[bool] = []


@service.operation
async def stock(call: Call) -> Reply:
    """Give what is left, or say that it is still what the cache has."""
    reply = _answer({"sencha": 12}, control="no-cache")
    if call.header("if-none-match") == dict(reply.headers)["etag"]:
        return Reply(status=304, headers=reply.headers)
    return reply


@service.operation
async def bread() -> Reply:
    """Bake, which takes its time."""
    await asyncio.sleep(0.5)
    said = (("cache-control", "no-store"), ("cdn-cache-control", "max-age=60"))
    return Reply.json("bread", headers=said)
