#!lua name=freshet_quality

-- Live quality: the lists that users got last, and the counts of what their next events said about them. Scoring itself
-- stands in online.lua, since it belongs to the same step as the touch.

-- Remembers a list that was served. Its time is this server's, as that of the events' ids is, less how long ago it was.
-- KEYS[1] served:{user}
-- ARGV[1] ms since it was served   ARGV[2] `<blend> <generation> <new|any> <item>:<source> ...`
-- ARGV[3] most lists   ARGV[4] TTL in seconds
local function put(keys, args)
  local time = redis.call('TIME')
  local ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) - tonumber(args[1])
  redis.call('LPUSH', keys[1], string.format('%.0f %s', ms, args[2]))
  redis.call('LTRIM', keys[1], 0, tonumber(args[3]) - 1)
  return redis.call('EXPIRE', keys[1], args[4])
end

-- Adds to a day's counts, to all of them or to none. A day holds about so many fields; what a further generation would
-- add is then counted under generation 0.
-- KEYS[1] quality:<day>   ARGV[1] TTL in seconds   ARGV[2] most fields   ARGV[3...] field, amount, field, amount ...
local function add(keys, args)
  local day, room = keys[1], tonumber(args[2]) - redis.call('HLEN', keys[1])
  for i = 3, #args, 2 do
    local field = args[i]
    if redis.call('HEXISTS', day, field) == 0 then
      if room > 0 then room = room - 1 else field = string.gsub(field, '^%d+|', '0|') end
    end
    redis.call('HINCRBY', day, field, args[i + 1])
  end
  return redis.call('EXPIRE', day, args[1])
end

redis.register_function('served_put', put)
redis.register_function('quality_add', add)
