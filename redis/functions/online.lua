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

-- What an event says about the newest list that its user had got before it. Lists are what quality.lua's served_put
-- wrote: `<Unix ms> <blend> <generation> <new|any> <item>:<source> ...`, newest first. An event counts once, however often
-- it is delivered: scored:{user} remembers the ids that counted. It holds the newest ones; once it is full, whatever is
-- older than its oldest is taken for counted.
local letters = { online = 'n', offline = 'f', popular = 'p' }

local function score(served, scored, held, item, value, limits)
  local ts, ms = position(value)
  local list, at
  for _, text in ipairs(redis.call('LRANGE', served, 0, -1)) do
    local time = tonumber(string.match(text, '^%d+'))
    if time and time <= ms and (not at or time > at) then list, at = text, time end
  end
  if not list or ms - at > limits.list_ms then return { 'unlisted' } end
  if ts < at - limits.skew_ms then return { 'earlier' } end
  local id = id_of(value)
  if redis.call('ZSCORE', scored, id) then return { 'again' } end
  local oldest = redis.call('ZCARD', scored) >= limits.ids_max and redis.call('ZRANGE', scored, 0, 0, 'WITHSCORES')
  if oldest and ms <= tonumber(oldest[2]) then return { 'again' } end
  local blend, generation, items = string.match(list, '^%d+ (%S+) (%d+) (%S+)')
  if held then
    local _, held_ms = position(held)
    -- Touched since the list came: that touch counted. Touched before: a list of new items could not hold it.
    if items == 'new' or held_ms >= at then return { 'touched' } end
  end
  redis.call('ZADD', scored, ms, id)
  redis.call('ZREMRANGEBYRANK', scored, 0, -limits.ids_max - 1)
  redis.call('EXPIRE', scored, limits.ids_ttl)
  local place, sources = 0, {}
  for listed, source in string.gmatch(list, '(%S+):(%a+)') do
    sources[#sources + 1] = letters[source] or '?'
    if listed == item and place == 0 then place = #sources end
  end
  return { 'scored', blend, generation, place, table.concat(sources) }
end

-- The same as online_apply for a user whose lists are remembered, and what the event says about the last one.
-- KEYS[1] online:{user}   KEYS[2] seen:{user}   KEYS[3] served:{user}   KEYS[4] scored:{user}
-- ARGV[1] for how many ms a list counts   ARGV[2] most ids remembered   ARGV[3] their TTL in seconds
-- ARGV[4] by how many ms an event's own time may lie before its list   ARGV[5...] as online_apply's
-- Output: what online_apply answers; then `scored`, blend, generation, place (0: none), the sources of all places as
-- letters; or why it was not scored
local function apply_scored(keys, args)
  local item, value = args[5], args[6]
  local held = redis.call('HGET', keys[1], item)
  local outcome = apply(keys, { unpack(args, 5) })
  if outcome == -1 then return { outcome, 'repeated' } end
  local limits = {
    list_ms = tonumber(args[1]), ids_max = tonumber(args[2]), ids_ttl = args[3], skew_ms = tonumber(args[4]),
  }
  -- What is wrong with a list must not look as if the event could not be applied.
  local is_sound, said = pcall(score, keys[3], keys[4], held, item, value, limits)
  if not is_sound then return { outcome, 'failed' } end
  return { outcome, unpack(said) }
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
redis.register_function('online_apply_scored', apply_scored)
redis.register_function('online_rederive', rederive)
