"""The store in Redis, on redis-py."""

from contracts.stores.redis.link import RedisLink, Script
from contracts.stores.redis.store import RedisStore

__all__ = ("RedisLink", "RedisStore", "Script")
