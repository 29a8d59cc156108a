-- What the Panel counts for one user and API, shared by all workers. This is
-- the shared form of LocalLimiter in the SDK's internal/rest; it begins both
-- scripts.
--
-- KEYS[1] is a hash. An API has one window for each limit that its answers
-- name, numbered from 0; number 0 is there before the first answer. Fields:
--   general          the window with the largest limit, for operations not seen yet
--   limit N          the window whose limit is N
--   operation ID     the window that the operation was last counted in
--   windows          the highest number of a window
--   W.limit          absent before the first answer that names one
--   W.room           the least that the Panel said remains
--   W.flight         how many requests are in flight
--   W.sent           how many were sent in all windows
--   W.began, W.length, W.ends   milliseconds; absent if unknown
-- KEYS[2] is a sorted set of the requests in flight, "W ID", by the time at
-- which they are taken for counted: their worker may have died, and a slow
-- request must not hold back the others.

local state, leases = KEYS[1], KEYS[2]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local first_burst = 10   -- requests in flight before the first answer
local lease_time = 10000 -- how long a request is waited for
local shortest_wait = 250
local longest_wait = 3600000 -- then somebody asks again, whatever the Panel said
local keep = 86400
local uncounted = 1000000000

local function get(field, default)
  return tonumber(redis.call('HGET', state, field)) or default
end

local function set(...)
  redis.call('HSET', state, ...)
end

local function general()
  return redis.call('HGET', state, 'general') or '0'
end

local function window_of(operation)
  return redis.call('HGET', state, 'operation ' .. operation) or general()
end

-- landed notes that a request of a window is no longer in flight.
local function landed(w)
  set(w .. '.flight', math.max(0, get(w .. '.flight', 0) - 1))
end

-- end_leases takes for counted what is in flight for too long.
local function end_leases()
  for _, lease in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', now)) do
    redis.call('ZREM', leases, lease)
    local w = string.match(lease, '^%d+')
    landed(w)
    if get(w .. '.limit') then
      set(w .. '.room', math.max(0, get(w .. '.room', 0) - 1))
    end
  end
end
