#!lua name=freshet_generations

-- The pointer that says which generation is live, and the leases that let one process do a thing at a time.
-- Every change of the pointer rings the channel `generations`; the key stays the truth.

local function refuse(code, text) return redis.error_reply(code .. ' ' .. text) end

local function is_ready(generation)
  return redis.call('HGET', 'gen:' .. generation .. ':meta', 'state') == 'ready'
end

local function meta_of(generation) return 'gen:' .. generation .. ':meta' end
local function acks_of(generation) return 'generation:' .. generation .. ':acks' end
local function release_of(generation) return redis.call('HGET', meta_of(generation), 'release') end

-- The pointer moves. Who served the generation when it was live before has to say so anew.
local function point(active, generation, now)
  redis.call('HSET', meta_of(generation), 'activated_at_ms', now)
  redis.call('DEL', acks_of(generation))
  redis.call('SET', active, generation)
  redis.call('PUBLISH', 'generations', generation)
end

-- Makes a generation live that is ready. Output: the one that was live before, or nil
local function switch(active, previous, generation, kept, now)
  local live = redis.call('GET', active)
  if live == generation then return live end
  redis.call('LREM', previous, 0, generation)
  if live then
    redis.call('LREM', previous, 0, live)
    redis.call('LPUSH', previous, live)
    redis.call('LTRIM', previous, 0, tonumber(kept) - 1)
    redis.call('HSET', meta_of(live), 'superseded_at_ms', now)
  end
  redis.call('HDEL', meta_of(generation), 'superseded_at_ms')
  point(active, generation, now)
  return live
end

-- The loader watches what it made live, and compares it with what was live before.
local function watch(generation, live)
  if not live or live == generation then return end
  local against = live
  -- A release that is loaded once more is not compared with itself, but with what the first of them is compared with.
  if release_of(live) == release_of(generation) then against = redis.call('HGET', meta_of(live), 'watch_against') end
  if against then redis.call('HSET', meta_of(generation), 'watch_against', against) end
end

-- KEYS[1] generation:active   KEYS[2] generation:previous   KEYS[3] loader:lease, absent for an operator
-- ARGV[1] generation   ARGV[2] previous generations to remember   ARGV[3] now, Unix ms   ARGV[4] lease token, empty for an operator
-- Output: the generation that was live before, or nil
local function activate(keys, args)
  local generation = args[1]
  if args[4] ~= '' and redis.call('GET', keys[3]) ~= args[4] then
    return refuse('FENCED', 'another loader holds the lease')
  end
  if not is_ready(generation) then
    local state = redis.call('HGET', meta_of(generation), 'state')
    return refuse('NOTREADY', 'generation ' .. generation .. ' is ' .. (state or 'not loaded'))
  end
  local live = switch(keys[1], keys[2], generation, args[2], args[3])
  -- What a person makes live is that person's decision.
  if args[4] == '' then redis.call('HDEL', meta_of(generation), 'watch_against') else watch(generation, live) end
  return live
end

-- Output: the generation that is live now, or nil if there is none to go back to. One of the release `shunned` is none.
local function step_back(active, previous, now, shunned)
  local live = redis.call('GET', active)
  while true do
    local target = redis.call('LPOP', previous)
    if not target then return nil end
    if is_ready(target) and (not shunned or release_of(target) ~= shunned) then
      if live then redis.call('HSET', meta_of(live), 'superseded_at_ms', now) end
      redis.call('HDEL', meta_of(target), 'superseded_at_ms', 'watch_against')
      point(active, target, now)
      return target
    end
  end
end

-- Back to the generation that was live before, and a second time to the one before that.
-- KEYS[1] generation:active   KEYS[2] generation:previous   ARGV[1] now, Unix ms
-- Output: the generation that is live now
local function rollback(keys, args)
  return step_back(keys[1], keys[2], args[1]) or refuse('NOPREVIOUS', 'no previous generation is loaded')
end

