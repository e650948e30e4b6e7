-- A recipient's record and what all scripts do with it; put in front of every script.
--
-- Layout 2, big-endian:
--   header     u8 layout, u8 number of counters, u16 number of open slots
--   shape      u8 k, k times u32 end of windows, per counter 4 bytes cap and window, u8 its end
--   used       per counter u16
--   open slot  6 bytes reservation, u8 started, u32 expiry, u8 n, n times u8 number of a counter;
--              n from 128 on: those are the first n - 128 counters in their order, and not named
-- Layout 1 had per counter 6 bytes cap and window, u32 end, u16 used, and named every number; it is
-- still read. Instants are whole seconds of the gateway's clock. A counter includes its open slots;
-- an open slot only remembers what to undo. So whatever gets lost leaves a slot used, never free.
--
-- Recipients of one campaign mostly have the same shape, and the same open slots: scripts work out
-- once a call what follows from either, and then only copy bytes and add to numbers.
--
-- In memory both are flat, since one struct call for a whole record is several times as fast as
-- one a field: counters = mark, end, used, mark, ...; open = mark, started, expiry, numbers, ...
-- with the numbers as a string of bytes. Counter n begins at index 3n - 2.

local LAYOUT = 2
local OPEN, UNNAMED = '>c6BI4B', 128
local HEADER, PER_END, PER_PLACE, PER_USED = 4, 4, 5, 2

-- Formats by how many there are of something: making them costs more than using them.
local function repeated(format)
  return setmetatable({}, { __index = function(made, n)
    made[n] = '>' .. string.rep(format, n)
    return made[n]
  end })
end
local ENDS, PLACES, COUNTS, FORMER = repeated('I4'), repeated('c4B'), repeated('H'), repeated('c6I4H')

-- Return how long the shape of a record of n counters is.
local function shape_length(value, n)
  return 1 + PER_END * string.byte(value, HEADER + 1) + PER_PLACE * n
end

-- Return the marks and ends of a shape's n counters: mark, end, mark, end, ...
local function decode_shape(shape, n)
  local k = string.byte(shape)
  local ends = { struct.unpack(ENDS[k], shape, 2) }
  local places = { struct.unpack(PLACES[n], shape, ends[k + 1]) }
  places[2 * n + 1] = nil
  for i = 2, 2 * n, 2 do places[i] = ends[places[i]] end
  return places
end

local function encode_shape(places)
  local ends, numbers, fields = {}, {}, {}
  for i = 1, #places, 2 do
    local one = places[i + 1]
    if not numbers[one] then
      ends[#ends + 1] = one
      numbers[one] = #ends
    end
    fields[i], fields[i + 1] = places[i], numbers[one]
  end
  local shape = string.char(#ends) .. struct.pack(ENDS[#ends], unpack(ends))
  return shape .. struct.pack(PLACES[#fields / 2], unpack(fields))
end

-- The numbers of the first so many counters as a string of bytes.
local FIRST = setmetatable({ [0] = '' }, { __index = function(made, n)
  made[n] = made[n - 1] .. string.char(n)
  return made[n]
end })

local function decode_open(value, m, at)
  local open, n = {}, 0
  for i = 1, 4 * m, 4 do
    open[i], open[i + 1], open[i + 2], n, at = struct.unpack(OPEN, value, at)
    if n >= UNNAMED then
      open[i + 3] = FIRST[n - UNNAMED]
    else
      open[i + 3], at = string.sub(value, at, at + n - 1), at + n
    end
  end
  return open
end

local function pack_open(mark, started, expiry, numbers)
  local n = #numbers
  if numbers == FIRST[n] then return struct.pack(OPEN, mark, started, expiry, UNNAMED + n) end
  return struct.pack(OPEN, mark, started, expiry, n) .. numbers
end

local function decode(value)
  if not value then return { counters = {}, open = {} } end
  local layout, n, m, at = struct.unpack('>BBH', value)
  if layout == 1 then
    local counters = { struct.unpack(FORMER[n], value, at) }
    at = table.remove(counters)
    for i = 1, #counters, 3 do counters[i] = string.sub(counters[i], 1, 4) end
    return { counters = counters, open = decode_open(value, m, at) }
  end
  if layout ~= LAYOUT then error('LAYOUT a record has layout ' .. layout) end
  local after = at + shape_length(value, n)
  local places = decode_shape(string.sub(value, at, after - 1), n)
  local used, counters = { struct.unpack(COUNTS[n], value, after) }, {}
  for c = 1, n do
    local i = 3 * c - 2
    counters[i], counters[i + 1], counters[i + 2] = places[2 * c - 1], places[2 * c], used[c]
  end
  return { counters = counters, open = decode_open(value, m, used[n + 1]) }
end

local function encode_open(open)
  local slots = {}
  for i = 1, #open, 4 do
    slots[#slots + 1] = pack_open(open[i], open[i + 1], open[i + 2], open[i + 3])
  end
  return table.concat(slots)
end

local function encode(record)
  local counters, places, used = record.counters, {}, {}
  for i = 1, #counters, 3 do
    places[#places + 1], places[#places + 2] = counters[i], counters[i + 1]
    used[#used + 1] = counters[i + 2]
  end
  local n, m = #used, #record.open / 4
  local head = struct.pack('>BBH', LAYOUT, n, m) .. encode_shape(places)
  return head .. struct.pack(COUNTS[n], unpack(used)) .. encode_open(record.open)
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

-- Return the header of a record of n counters and m open slots.
local function header(n, m)
  return string.char(LAYOUT, n, math.floor(m / 256), m % 256)
end

-- Apply change(open, index) to the open slot `mark`, where that leaves the counters and when the
-- record ends as they are: only the bytes of the open slots change. Answer a 1 or a 0 each.
local function change_slots(keys, mark, change)
  local values = redis.call('MGET', unpack(keys))
  local answer, tails, made = {}, {}, {}
  for i = 1, #keys do
    local value = values[i]
    answer[i] = '0'
    if value then
      local layout, n, high, low = string.byte(value, 1, HEADER)
      if layout ~= LAYOUT then value = encode(decode(value)) end
      local front = HEADER + shape_length(value, n) + PER_USED * n
      local tail = string.sub(value, front + 1)
      local changed = tails[tail]
      if changed == nil then
        local open = decode_open(tail, 256 * high + low, 1)
        local at = find(open, 4, mark)
        changed = at and change(open, at) and { encode_open(open), #open / 4 } or false
        tails[tail] = changed
      end
      if changed then
        answer[i] = '1'
        local counters = string.sub(value, HEADER + 1, front)
        made[i] = header(n, changed[2]) .. counters .. changed[1]
      end
    end
  end
  for i = 1, #keys do
    if made[i] and #made[i] == HEADER + 1 then
      redis.call('DEL', keys[i])
    elseif made[i] then
      redis.call('SET', keys[i], made[i], 'KEEPTTL')
    end
  end
  return table.concat(answer)
end
