#!lua name=freshet_training

-- Training on request. The list training:pending is the truth about what is asked for, training:active about what is in
-- hand, and a run's hash about what became of it; channels only ring. Whoever takes the lease of the trainers gets the
-- next number of training:fence, and from then on nobody with an older one can change anything.

local run_ttl_seconds = 30 * 86400
local joined_ttl_seconds = 86400
local runs_max = 200
local pending_max = 100

local function refuse(code, text) return redis.error_reply(code .. ' ' .. text) end
local function key_of(id) return 'training:run:' .. id end
local function is_fenced(key, fence) return redis.call('GET', key) ~= fence end

local function keep(id)
  redis.call('EXPIRE', key_of(id), run_ttl_seconds)
end

-- Tells the channel; what it says is for people, the hash is the truth.
local function tell(id)
  local run = redis.call('HMGET', key_of(id), 'state', 'step', 'percent')
  redis.call('PUBLISH', 'training:progress', table.concat({ id, run[1] or '', run[2] or '', run[3] or '' }, ' '))
end

local function open_run(runs, id, mode, by, now)
  redis.call('HSET', key_of(id), 'state', 'pending', 'mode', mode, 'by', by, 'requested_at_ms', now, 'attempt', '0')
  keep(id)
  redis.call('ZADD', runs, now, id)
  redis.call('ZREMRANGEBYRANK', runs, 0, -runs_max - 1)
end

local function end_run(id, state, now, ...)
  redis.call('HSET', key_of(id), 'state', state, 'finished_at_ms', now, ...)
  redis.call('HDEL', key_of(id), 'cancel_requested_at_ms')
  keep(id)
  tell(id)
end

-- A request reads `<mode> id=<id> by=<who>`, all of it optional, so that a person can push one by hand.
local function read_request(text)
  local mode, id, by = '', nil, nil
  for word in string.gmatch(text, '%S+') do
    id = id or string.match(word, '^id=([%w_.%-]+)$')
    by = by or string.match(word, '^by=(.+)$')
    if not string.find(word, '=', 1, true) then mode = word end
  end
  if mode == 'default' then mode = '' end
  return mode, id, by
end

local function is_mode(mode) return mode == '' or mode == 'manual' or mode == 'autonomous' end

-- A request that is the same as one that still waits joins it: what it wants will be done by that run. Whoever repeats a
-- request, since the answer was lost or its process died, is told what became of it, however far the run is.
-- KEYS[1] training:pending   KEYS[2] training:runs
-- ARGV[1] id for a new run   ARGV[2] mode, may be empty   ARGV[3] who asks   ARGV[4] now, Unix ms
-- Output: the run, and 1 if it was asked for before
local function request(keys, args)
  local known = redis.call('HMGET', key_of(args[1]), 'state', 'joined')
  if known[2] then return { known[2], 1 } end
  if known[1] then return { args[1], 0 } end
  for _, text in ipairs(redis.call('LRANGE', keys[1], 0, -1)) do
    local mode, id = read_request(text)
    if id and mode == args[2] then
      redis.call('HSET', key_of(args[1]), 'joined', id)
      redis.call('EXPIRE', key_of(args[1]), joined_ttl_seconds)
      redis.call('PUBLISH', 'training:requests', id)
      return { id, 1 }
    end
  end
  if redis.call('LLEN', keys[1]) >= pending_max then return refuse('FULL', pending_max .. ' requests wait already') end
  open_run(keys[2], args[1], args[2], args[3], args[4])
  local mode = args[2] == '' and 'default' or args[2]
  redis.call('RPUSH', keys[1], mode .. ' id=' .. args[1] .. ' by=' .. args[3])
  redis.call('PUBLISH', 'training:requests', args[1])
  tell(args[1])
  return { args[1], 0 }
end

-- A time of the schedule has come. The first that is ever seen only sets the mark: nothing was missed before.
-- KEYS[1] training:pending   KEYS[2] training:runs   KEYS[3] training:schedule
-- ARGV as for training_request   ARGV[5] the time that has come, Unix ms
-- Output: as for training_request, or nil if that time had been seen
local function schedule(keys, args)
  local seen = redis.call('GET', keys[3])
  if seen and tonumber(seen) >= tonumber(args[5]) then return false end
  redis.call('SET', keys[3], args[5])
  if not seen then return false end
  return request(keys, args)
end

-- KEYS[1] training:pending   ARGV[1] run   ARGV[2] now, Unix ms
-- Output: `cancelled`, `asked` if a trainer has it in hand, the state of a run that is over, or nil if there is none
local function cancel(keys, args)
  local state = redis.call('HGET', key_of(args[1]), 'state')
  -- A request that somebody pushed by hand has no hash until a trainer takes it.
  if not state or state == 'pending' then
    local removed = 0
    for _, text in ipairs(redis.call('LRANGE', keys[1], 0, -1)) do
      local _, id = read_request(text)
      if id == args[1] then removed = removed + redis.call('LREM', keys[1], 0, text) end
    end
    if not state and removed == 0 then return false end
    end_run(args[1], 'cancelled', args[2])
    return 'cancelled'
  end
  if state ~= 'running' and state ~= 'interrupted' then return state end
  redis.call('HSET', key_of(args[1]), 'cancel_requested_at_ms', args[2])
  redis.call('PUBLISH', 'training:requests', args[1])
  return 'asked'
end

-- KEYS[1] training:lease   KEYS[2] training:fence   ARGV[1] trainer   ARGV[2] milliseconds
-- Output: the fence of whoever may work now, or nil if somebody else does
local function lease(keys, args)
  if redis.call('SET', keys[1], args[1], 'NX', 'PX', args[2]) then return redis.call('INCR', keys[2]) end
  if redis.call('GET', keys[1]) ~= args[1] then return false end
  redis.call('PEXPIRE', keys[1], args[2])
  return tonumber(redis.call('GET', keys[2]) or '0')
