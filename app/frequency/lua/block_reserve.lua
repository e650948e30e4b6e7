-- Take as much of an amount as all caps that bind have room for, from each of them the same.
-- KEYS  the bucket's head, the reservation, then a record each cap
-- ARGV  ledger, after, number, now, grace, reservation's mark, digest of the request, expiry,
--       seconds to remember the answer, amount, then per cap u8 flags (2: shadow), u8 parts, u8 the
--       part that is taken in, u32 limit, u32 by how much earlier ends are noted, then per part,
--       the oldest first, 6 bytes mark, u32 end
-- Answers u32 granted, then per cap u32 used before, u8 the part with whose end a full one has
-- room again, u32 how much of what is used other blocks have not started yet. A shadow cap gives what it has and stops nothing.

local now, grace = tonumber(ARGV[4]), tonumber(ARGV[5])
local mark, digest, expiry, amount = ARGV[6], ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[10])
local MOST_COUNTERS = 255

local shut = closed(KEYS[1], ARGV[1], ARGV[2], ARGV[3])
local known = redis.call('GET', KEYS[2])
if known and string.sub(known, 1, #digest) ~= digest then
  return redis.error_reply('CHANGED the reservation was made with other content')
end
if shut then return refuse(shut) end
if known then
  write_head(KEYS[1], ARGV[1], ARGV[3], 0)
  return string.sub(known, #digest + 1)
end

local function read_cap(packed)
  local flags, n, own, limit, early, at = struct.unpack('>BBBI4I4', packed)
  local cap = { shadow = flags >= 2, own = own, limit = limit, early = early, parts = {} }
  for p = 1, n do
    local name, ends
    name, ends, at = struct.unpack('>c6I4', packed, at)
    cap.parts[p] = { mark = name, ends = ends }
  end
  return cap
end

-- Return how much of a cap is used, and with which part's end a full one has room again.
local function add_up(record, cap)
  local used, found = 0, {}
  for p, part in ipairs(cap.parts) do
    local one = marked(record.counters, part.mark)
    found[p] = one and one.used or 0
    used = used + found[p]
  end
  local left = used
  for p = 1, #cap.parts do
    left = left - found[p]
    if left < cap.limit then return used, p end
  end
  return used, #cap.parts
end

local function take(record, cap, taken)
  local own = cap.parts[cap.own]
  local ends = own.ends - cap.early
  local one = marked(record.counters, own.mark)
  if one then
    one.used, one.ends = one.used + taken, math.max(one.ends, ends)
  else
    record.counters[#record.counters + 1] = { mark = own.mark, ends = ends, used = taken }
  end
  record.open[#record.open + 1] = { mark = mark, expiry = expiry, taken = taken, counter = own.mark }
end

-- Everything is read and decided before the first write, so that an error leaves nothing half done.
local granted, records, caps, rooms, answer = amount, {}, {}, {}, {}
local again = false
for i = 3, #KEYS do
  local record, cap = decode_block(redis.call('GET', KEYS[i])), read_cap(ARGV[i + 8])
  tidy_block(record, now, grace)
  local used, part = add_up(record, cap)
  local room = math.max(cap.limit - used, 0)
  local before = marked(record.open, mark)
  if before then
    -- Asked again when the answer was forgotten: nothing more is taken.
    again, room, used = true, before.taken, used - before.taken
  elseif #record.counters >= MOST_COUNTERS and not marked(record.counters, cap.parts[cap.own].mark) then
    room = 0
  end
  if not cap.shadow then granted = math.min(granted, room) end
  records[#records + 1], caps[#caps + 1], rooms[#rooms + 1] = record, cap, room
  local pending = 0
  for _, one in ipairs(record.open) do
    if one.mark ~= mark then pending = pending + one.taken end
  end
  answer[#answer + 1] = struct.pack('>I4BI4', math.min(used, 4294967295), part, pending)
end

if granted > 0 and not again then
  for i, record in ipairs(records) do take(record, caps[i], math.min(rooms[i], granted)) end
  for i, record in ipairs(records) do store_block(KEYS[i + 2], record, now, grace) end
end
local whole = struct.pack('>I4', granted) .. table.concat(answer)
redis.call('SET', KEYS[2], digest .. whole, 'EX', ARGV[9])
write_head(KEYS[1], ARGV[1], ARGV[3], 0)
return whole
