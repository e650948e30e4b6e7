-- A recipient's record and what all scripts do with it; put in front of every script.
--
-- Layout 1, big-endian:
--   header     u8 layout, u8 number of counters, u16 number of open slots
--   counter    6 bytes cap and window, u32 end of the window, u16 used
--   open slot  6 bytes reservation, u8 started, u32 expiry, u8 n, n times u8 number of a counter
-- Instants are whole seconds of the gateway's clock. A counter includes its open slots; an open
-- slot only remembers what to undo. So whatever gets lost leaves a slot used, never free.
--
-- In memory both are flat, since one struct call for a whole record is several times as fast as
-- one a field: counters = mark, end, used, mark, ...; open = mark, started, expiry, numbers, ...
-- with the numbers as a string of bytes. Counter n begins at index 3n - 2.

local LAYOUT = 1
local COUNTER, OPEN = 'c6I4H', 'c6BI4Bc0'

local function decode(value)
  if not value then return { counters = {}, open = {} } end
  local layout, n, m, at = struct.unpack('>BBH', value)
  if layout ~= LAYOUT then error('LAYOUT a record has layout ' .. layout) end
  local counters = { struct.unpack('>' .. string.rep(COUNTER, n), value, at) }
  at = table.remove(counters)
  local open = {}
  if m > 0 then
    open = { struct.unpack('>' .. string.rep(OPEN, m), value, at) }
    table.remove(open)
  end
  return { counters = counters, open = open }
end

local function encode(record)
  local counters, open = record.counters, record.open
  local n, m = #counters / 3, #open / 4
  local head = struct.pack('>BBH' .. string.rep(COUNTER, n), LAYOUT, n, m, unpack(counters))
  if m == 0 then return head end
  local fields = {}
  for i = 1, #open, 4 do
    local f = #fields
    fields[f + 1], fields[f + 2], fields[f + 3] = open[i], open[i + 1], open[i + 2]
    fields[f + 4], fields[f + 5] = #open[i + 3], open[i + 3]
  end
  return head .. struct.pack('>' .. string.rep(OPEN, m), unpack(fields))
end

-- Return the index at which an array of groups of `stride` fields has `mark`.
local function find(fields, stride, mark)
  for i = 1, #fields, stride do
    if fields[i] == mark then return i end
  end
end

local function cut(fields, at, stride)
  for _ = 1, stride do table.remove(fields, at) end
end

local function free(record, at)
  for _, n in ipairs({ string.byte(record.open[at + 3], 1, -1) }) do
    record.counters[3 * n] = math.max(record.counters[3 * n] - 1, 0)
  end
end

-- Forget windows that closed more than `grace` seconds ago, and slots that are in none any more.
local function drop_closed(record, now, grace)
  local moved, counters, old = {}, {}, record.counters
  for i = 1, #old, 3 do
    if old[i + 1] + grace > now then
      local c = #counters
      counters[c + 1], counters[c + 2], counters[c + 3] = old[i], old[i + 1], old[i + 2]
      moved[(i + 2) / 3] = string.char(c / 3 + 1)
    end
  end
  record.counters = counters
  for i = #record.open - 3, 1, -4 do
    local numbers, kept = record.open[i + 3], {}
    for _, n in ipairs({ string.byte(numbers, 1, -1) }) do kept[#kept + 1] = moved[n] end
    record.open[i + 3] = table.concat(kept)
    local over = record.open[i + 2] + grace <= now
    if #kept == 0 and (#numbers > 0 or over) then cut(record.open, i, 4) end
  end
end

-- Free slots that expired before they were started; forget what is long over.
local function tidy(record, now, grace)
  local open, counters, closed = record.open, record.counters, false
  for i = #open - 3, 1, -4 do
    if open[i + 1] == 0 and open[i + 2] <= now then
      free(record, i)
      cut(open, i, 4)
    elseif open[i + 2] + grace <= now then
      closed = true
    end
  end
  for i = 2, #counters, 3 do
    if counters[i] + grace <= now then closed = true end
  end
  if closed then drop_closed(record, now, grace) end
end

-- The server's own expiry only sweeps up: it is the last window's end plus the grace, as long
-- from now as our clock says, and no hit moves it. Decisions never rely on it.
local function store(key, record, now, grace)
  local last = 0
  for i = 2, #record.counters, 3 do last = math.max(last, record.counters[i]) end
  for i = 3, #record.open, 4 do last = math.max(last, record.open[i]) end
  local seconds = last + grace - now
  if seconds > 0 then
    redis.call('SET', key, encode(record), 'EX', seconds)
  else
    redis.call('DEL', key)
  end
end

-- Apply change(record, index) to the open slot `mark` of each record; answer a 1 or a 0 each.
local function change_open(keys, now, grace, mark, change)
  local values = redis.call('MGET', unpack(keys))
  local records, answer = {}, {}
  for i = 1, #keys do
    local record = decode(values[i])
    local at = find(record.open, 4, mark)
    if at and change(record, at) then
      tidy(record, now, grace)
      records[i] = record
    end
    answer[i] = records[i] and '1' or '0'
  end
  for i = 1, #keys do
    if records[i] then store(keys[i], records[i], now, grace) end
  end
  return table.concat(answer)
end
