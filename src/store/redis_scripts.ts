/**
 * Redis scripts: each runs as one step on the server, so nothing comes between the look and the
 * write (https://redis.io/docs/latest/develop/programmability/eval-intro/). They hold the rules of
 * account.ts once more, in Lua; a test compares the two, answer by answer.
 *
 * Keys, all below `tutti:`
 *   rate:KEY         hash: what a client key has used of its rates (bucket.ts), and tokens held
 *   purse:MONTH:KEY  hash: nano-dollars `spent` and `held` of the month; DAY and DAY:held of its days
 *   open:PROCESS     hash: reservation id -> JSON, the requests in flight
 *   beats            hash: process -> counter
 *   ledger:DAY       hash: reservation id -> "S" and JSON (settled), or "L" and JSON (lost)
 *   days             set: the days that have a ledger
 *
 * Lua's numbers are doubles: whole up to 2^53, which no figure reaches; whole(n) writes all digits.
 * @module
 */

const shared = `
local function whole(n) return string.format('%.0f', n) end
local function read(key, field) return tonumber(redis.call('HGET', key, field)) or 0 end
local function lower(key, field, by)
  if by > 0 then redis.call('HSET', key, field, whole(math.max(0, read(key, field) - by))) end
end
local function clock(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function drained(level, at, now, limit)
  return math.max(0, level - math.max(0, now - at) * limit)
end
local function release(rate, purse, day, tokens, nano_usd)
  lower(rate, 'held', tokens)
  lower(purse, 'held', nano_usd)
  lower(purse, day .. ':held', nano_usd)
end
`;

/** Gives admitted (0 or 1), the time, and the account as it was before. */
export const reserveScript = `${shared}
local rate, purse, open, beats = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local now = clock(ARGV[1])
local requests_limit, tokens_limit = tonumber(ARGV[2]), tonumber(ARGV[3])
local day_limit, month_limit = tonumber(ARGV[4]), tonumber(ARGV[5])
local tokens, nano_usd = tonumber(ARGV[6]), tonumber(ARGV[7])
local id, entry, process, day, purse_seconds = ARGV[8], ARGV[9], ARGV[10], ARGV[11], ARGV[12]

local r = redis.call('HMGET', rate,
  'requests_level', 'requests_at', 'tokens_level', 'tokens_at', 'held')
for i = 1, 5 do r[i] = tonumber(r[i]) or 0 end
local p = redis.call('HMGET', purse, day, day .. ':held', 'spent', 'held')
for i = 1, 4 do p[i] = tonumber(p[i]) or 0 end
local requests_level = requests_limit and drained(r[1], r[2], now, requests_limit) or r[1]
local tokens_level = tokens_limit and drained(r[3], r[4], now, tokens_limit) or r[3]

local fits =
  not (requests_limit and requests_level + 60000 > requests_limit * 60000) and
  not (tokens_limit and tokens_level + (r[5] + tokens) * 60000 > tokens_limit * 60000) and
  not (day_limit and p[1] + p[2] + nano_usd > day_limit) and
  not (month_limit and p[3] + p[4] + nano_usd > month_limit)
if fits then
  if requests_limit then
    redis.call('HSET', rate, 'requests_level', whole(requests_level + 60000), 'requests_at', whole(now))
  end
  if tokens > 0 then redis.call('HSET', rate, 'held', whole(r[5] + tokens)) end
  if nano_usd > 0 then
    redis.call('HSET', purse, day .. ':held', whole(p[2] + nano_usd), 'held', whole(p[4] + nano_usd))
    redis.call('EXPIRE', purse, purse_seconds)
  end
  redis.call('HSET', open, id, entry)
  redis.call('HSETNX', beats, process, 0)
end
return { fits and 1 or 0, now, requests_level, tokens_level, r[5], p[1], p[2], p[3], p[4] }
`;

export const settleScript = `${shared}
local rate, purse, open, ledger, days = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local now, tokens_limit = clock(ARGV[1]), tonumber(ARGV[2])
local held_tokens, held_nano_usd = tonumber(ARGV[3]), tonumber(ARGV[4])
local tokens, nano_usd = tonumber(ARGV[5]), tonumber(ARGV[6])
local id, entry, day = ARGV[7], ARGV[8], ARGV[9]
local ledger_seconds, purse_seconds = ARGV[10], ARGV[11]

if redis.call('HDEL', open, id) == 1 then release(rate, purse, day, held_tokens, held_nano_usd) end
local kept = redis.call('HGET', ledger, id)
if kept and string.sub(kept, 1, 1) ~= 'L' then return end
redis.call('HSET', ledger, id, entry)
redis.call('EXPIRE', ledger, ledger_seconds)
redis.call('SADD', days, day)
if tokens_limit then
  local level = drained(read(rate, 'tokens_level'), read(rate, 'tokens_at'), now, tokens_limit)
  redis.call('HSET', rate, 'tokens_level', whole(level + tokens * 60000), 'tokens_at', whole(now))
end
if nano_usd > 0 then
  redis.call('HINCRBY', purse, day, whole(nano_usd))
  redis.call('HINCRBY', purse, 'spent', whole(nano_usd))
  redis.call('EXPIRE', purse, purse_seconds)
end
`;

export const releaseScript = `${shared}
local rate, purse, open = KEYS[1], KEYS[2], KEYS[3]
local id, day, tokens, nano_usd = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
if redis.call('HDEL', open, id) == 1 then release(rate, purse, day, tokens, nano_usd) end
`;

/** Gives every process and its counter. */
export const beatScript = `
redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
return redis.call('HGETALL', KEYS[1])
`;

/** Marks what a process left open as lost, and forgets the process. Gives how many. */
export const endProcessScript = `${shared}
local beats, open, days = KEYS[1], KEYS[2], KEYS[3]
local process, ledger_seconds = ARGV[1], ARGV[2]
local entries = redis.call('HGETALL', open)
for i = 1, #entries, 2 do
  local id, json = entries[i], entries[i + 1]
  local e = cjson.decode(json)
  release('tutti:rate:' .. e.key, 'tutti:purse:' .. e.month .. ':' .. e.key, e.day,
    e.held_tokens, e.held_nano_usd)
  local ledger = 'tutti:ledger:' .. e.day
  if redis.call('HSETNX', ledger, id, 'L' .. json) == 1 then
    redis.call('EXPIRE', ledger, ledger_seconds)
    redis.call('SADD', days, e.day)
  end
end
redis.call('DEL', open)
redis.call('HDEL', beats, process)
return #entries / 2
`;
