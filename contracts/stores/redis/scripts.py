"""What the store does in Redis as one step each.

An entry is a hash with the fields ``v`` (value) and ``n`` (version); a space's generation is a
number of its own. Redis's clock alone says what has expired.
"""

from typing import Final

from contracts.stores.redis.link import Script

# KEYS: entry. Gives value, version, and milliseconds left (-1: no end).
GET: Final = Script.of("""
local entry = redis.call('HMGET', KEYS[1], 'v', 'n')
if not entry[1] then return false end
return {entry[1], entry[2], redis.call('PTTL', KEYS[1])}
""")

# Begins at the clock, so that a Redis that lost its data repeats no version.
_NEXT = """
local function next_generation(key)
  local n = redis.call('INCR', key)
  if n == 1 then
    local now = redis.call('TIME')
    n = now[1] * 1000000 + now[2]
    redis.call('SET', key, string.format('%.0f', n))
  end
  return string.format('%.0f', n)
end
"""

# KEYS: entry, generation. ARGV: value, ttl in ms or '', what must be: 'any', 'none' or a version.
WRITE: Final = Script.of(
    _NEXT
    + """
if ARGV[3] ~= 'any' then
  local found = redis.call('HGET', KEYS[1], 'n') or 'none'
  if found ~= ARGV[3] then return false end
end
local n = next_generation(KEYS[2])
redis.call('HSET', KEYS[1], 'v', ARGV[1], 'n', n)
if ARGV[2] == '' then
  redis.call('PERSIST', KEYS[1])
else
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return n
"""
)

# KEYS: entry, generation. ARGV: 'any' or a version.
DELETE: Final = Script.of(
    _NEXT
    + """
local found = redis.call('HGET', KEYS[1], 'n')
if not found or (ARGV[1] ~= 'any' and found ~= ARGV[1]) then return 0 end
redis.call('DEL', KEYS[1])
next_generation(KEYS[2])
return 1
"""
)