end

-- The next run for a trainer: the one that another trainer left behind, else the first that waits.
-- KEYS[1] training:fence   KEYS[2] training:active   KEYS[3] training:pending   KEYS[4] training:runs
-- ARGV[1] fence   ARGV[2] trainer   ARGV[3] now, Unix ms   ARGV[4] attempts   ARGV[5] mode where none is asked for
-- ARGV[6] id for a request without one
-- Output: id, mode and attempt, or nil if there is nothing to do
local function take(keys, args)
  if is_fenced(keys[1], args[1]) then return refuse('FENCED', 'another trainer has taken over') end
  local function start(id)
    local run = key_of(id)
    local before = redis.call('HMGET', run, 'state', 'attempt', 'mode', 'cancel_requested_at_ms')
    local attempt = tonumber(before[2]) or 0
    if before[1] == 'succeeded' or before[1] == 'failed' or before[1] == 'cancelled' then return nil end
    if before[4] then return end_run(id, 'cancelled', args[3]) end
    if before[1] == 'running' and attempt >= tonumber(args[4]) then
      return end_run(id, 'failed', args[3], 'error', 'the trainer died ' .. attempt .. ' times in this run')
    end
    -- An orderly stop is no attempt that failed.
    if before[1] ~= 'interrupted' then attempt = attempt + 1 end
    local mode = before[3] or ''
    if mode == '' then mode = args[5] end
    redis.call('SET', keys[2], id)
    redis.call('HSET', run, 'state', 'running', 'attempt', attempt, 'mode', mode, 'trainer', args[2], 'fence', args[1],
      'step', '', 'percent', 0, 'detail', '', 'steps', '')
    redis.call('HSETNX', run, 'started_at_ms', args[3])
    keep(id)
    tell(id)
    return { id, mode, tostring(attempt) }
  end
  local active = redis.call('GET', keys[2])
  if active then
    local run = redis.call('EXISTS', key_of(active)) == 1 and start(active)
    if run then return run end
    redis.call('DEL', keys[2])
  end
  while true do
    local text = redis.call('LPOP', keys[3])
    if not text then return false end
    local mode, id, by = read_request(text)
    id = id or args[6]
    if redis.call('EXISTS', key_of(id)) == 0 then open_run(keys[4], id, mode, by or 'redis', args[3]) end
    if is_mode(mode) then
      local run = start(id)
      if run then return run end
    else
      end_run(id, 'failed', args[3], 'error', '"' .. mode .. '" is no mode; it is manual, autonomous, or left out')
    end
  end
end

-- A sign of life of the run in hand, and how far it is. A lease that ran out while Redis was away is taken again, as
-- long as nobody else has had it.
-- KEYS[1] training:fence   KEYS[2] training:lease
-- ARGV[1] fence   ARGV[2] trainer   ARGV[3] lease in milliseconds   ARGV[4] run   ARGV[5...] field, value, ...
-- Output: 0, 1 if the run is to be cancelled, -1 if another trainer has taken over
local function report(keys, args)
  if is_fenced(keys[1], args[1]) then return -1 end
  redis.call('SET', keys[2], args[2], 'PX', args[3])
  if #args > 4 then
    redis.call('HSET', key_of(args[4]), unpack(args, 5))
    keep(args[4])
    tell(args[4])
  end
  return redis.call('HEXISTS', key_of(args[4]), 'cancel_requested_at_ms')
end

local function ask_for(latest, run, release)
  if release == '' or redis.call('HGET', key_of(run), 'release') == release then return end
  redis.call('HSET', key_of(run), 'release', release)
  redis.call('SET', latest, release)
  redis.call('PUBLISH', 'releases', release)
end

-- The run in hand has published a release and goes on: it is asked for now, and not once more when the run ends, since
-- somebody may have asked for another one by then.
-- KEYS[1] training:fence   KEYS[2] releases:latest   ARGV[1] fence   ARGV[2] run   ARGV[3] release
-- Output: 0, or -1 if another trainer has taken over
local function published(keys, args)
  if is_fenced(keys[1], args[1]) then return -1 end
  ask_for(keys[2], args[2], args[3])
  tell(args[2])
  return 0
end

-- The end of the run in hand. A release that came of it is asked for in the same step, so no trainer that was left
-- behind can ask for an older one later.
-- KEYS[1] training:fence   KEYS[2] training:active   KEYS[3] releases:latest
-- ARGV[1] fence   ARGV[2] run   ARGV[3] state   ARGV[4] now, Unix ms   ARGV[5] release to load, may be empty
-- ARGV[6...] field, value, ...
-- Output: 0, or -1 if another trainer has taken over
local function finish(keys, args)
  if is_fenced(keys[1], args[1]) then return -1 end
  if args[3] == 'interrupted' then
    redis.call('HSET', key_of(args[2]), 'state', 'interrupted')
    tell(args[2])
    redis.call('PUBLISH', 'training:requests', args[2])
    return 0
  end
  ask_for(keys[3], args[2], args[5])
  if #args > 5 then redis.call('HSET', key_of(args[2]), unpack(args, 6)) end
  end_run(args[2], args[3], args[4])
  redis.call('DEL', keys[2])
  return 0
end

redis.register_function('training_request', request)
redis.register_function('training_schedule', schedule)
redis.register_function('training_cancel', cancel)
redis.register_function('training_lease', lease)
redis.register_function('training_take', take)
redis.register_function('training_report', report)
redis.register_function('training_published', published)
redis.register_function('training_finish', finish)
