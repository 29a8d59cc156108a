-- Takes the answer to a request that was let pass.
-- ARGV: operation, ID of the request; window, probe and answers before it, as
-- take.lua returned them; status, limit, remaining, milliseconds to wait, each
-- as client.Answer has it.

local operation, id, w = ARGV[1], ARGV[2], ARGV[3]
local probe, before = ARGV[4] == '1', tonumber(ARGV[5])
local status, limit, remaining, wait = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])

-- counted notes that the Panel counts the operation in the window with a limit.
local function counted()
  local largest = general()
  local c = redis.call('HGET', state, 'limit ' .. limit)
  if not c then
    if not get(largest .. '.limit') then
      c = largest -- with what is in flight
    else
      c = tostring(redis.call('HINCRBY', state, 'windows', 1))
    end
    set(c .. '.limit', limit, c .. '.room', uncounted, 'limit ' .. limit, c)
  end
  set('operation ' .. operation, c)
  if limit > get(largest .. '.limit', -1) then
    set('general', c)
  end
  return c
end

-- used_up notes that a window has no room, as a 429 said.
local function used_up(c)
  local wait = math.min(wait, longest_wait)
  local ends = now + math.max(wait, shortest_wait)
  local began = get(c .. '.began')
  if began then
    -- A window is some whole seconds long. The wait is rounded, so two lengths
    -- may fit; with the shorter one a longer is found out by one more refusal.
    local function whole(ms) return ms - ms % 1000 end
    local length = math.max(1000, whole(now - began) + whole(wait))
    if began + length > now then
      ends = began + length
    end
    set(c .. '.length', length)
  end
  set(c .. '.room', 0, c .. '.ends', ends)
end

-- learn takes what the Panel says about a window.
local function learn(c, overlapping)
  local room = get(c .. '.room', 0)
  if status == 429 then
    if remaining <= 0 then -- else another throttle refused
      used_up(c)
    end
  elseif probe or room == uncounted or remaining - overlapping > room then
    -- A new window. Within one, answers come out of order only as far as the
    -- requests overlap.
    local length = get(c .. '.length')
    set(c .. '.began', now, c .. '.room', remaining, c .. '.ends', length and now + length or 0)
  else
    set(c .. '.room', math.min(room, remaining))
  end
end

local overlapping = math.max(0, get(w .. '.sent', 0) - before - 1)
if redis.call('ZREM', leases, w .. ' ' .. id) == 1 then
  landed(w)
end
if limit >= 0 then
  learn(counted(), overlapping)
elseif not get(w .. '.limit') and status >= 200 and status < 300 then
  set(w .. '.room', uncounted) -- the Panel does not count
end
set('seen', now)
redis.call('EXPIRE', state, keep)
return {now}
