-- Tells what is known, without changing it. Returns JSON: a list of the windows,
-- each with its limit and room (-1 where unknown, or not counted), what is in
-- flight, the milliseconds to its end (0 if unknown) and its operations.

local windows = {}
local highest = get('windows', 0)
for w = 0, highest do
  local limit = get(w .. '.limit', -1)
  if limit >= 0 or highest == 0 and redis.call('EXISTS', state) == 1 then
    local room = get(w .. '.room', first_burst)
    local left = math.max(0, get(w .. '.ends', 0) - now)
    if get(w .. '.ends', 0) > 0 and left == 0 then
      room = limit -- a new window
    end
    windows[#windows + 1] = {
      limit = limit, room = room >= uncounted and -1 or room, flight = get(w .. '.flight', 0), left = left, operations = {},
      window = tostring(w),
    }
  end
end
local all = redis.call('HGETALL', state)
for i = 1, #all, 2 do
  local operation = string.match(all[i], '^operation (.*)$')
  for _, window in ipairs(windows) do
    if operation and all[i + 1] == window.window then
      table.insert(window.operations, operation)
    end
  end
end
for _, window in ipairs(windows) do
  if #window.operations == 0 then
    window.operations = nil
  end
end
if #windows == 0 then
  return '[]'
end
return cjson.encode(windows)
