-- A recipient's record and what all scripts do with it; put in front of every script.
--
-- Layout 1, big-endian:
--   header     u8 layout, u8 number of counters, u16 number of open slots
--   counter    6 bytes cap and window, u32 end of the window, u16 used
--   open slot  6 bytes reservation, u8 started, u32 expiry, u8 n, n times u8 counter
-- Instants are whole seconds of the gateway's clock. A counter includes its open slots; an open
-- slot only remembers what to undo. So whatever gets lost leaves a slot used, never free.

local LAYOUT = 1

local function decode(value)
  local record = { marks = {}, ends = {}, used = {}, open = {} }
  if not value then return record end
  local layout, counters, open, at = struct.unpack('>BBH', value)
  if layout ~= LAYOUT then error('LAYOUT a record has layout ' .. layout) end
  for i = 1, counters do
    record.marks[i], record.ends[i], record.used[i], at = struct.unpack('>c6I4H', value, at)
  end
  for i = 1, open do
    local slot, n = { at = {} }, 0
    slot.mark, slot.started, slot.expiry, n, at = struct.unpack('>c6BI4B', value, at)
    for k = 1, n do slot.at[k] = string.byte(value, at + k - 1) end
    at = at + n
    record.open[i] = slot
  end
  return record
end

local function encode(record)
  local parts = { struct.pack('>BBH', LAYOUT, #record.marks, #record.open) }
  for i = 1, #record.marks do
    parts[#parts + 1] = struct.pack('>c6I4H', record.marks[i], record.ends[i], record.used[i])
  end
  for _, slot in ipairs(record.open) do
    parts[#parts + 1] = struct.pack('>c6BI4B', slot.mark, slot.started, slot.expiry, #slot.at)
    parts[#parts + 1] = string.char(unpack(slot.at))
  end
  return table.concat(parts)
end

local function position(marks, mark)
  for i = 1, #marks do
    if marks[i] == mark then return i end
  end
end

local function find_open(record, mark)
  for i, slot in ipairs(record.open) do
    if slot.mark == mark then return slot, i end
  end
end

local function free(record, slot)
  for _, i in ipairs(slot.at) do
    record.used[i] = math.max(record.used[i] - 1, 0)
  end
end

-- Forget windows that closed more than `grace` seconds ago, and slots that are in none any more.
local function drop_closed(record, now, grace)
  local moved, marks, ends, used = {}, {}, {}, {}
  for i = 1, #record.marks do
    if record.ends[i] + grace > now then
      moved[i] = #marks + 1
      marks[moved[i]], ends[moved[i]], used[moved[i]] = record.marks[i], record.ends[i], record.used[i]
    end
  end
  record.marks, record.ends, record.used = marks, ends, used
  local open = {}
  for _, slot in ipairs(record.open) do
    local at = {}
    for _, i in ipairs(slot.at) do at[#at + 1] = moved[i] end
    if #at > 0 or (#slot.at == 0 and slot.expiry + grace > now) then
      slot.at = at
      open[#open + 1] = slot
    end
  end
  record.open = open
end

-- Free slots that expired before they were started; forget what is long over.
local function tidy(record, now, grace)
  local kept, closed = {}, false
  for _, slot in ipairs(record.open) do
    if slot.started == 0 and slot.expiry <= now then
      free(record, slot)
    else
      kept[#kept + 1] = slot
      closed = closed or slot.expiry + grace <= now
    end
  end
  record.open = kept
  for i = 1, #record.ends do
    closed = closed or record.ends[i] + grace <= now
  end
  if closed then drop_closed(record, now, grace) end
end

-- The server's own expiry only sweeps up: it is the last window's end plus the grace, as long
-- from now as our clock says, and no hit moves it. Decisions never rely on it.
local function store(key, record, now, grace)
  local last = 0
  for i = 1, #record.ends do last = math.max(last, record.ends[i]) end
  for _, slot in ipairs(record.open) do last = math.max(last, slot.expiry) end
  local seconds = last + grace - now
  if seconds > 0 and (#record.marks > 0 or #record.open > 0) then
    redis.call('SET', key, encode(record), 'EX', string.format('%d', seconds))
  else
    redis.call('DEL', key)
  end
end

-- Apply change(record, slot, index) to the open slot `mark` of each record; answer a 1 or a 0 each.
local function change_open(keys, now, grace, mark, change)
  local values = redis.call('MGET', unpack(keys))
  local records, answer = {}, {}
  for i = 1, #keys do
    local record = decode(values[i])
    local slot, index = find_open(record, mark)
    if slot and change(record, slot, index) then
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
