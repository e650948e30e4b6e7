-- A block record: how much of one cap all recipients of one subject have used together.
--
--   header      u8 layout, u8 number of counters, u16 number of open blocks, u32 number of the
--               last restoring
--   counter     6 bytes cap and window, u32 end of the window, u32 used
--   open block  6 bytes reservation, u32 expiry, u32 taken, 6 bytes mark of its counter
--
-- As with recipients' records, a counter includes what its open blocks have taken, and an open
-- block only remembers what to undo. A block that was started leaves the record for a key of its
-- own, so that the record does not grow with those that nobody ever hears of again.

local BLOCK_LAYOUT = 2

local function decode_block(value)
  local record = { epoch = 0, counters = {}, open = {} }
  if not value then return record end
  local layout, n, m, epoch, at = struct.unpack('>BBHI4', value)
  if layout ~= BLOCK_LAYOUT then error('LAYOUT a block record has layout ' .. layout) end
  record.epoch = epoch
  for i = 1, n do
    local mark, ends, used
    mark, ends, used, at = struct.unpack('>c6I4I4', value, at)
    record.counters[i] = { mark = mark, ends = ends, used = used }
  end
  for i = 1, m do
    local mark, expiry, taken, counter
    mark, expiry, taken, counter, at = struct.unpack('>c6I4I4c6', value, at)
    record.open[i] = { mark = mark, expiry = expiry, taken = taken, counter = counter }
  end
  return record
end

local function encode_block(record)
  local parts = {
    struct.pack('>BBHI4', BLOCK_LAYOUT, #record.counters, #record.open, record.epoch),
  }
  for _, one in ipairs(record.counters) do
    parts[#parts + 1] = struct.pack('>c6I4I4', one.mark, one.ends, one.used)
  end
  for _, one in ipairs(record.open) do
    parts[#parts + 1] = struct.pack('>c6I4I4c6', one.mark, one.expiry, one.taken, one.counter)
  end
  return table.concat(parts)
end

-- Return the counter or the open block of a list that has `mark`, and its place.
local function marked(list, mark)
  for i, one in ipairs(list) do
    if one.mark == mark then return one, i end
  end
end

local function lower(record, counter, by)
  local found = marked(record.counters, counter)
  if found then found.used = math.max(found.used - by, 0) end
end

-- Free what expired before it was started; forget windows that are long over.
local function tidy_block(record, now, grace)
  for i = #record.open, 1, -1 do
    local one = record.open[i]
    if one.expiry <= now then
      lower(record, one.counter, one.taken)
      table.remove(record.open, i)
    end
  end
  for i = #record.counters, 1, -1 do
    if record.counters[i].ends + grace <= now then table.remove(record.counters, i) end
  end
end

-- The end of the last window, for the server's own expiry, which only sweeps up.
local function last_end(record)
  local last = 0
  for _, one in ipairs(record.counters) do last = math.max(last, one.ends) end
  for _, one in ipairs(record.open) do last = math.max(last, one.expiry) end
  return last
end

local function store_block(key, record, now, grace)
  local seconds = last_end(record) + grace - now
  if seconds > 0 then
    redis.call('SET', key, encode_block(record), 'EX', seconds)
  else
    redis.call('DEL', key)
  end
end
