-- Take one slot under all caps of each recipient, or none of that recipient's.
-- KEYS  the reservation, then the recipients' records
-- ARGV  now, grace, reservation's mark, digest of the request, deadline, seconds to remember the
--       answer, number of each recipient's group (a byte each), then the groups:
--       per cap 6 bytes mark, u32 end, u16 limit
-- Answers per recipient u8 number of the full cap (0: granted), u16 used.

local now, grace = tonumber(ARGV[1]), tonumber(ARGV[2])
local mark, digest, deadline = ARGV[3], ARGV[4], tonumber(ARGV[5])

local known = redis.call('GET', KEYS[1])
if known then
  if string.sub(known, 1, #digest) ~= digest then
    return redis.error_reply('CHANGED the reservation was made with other content')
  end
  return string.sub(known, #digest + 1)
end

local function read_caps(packed)
  local caps, at = {}, 1
  while at <= #packed do
    local cap = {}
    cap.mark, cap.ends, cap.limit, at = struct.unpack('>c6I4H', packed, at)
    caps[#caps + 1] = cap
  end
  return caps
end

-- Of several full caps name the one that opens last.
local function find_full(record, caps, at)
  local full
  for c, cap in ipairs(caps) do
    at[c] = position(record.marks, cap.mark) or 0
    if (record.used[at[c]] or 0) >= cap.limit and (not full or cap.ends > caps[full].ends) then
      full = c
    end
  end
  return full
end

local function take(record, caps, at)
  for c, cap in ipairs(caps) do
    local i = at[c]
    if i == 0 then
      i = #record.marks + 1
      if i > 255 then error('CROWDED a recipient has more than 255 counters') end
      record.marks[i], record.ends[i], record.used[i] = cap.mark, cap.ends, 0
      at[c] = i
    end
    record.used[i] = record.used[i] + 1
    record.ends[i] = math.max(record.ends[i], cap.ends)
  end
  record.open[#record.open + 1] = { mark = mark, started = 0, expiry = deadline, at = at }
end

local groups = {}
for g = 8, #ARGV do groups[#groups + 1] = read_caps(ARGV[g]) end

-- Everything is read and decided before the first write, so that an error leaves nothing half done.
local values = redis.call('MGET', unpack(KEYS, 2))
local records, answer = {}, {}
for i = 1, #values do
  local record, at = decode(values[i]), {}
  tidy(record, now, grace)
  local caps = groups[string.byte(ARGV[7], i)]
  if find_open(record, mark) then
    answer[i] = struct.pack('>BH', 0, 0)
  else
    local full = find_full(record, caps, at)
    if full then
      answer[i] = struct.pack('>BH', full, record.used[at[full]] or 0)
    else
      take(record, caps, at)
      records[i] = record
      answer[i] = struct.pack('>BH', 0, 0)
    end
  end
end

for i = 1, #values do
  if records[i] then store(KEYS[i + 1], records[i], now, grace) end
end
local whole = table.concat(answer)
redis.call('SET', KEYS[1], digest .. whole, 'EX', ARGV[6])
return whole
