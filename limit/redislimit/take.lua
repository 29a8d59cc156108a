-- Lets a request pass or tells how long to wait.
-- ARGV: operation, ID of the request.
-- Returns 1, window, 1 if it opens a window, number of answers before it;
-- or 0, milliseconds to the end of the window, 0 if an answer may come first.

local operation, id = ARGV[1], ARGV[2]
end_leases()
local w = window_of(operation)
local room = get(w .. '.room', first_burst)
local flight = get(w .. '.flight', 0)
if flight ~= 0 and redis.call('EXISTS', leases) == 0 then
  flight = 0 -- Redis dropped one key and kept the other
  set(w .. '.flight', 0)
end

local probe = 0
if room <= flight then
  local left = math.max(0, get(w .. '.ends', 0) - now)
  if room <= 0 and left > 0 then
    return {0, left}
  elseif flight > 0 then
    return {0, 0}
  elseif left > 0 then
    return {0, left}
  end
  probe = 1 -- it opens the next window; the others wait for its answer
end

local sent = get(w .. '.sent', 0)
set(w .. '.sent', sent + 1, w .. '.flight', flight + 1)
redis.call('ZADD', leases, now + lease_time, w .. ' ' .. id)
redis.call('EXPIRE', state, keep)
redis.call('EXPIRE', leases, keep)
return {1, tonumber(w), probe, sent - flight}
