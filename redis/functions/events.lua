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

-- What Redis knows of a consumer group, nil if there is none.
local function group_of(stream, name)
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local fields = {}
    for i = 1, #group, 2 do fields[group[i]] = group[i + 1] end
    if fields['name'] == name then return fields end
  end
end

-- Decides which entries the next file of the archive holds, once: whoever asks after the first is told the same.
-- KEYS[1] event stream   KEYS[2] archive:plan:<p>
-- ARGV[1] group   ARGV[2] the id behind which the file begins   ARGV[3] plan: first id, last id, number of entries
-- Output: the plan that counts, or nil if the group stands elsewhere: somebody else was quicker
local function plan(keys, args)
  local planned = redis.call('GET', keys[2])
  if planned then return planned end
  local group = group_of(keys[1], args[1])
  if not group or group['last-delivered-id'] ~= args[2] then return false end
  redis.call('SET', keys[2], args[3])
  return args[3]
end

-- The planned file is in the archive: the group stands behind it, and the next one can be planned.
-- KEYS[1] event stream   KEYS[2] archive:plan:<p>
-- ARGV[1] group   ARGV[2] plan   ARGV[3] its last id   ARGV[4] its number of entries
-- Output: 1, or 0 if this is not the plan any more
local function commit(keys, args)
  if redis.call('GET', keys[2]) ~= args[2] then return 0 end
  local group = group_of(keys[1], args[1])
  if group and group['lag'] then
    -- Redis loses count of what a group has yet to read unless it is told how much that group has read.
    local info = redis.call('XINFO', 'STREAM', keys[1])
    local added = 0
    for i = 1, #info, 2 do if info[i] == 'entries-added' then added = info[i + 1] end end
    local read = math.max(0, added - group['lag'] + tonumber(args[4]))
    redis.call('XGROUP', 'SETID', keys[1], args[1], args[3], 'ENTRIESREAD', read)
  else
    redis.call('XGROUP', 'SETID', keys[1], args[1], args[3])
  end
  redis.call('DEL', keys[2])
  return 1
end

-- Gives up a plan whose entries are gone. KEYS[1] archive:plan:<p>   ARGV[1] plan   Output: 1, or 0 if it had gone
local function abandon(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] then return 0 end
  return redis.call('DEL', keys[1])
end

redis.register_function('events_quarantine', quarantine)
redis.register_function('archive_plan', plan)
redis.register_function('archive_commit', commit)
redis.register_function('archive_abandon', abandon)
