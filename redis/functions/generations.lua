#!lua name=freshet_generations

-- The pointer that says which generation is live, and the leases that let one process do a thing at a time.
-- Every change of the pointer rings the channel `generations`; the key stays the truth.

local function refuse(code, text) return redis.error_reply(code .. ' ' .. text) end

local function is_ready(generation)
  return redis.call('HGET', 'gen:' .. generation .. ':meta', 'state') == 'ready'
end

-- KEYS[1] generation:active   KEYS[2] generation:previous   KEYS[3] loader:lease, absent for an operator
-- ARGV[1] generation   ARGV[2] previous generations to remember   ARGV[3] now, Unix ms   ARGV[4] lease token, empty for an operator
-- Output: the generation that was live before, or nil
local function activate(keys, args)
  local generation = args[1]
  if args[4] ~= '' and redis.call('GET', keys[3]) ~= args[4] then
    return refuse('FENCED', 'another loader holds the lease')
  end
  if not is_ready(generation) then return refuse('NOTREADY', 'generation ' .. generation .. ' is not loaded') end
  local live = redis.call('GET', keys[1])
  if live == generation then return live end
  redis.call('LREM', keys[2], 0, generation)
  if live then
    redis.call('LREM', keys[2], 0, live)
    redis.call('LPUSH', keys[2], live)
    redis.call('LTRIM', keys[2], 0, tonumber(args[2]) - 1)
    redis.call('HSET', 'gen:' .. live .. ':meta', 'superseded_at_ms', args[3])
  end
  redis.call('HDEL', 'gen:' .. generation .. ':meta', 'superseded_at_ms')
  redis.call('HSET', 'gen:' .. generation .. ':meta', 'activated_at_ms', args[3])
  redis.call('SET', keys[1], generation)
  redis.call('PUBLISH', 'generations', generation)
  return live
end

-- Back to the generation that was live before, and a second time to the one before that.
-- KEYS[1] generation:active   KEYS[2] generation:previous   ARGV[1] now, Unix ms
-- Output: the generation that is live now
local function rollback(keys, args)
  local live = redis.call('GET', keys[1])
  while true do
    local target = redis.call('LPOP', keys[2])
    if not target then return refuse('NOPREVIOUS', 'no previous generation is loaded') end
    if is_ready(target) then
      if live then redis.call('HSET', 'gen:' .. live .. ':meta', 'superseded_at_ms', args[1]) end
      redis.call('HDEL', 'gen:' .. target .. ':meta', 'superseded_at_ms')
      redis.call('HSET', 'gen:' .. target .. ':meta', 'activated_at_ms', args[1])
      redis.call('SET', keys[1], target)
      redis.call('PUBLISH', 'generations', target)
      return target
    end
  end
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
redis.register_function('lease_extend', lease_extend)
redis.register_function('lease_release', lease_release)
