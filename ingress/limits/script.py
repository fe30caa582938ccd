"""What happens in Redis for a call: all windows of all its limits in one step.

The same counting as in ``windows`` and ``places``, by Redis's clock alone. A key of a limit has a
hash (its row), a list of moments for each sliding window, and a hash of calls on their way by
process; all expire by themselves. A sorted set a limit, by expiry, holds its rows, so that there
are never more than ``max_keys``: keys above that share the row ``rest``.
"""

from typing import Final

from contracts.stores.redis import Script

_COMMON = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local DAY = 86400000

-- The end of the month: civil_from_days of Howard Hinnant's date algorithms.
local function month_end()
  local z = math.floor(now / DAY) + 719468
  local era = math.floor(z / 146097)
  local doe = z - era * 146097
  local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524)
    - math.floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
  local mp = math.floor((5 * doy + 2) / 153)
  local day = doy - math.floor((153 * mp + 2) / 5)
  local month = mp < 10 and mp + 3 or mp - 9
  local year = yoe + era * 400 + (month <= 2 and 1 or 0)
  local leap = (year % 4 == 0 and year % 100 ~= 0) or year % 400 == 0
  local lengths = {31, leap and 29 or 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
  return (math.floor(now / DAY) - day + lengths[month]) * DAY
end

local function look_sliding(row, cell)
  local list = row .. ':' .. cell.id
  local held = redis.call('HMGET', row, 'o' .. cell.id, 'n' .. cell.id, 'f' .. cell.id)
  cell.opened, cell.newest, cell.at = tonumber(held[1]) or 0, tonumber(held[2]) or 0, now
  cell.first = tonumber(held[3]) or 0
  local closed = redis.call('LLEN', list)
  if now < cell.newest then
    if cell.newest - now > 1000 then
      -- The clock was set back: take all for calls of this moment.
      for place = 0, closed - 1 do redis.call('LSET', list, place, now) end
      cell.newest = now
      redis.call('HSET', row, 'n' .. cell.id, now)
    else
      cell.at = cell.newest
    end
  end
  -- What is over is only passed over here: looking changes nothing.
  local oldest = cell.newest
  cell.over = 0
  if cell.at - cell.newest > cell.length then
    cell.over, closed, cell.opened, cell.first = closed, 0, 0, 0
  end
  while closed > 0 do
    oldest = tonumber(redis.call('LINDEX', list, cell.over))
    if cell.at - oldest <= cell.length then break end
    closed = closed - 1
    cell.over = cell.over + 1
    cell.first = (cell.first + 1) % cell.slots
    oldest = cell.newest
  end
  cell.used = closed * cell.grain + cell.opened
  -- The last grain holds fewer.
  cell.short = cell.slots * cell.grain - cell.calls
  if closed > 0 and cell.first + closed >= cell.slots then cell.used = cell.used - cell.short end
  cell.full = cell.grain
  if (cell.first + closed) % cell.slots == cell.slots - 1 then
    cell.full = cell.grain - cell.short
  end
  cell.reset = cell.used > 0 and cell.length - (cell.at - oldest) + 1 or cell.length
end

local function take_sliding(row, cell)
  local opened = cell.opened + 1
  if cell.over > 0 then redis.call('LTRIM', row .. ':' .. cell.id, cell.over, -1) end
  if opened == cell.full then
    redis.call('RPUSH', row .. ':' .. cell.id, cell.at)
    opened = 0
  end
  redis.call('PEXPIRE', row .. ':' .. cell.id, cell.length + 1000)
  redis.call('HSET', row, 'o' .. cell.id, opened, 'n' .. cell.id, cell.at, 'f' .. cell.id,
    cell.first)
  return cell.length + 1000
end

local function look_calendar(row, cell)
  local held = redis.call('HMGET', row, 'u' .. cell.id, 'e' .. cell.id)
  cell.ends = cell.unit == 'day' and now - now % DAY + DAY or month_end()
  cell.used = (tonumber(held[2]) or 0) > now and tonumber(held[1]) or 0
  cell.reset = cell.ends - now
end

local function take_calendar(row, cell)
  redis.call('HSET', row, 'u' .. cell.id, cell.used + 1, 'e' .. cell.id, cell.ends)
  return cell.reset
end

-- A value is 'sequence:count', as its process said last.
local function look_places(row, cell, alive)
  local held = redis.call('HGETALL', row .. ':c')
  cell.used = 0
  local function add(check)
    cell.used = 0
    for at = 1, #held, 2 do
      if held[at] ~= cell.process then
        if check and redis.call('EXISTS', alive .. held[at]) == 0 then
          redis.call('HDEL', row .. ':c', held[at])
        else
          cell.used = cell.used + tonumber(string.match(held[at + 1], ':(%d+)$'))
        end
      elseif cell.mine == 0 then
        -- Nobody's call: it is only looked.
        cell.used = cell.used + tonumber(string.match(held[at + 1], ':(%d+)$'))
      end
    end
    if cell.mine > 0 then cell.used = cell.used + cell.mine - 1 end
  end
  add(false)
  if cell.used >= cell.calls then add(true) end
  cell.reset = 0
end

local function take_places(row, cell)
  local held = redis.call('HGET', row .. ':c', cell.process)
  if not held or tonumber(string.match(held, '^(%d+):')) < cell.sequence then
    redis.call('HSET', row .. ':c', cell.process, cell.sequence .. ':' .. cell.mine)
  end
  redis.call('PEXPIRE', row .. ':c', 7200000)
  return 7200000
end
"""

# KEYS: for each limit its index (its rows' names begin with it).
# ARGV: 'take' or 'look', what names of living processes begin with, this process's name;
# for each limit: key, max_keys, number of cells; for each cell: id, kind, calls, and
# sliding: length in ms, grain, grains; calendar: unit; places: sequence, calls of this process.
# Gives 1 or 0 (refused), then for each cell: used before, ms until more.
TAKE: Final = Script.of(
    _COMMON
    + """
local next_word = 3
local function word()
  next_word = next_word + 1
  return ARGV[next_word]
end

local rows, passes, told = {}, true, {0}
for number, index in ipairs(KEYS) do
  local row = index .. ':' .. word()
  local most, cells, new = tonumber(word()), {}, false
  if redis.call('EXISTS', row) == 0 then
    new = true
    for _, old in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', now, 'LIMIT', 0, 8)) do
      local left = redis.call('PTTL', old)
      if left > 0 then redis.call('ZADD', index, now + left, old)
      else redis.call('ZREM', index, old) end
    end
    if ARGV[1] == 'take' and redis.call('ZCARD', index) >= most then
      row, new = index .. '.rest', false
    end
  end
  for number = 1, tonumber(word()) do
    local cell = {id = word(), kind = word(), calls = tonumber(word())}
    if cell.kind == 's' then
      cell.length, cell.grain, cell.slots = tonumber(word()), tonumber(word()), tonumber(word())
      look_sliding(row, cell)
    elseif cell.kind == 'c' then
      cell.unit = word()
      look_calendar(row, cell)
    else
      cell.process, cell.sequence, cell.mine = ARGV[3], tonumber(word()), tonumber(word())
      look_places(row, cell, ARGV[2])
      -- In a row that many share nobody could tell whose place is given back.
      if row == index .. '.rest' then cell.used = cell.calls end
    end
    if cell.used >= cell.calls then passes = false end
    told[#told + 1] = cell.used
    told[#told + 1] = cell.reset
    cells[#cells + 1] = cell
  end
  rows[#rows + 1] = {name = row, index = index, cells = cells, new = new}
end

if ARGV[1] ~= 'take' or not passes then return told end
told[1] = 1
for _, row in ipairs(rows) do
  local lives = 1000
  if row.new then redis.call('HSET', row.name, 'b', 1) end
  for _, cell in ipairs(row.cells) do
    local take = take_places
    if cell.kind == 's' then take = take_sliding
    elseif cell.kind == 'c' then take = take_calendar end
    lives = math.max(lives, take(row.name, cell))
  end
  -- One window's time must not end what another one still counts.
  if redis.call('PTTL', row.name) < lives then redis.call('PEXPIRE', row.name, lives) end
  if row.new then redis.call('ZADD', row.index, now + lives, row.name) end
  redis.call('PEXPIRE', row.index, 5356800000)
end
return told
"""
)

# KEYS: row. ARGV: process, sequence, its calls now. After a call, or to mend what got lost.
PLACES: Final = Script.of("""
local held = redis.call('HGET', KEYS[1] .. ':c', ARGV[1])
if held and tonumber(string.match(held, '^(%d+):')) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1] .. ':c', ARGV[1], ARGV[2] .. ':' .. ARGV[3])
end
""")

# KEYS: index, row, and all that belongs to it.
FORGET: Final = Script.of("""
redis.call('ZREM', KEYS[1], KEYS[2])
local there = redis.call('EXISTS', KEYS[2])
for at = 2, #KEYS do redis.call('DEL', KEYS[at]) end
return there
""")
