#!lua name=freshet_online

-- The online state of a user. It is a function of the set of events, never of how often or in which order they came:
-- for each item its newest event, of those the newest N. So redelivery, replay and two consumers at once are harmless.
--
-- A field of online:{user} is a touched item; its value is `<ts> <stream id> <event> <generation> <item>:<score> ...`.

-- Order of two touches: by time, then by stream id. Numbers stay exact below 2^53.
local function position(value)
  local ts, ms, seq = string.match(value, '^(%d+) (%d+)%-(%d+)')
  return tonumber(ts) or 0, tonumber(ms) or 0, tonumber(seq) or 0
end

local function is_newer(left, right)
  local left_ts, left_ms, left_seq = position(left)
  local right_ts, right_ms, right_seq = position(right)
  if left_ts ~= right_ts then return left_ts > right_ts end
  if left_ms ~= right_ms then return left_ms > right_ms end
  return left_seq > right_seq
end

local function id_of(value)
  return string.match(value, '^%d+ (%d+%-%d+)') or '0-0'
end

local function is_earlier_id(left, right)
  return is_newer('0 ' .. right, '0 ' .. left)
end

-- Of several entries with one event id, the one with the smallest stream id counts, whichever is applied first.
-- Returns true if this entry is a repetition. The later copy's field, if it was applied first, makes way.
local function is_repeated(online, seen, event_id, value, seen_max, seen_ttl)
  local id = id_of(value)
  local first = redis.call('HGET', seen, event_id)
  if first == id then return false end
  if first and is_earlier_id(first, id) then return true end
  if first then
    local fields = redis.call('HGETALL', online)
    for i = 1, #fields, 2 do
      if id_of(fields[i + 1]) == first then redis.call('HDEL', online, fields[i]) end
    end
  end
  redis.call('HSET', seen, event_id, id)
  redis.call('EXPIRE', seen, seen_ttl)
  if redis.call('HLEN', seen) > 2 * seen_max then
    local pairs_of_seen = redis.call('HGETALL', seen)
    local entries = {}
    for i = 1, #pairs_of_seen, 2 do entries[#entries + 1] = { pairs_of_seen[i], pairs_of_seen[i + 1] } end
    table.sort(entries, function(a, b) return is_earlier_id(a[2], b[2]) end)
    for i = 1, #entries - seen_max do redis.call('HDEL', seen, entries[i][1]) end
  end
  return false
end

-- KEYS[1] online:{user}   KEYS[2] seen:{user}
-- ARGV[1] item   ARGV[2] value   ARGV[3] most fields   ARGV[4] TTL in seconds
-- ARGV[5] event id, may be absent   ARGV[6] most event ids remembered   ARGV[7] their TTL in seconds
-- Output: 1 applied, 0 older than what is there, -1 repeated event id
local function apply(keys, args)
  local online, item, value, items_max = keys[1], args[1], args[2], tonumber(args[3])
  if args[5] and is_repeated(online, keys[2], args[5], value, tonumber(args[6]), args[7]) then return -1 end
  local held = redis.call('HGET', online, item)
  if held and not is_newer(value, held) then return 0 end
  if not held and redis.call('HLEN', online) >= items_max then
    local fields = redis.call('HGETALL', online)
    local count = #fields / 2
    -- One field too many is the rule; more only after the limit was lowered.
    while count >= items_max do
      local oldest
      for i = 1, #fields, 2 do
        if fields[i] and (not oldest or is_newer(fields[oldest + 1], fields[i + 1])) then oldest = i end
      end
      if count == items_max and is_newer(fields[oldest + 1], value) then return 0 end
      redis.call('HDEL', online, fields[oldest])
      fields[oldest] = false
      count = count - 1
    end
  end
  redis.call('HSET', online, item, value)
  redis.call('EXPIRE', online, args[4])
  return 1
end

-- Replaces the similar items of touches that are still the same touches, after another generation became live.
-- KEYS[1] online:{user}   ARGV pairs of item, value
-- Output: how many fields were replaced
local function rederive(keys, args)
  local replaced = 0
  for i = 1, #args, 2 do
    local held = redis.call('HGET', keys[1], args[i])
    if held and not is_newer(held, args[i + 1]) and not is_newer(args[i + 1], held) then
      redis.call('HSET', keys[1], args[i], args[i + 1])
      replaced = replaced + 1
    end
  end
  return replaced
end

redis.register_function('online_apply', apply)
redis.register_function('online_rederive', rederive)
