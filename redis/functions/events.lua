#!lua name=freshet_events

-- Puts an entry that cannot be applied aside, and acknowledges it, in one step: a consumer that dies in between
-- would otherwise put it aside twice or lose it.
-- KEYS[1] event stream   KEYS[2] events:quarantine
-- ARGV[1] group   ARGV[2] entry id   ARGV[3] about how many entries to keep   ARGV[4...] field, value, field, value ...
-- Output: the id in quarantine, or nil if the entry had been acknowledged already
local function quarantine(keys, args)
  if redis.call('XACK', keys[1], args[1], args[2]) == 0 then return false end
  return redis.call('XADD', keys[2], 'MAXLEN', '~', args[3], '*', unpack(args, 4))
end

redis.register_function('events_quarantine', quarantine)
