-- Take one slot under all caps of each recipient, or none of that recipient's.
-- KEYS  the bucket's head, the reservation, then the recipients' records
-- ARGV  ledger, after, number, now, grace, reservation's mark, digest of the request, deadline,
--       seconds to remember the answer, number of each recipient's group (a byte each), then the
--       groups: per cap 6 bytes mark, u32 end, u16 limit
-- Answers per recipient u8 number of the full cap (0: granted), u16 used.

local now, grace = tonumber(ARGV[4]), tonumber(ARGV[5])
local mark, digest, deadline = ARGV[6], ARGV[7], tonumber(ARGV[8])

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

-- Like a record's counters: mark, end, limit, mark, ...
local function read_caps(packed)
  local caps = { struct.unpack('>' .. string.rep(COUNTER, #packed / 12), packed) }
  table.remove(caps)
  return caps
end

-- Return the number of the full cap that opens last, if any is full, and how much of it is used;
-- put the index of each cap's counter into `at`.
local function find_full(counters, caps, at)
  local full, full_used, last
  for c = 1, #caps, 3 do
    -- Mostly the counters stand in the order of the caps.
    local i = counters[c] == caps[c] and c or find(counters, 3, caps[c])
    local used = i and counters[i + 2] or 0
    at[#at + 1] = i or 0
    if used >= caps[c + 2] and (not full or caps[c + 1] > last) then
      full, full_used, last = (c + 2) / 3, used, caps[c + 1]
    end
  end
  return full, full_used
end

local function take(record, caps, at)
  local counters, open, numbers = record.counters, record.open, {}
  for n, i in ipairs(at) do
    local c = 3 * n - 2
    if i == 0 then
      i = #counters + 1
      if i > 763 then error('CROWDED a recipient has more than 255 counters') end
      counters[i], counters[i + 1], counters[i + 2] = caps[c], caps[c + 1], 1
    else
      counters[i + 2] = counters[i + 2] + 1
      counters[i + 1] = math.max(counters[i + 1], caps[c + 1])
    end
    numbers[n] = string.char((i + 2) / 3)
  end
  local o = #open
  open[o + 1], open[o + 2], open[o + 3], open[o + 4] = mark, 0, deadline, table.concat(numbers)
end

local groups = {}
for g = 11, #ARGV do groups[#groups + 1] = read_caps(ARGV[g]) end

-- Everything is read and decided before the first write, so that an error leaves nothing half done.
local GRANTED = struct.pack('>BH', 0, 0)
local values = redis.call('MGET', unpack(KEYS, 3))
local records, answer = {}, {}
for i = 1, #values do
  local record, at = decode(values[i]), {}
  tidy(record, now, grace)
  answer[i] = GRANTED
  if not find(record.open, 4, mark) then
    local caps = groups[string.byte(ARGV[10], i)]
    local full, used = find_full(record.counters, caps, at)
    if full then
      answer[i] = struct.pack('>BH', full, used)
    else
      take(record, caps, at)
      records[i] = record
    end
  end
end

for i = 1, #values do
  if records[i] then store(KEYS[i + 2], records[i], now, grace) end
end
local whole = table.concat(answer)
redis.call('SET', KEYS[2], digest .. whole, 'EX', ARGV[9])
write_head(KEYS[1], ARGV[1], ARGV[3], 0)
return whole