-- The outcome of the request that a generation came of, if that is still the latest one.
local function settle(handled, generation, state, kept_generation, reason, now)
  if redis.call('HGET', handled, 'generation') ~= generation then return end
  redis.call('HSET', handled, 'state', state, 'generation', kept_generation, 'reason', reason, 'at_ms', now)
  redis.call('PUBLISH', 'releases', (redis.call('HGET', handled, 'request') or '') .. ' ' .. state)
end

-- A generation that is whole waits for a person.
-- KEYS[1] loader:lease   ARGV[1] generation   ARGV[2] lease token
local function hold(keys, args)
  if redis.call('GET', keys[1]) ~= args[2] then return refuse('FENCED', 'another loader holds the lease') end
  if not is_ready(args[1]) then return refuse('NOTREADY', 'generation ' .. args[1] .. ' is not loaded') end
  redis.call('HSET', meta_of(args[1]), 'state', 'waiting')
  return redis.status_reply('OK')
end

local function is_waiting(generation) return redis.call('HGET', meta_of(generation), 'state') == 'waiting' end

-- A person's word: the generation that waits becomes live.
-- KEYS[1] generation:active   KEYS[2] generation:previous   KEYS[3] releases:handled
-- ARGV[1] generation   ARGV[2] previous generations to remember   ARGV[3] now, Unix ms   ARGV[4] whose word
-- Output: the generation that was live before, or nil
local function approve(keys, args)
  if not is_waiting(args[1]) then return refuse('NOTWAITING', 'generation ' .. args[1] .. ' does not wait for approval') end
  redis.call('HSET', meta_of(args[1]), 'state', 'ready', 'approved_by', args[4], 'approved_at_ms', args[3])
  local live = switch(keys[1], keys[2], args[1], args[2], args[3])
  watch(args[1], live)
  settle(keys[3], args[1], 'loaded', args[1], '', args[3])
  return live
end

-- A person's word: the generation that waits is given up; the loader removes it.
-- KEYS[1] releases:handled   ARGV[1] generation   ARGV[2] reason   ARGV[3] now, Unix ms
local function reject(keys, args)
  if not is_waiting(args[1]) then return refuse('NOTWAITING', 'generation ' .. args[1] .. ' does not wait for approval') end
  redis.call('HSET', meta_of(args[1]), 'state', 'refused')
  settle(keys[1], args[1], 'refused', '', args[2], args[3])
  return redis.status_reply('OK')
end

-- Answers became worse with a generation: back to the one before, and the release counts as refused.
-- KEYS[1] generation:active   KEYS[2] generation:previous   KEYS[3] loader:lease   KEYS[4] releases:handled
-- ARGV[1] generation   ARGV[2] now, Unix ms   ARGV[3] lease token   ARGV[4] reason
-- Output: the generation that is live now, or nil if another had become live in the meantime
local function withdraw(keys, args)
  if redis.call('GET', keys[3]) ~= args[3] then return refuse('FENCED', 'another loader holds the lease') end
  if redis.call('GET', keys[1]) ~= args[1] then return false end
  local target = step_back(keys[1], keys[2], args[2], release_of(args[1]))
  if not target then return refuse('NOPREVIOUS', 'no previous generation is loaded') end
  redis.call('HDEL', meta_of(args[1]), 'watch_against')
  redis.call('HSET', meta_of(args[1]), 'withdrawn_at_ms', args[2], 'withdrawn_reason', args[4])
  settle(keys[4], args[1], 'refused', '', args[4], args[2])
  return target
end

-- KEYS[1] lease   ARGV[1] token   ARGV[2] milliseconds
-- Output: 1 if the lease is still ours and runs on, 0 if it is lost
local function lease_extend(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] then return 0 end
  return redis.call('PEXPIRE', keys[1], args[2])
end

-- KEYS[1] lease   ARGV[1] token
local function lease_release(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] then return 0 end
  return redis.call('DEL', keys[1])
end

redis.register_function('generation_activate', activate)
redis.register_function('generation_rollback', rollback)
redis.register_function('generation_hold', hold)
redis.register_function('generation_approve', approve)
redis.register_function('generation_reject', reject)
redis.register_function('generation_withdraw', withdraw)
redis.register_function('lease_extend', lease_extend)
redis.register_function('lease_release', lease_release)
