-- Take one slot under all caps of each recipient, or none of that recipient's.
-- KEYS  the bucket's head, the reservation, then the recipients' records
-- ARGV  ledger, after, number, now, grace, reservation's mark, digest of the request, deadline,
--       seconds to remember the answer, number of each recipient's group (a byte each), what is
--       freed first (empty, or for each recipient u8 marks of counters, 4 bytes each), then the
--       groups: per cap u8 flags (1: drops, 2: shadow, 4: replaces), u8 parts, u8 the part that
--       slots are taken in, u16 limit, u32 by how much earlier ends are noted, then per part, the oldest first,
--       4 bytes mark, u32 end
-- Answers per recipient u8 number of the cap that has no room (0: granted), u16 used, u8 the part
-- with whose end it has some again, u8 how many shadow caps were full, and a byte each for those.

local now, grace = tonumber(ARGV[4]), tonumber(ARGV[5])
local mark, digest, deadline = ARGV[6], ARGV[7], tonumber(ARGV[8])
local MOST_COUNTERS = 255

local shut = closed(KEYS[1], ARGV[1], ARGV[2], ARGV[3])
local known = redis.call('GET', KEYS[2])
if known and string.sub(known, 1, #digest) ~= digest then
  return redis.error_reply('CHANGED the reservation was made with other content')
end
if shut then return refuse(shut) end
-- What is granted and nothing else to say, five bytes; where it is all, no answer is remembered.
local GRANTED = struct.pack('>BHBB', 0, 0, 0, 0)
if known then
  write_head(KEYS[1], ARGV[1], ARGV[3], 0)
  return #known > #digest and string.sub(known, #digest + 1) or string.rep(GRANTED, #KEYS - 2)
end

-- A cap's parts are flat: mark, end, mark, end, ...
local function read_caps(packed)
  local caps, at = {}, 1
  while at <= #packed do
    local flags, n, own, limit, early, parts
    flags, n, own, limit, early, at = struct.unpack('>BBBHI4', packed, at)
    parts = { struct.unpack('>' .. string.rep('c4I4', n), packed, at) }
    at = table.remove(parts)
    -- What each recipient needs is worked out once a cap.
    caps[#caps + 1] = {
      rank = flags % 2 == 1 and 2 or (flags < 4 and 1 or 0), shadow = flags % 4 >= 2, own = own, limit = limit, parts = parts,
      mark = n == 1 and parts[1], takes = parts[2 * own - 1], ends = parts[2 * own] - early,
    }
  end
  return caps
end

-- Where the counters stand, by mark; made only for records that need it.
local function places_of(counters)
  local places = {}
  for i = 1, #counters, 3 do places[counters[i]] = i end
  return places
end

-- Return how much of a rolling span is used, and the index of the counter of its open part.
local function add_up(counters, cap, places)
  local used, parts = 0, cap.parts
  for p = 1, #parts, 2 do
    local i = places[parts[p]]
    if i then used = used + counters[i + 2] end
  end
  return used, places[cap.takes]
end

-- Return with which part's end a full cap has room again, and that end.
local function frees(counters, cap, used, places)
  local parts = cap.parts
  if cap.mark then return 1, parts[2] end
  for p = 1, #parts, 2 do
    local i = places[parts[p]]
    if i then used = used - counters[i + 2] end
    if used < cap.limit then return (p + 1) / 2, parts[p + 1] end
  end
  return #parts / 2, parts[#parts]
end

-- Of two caps without room one that drops is named, before one that defers, before one that
-- replaces, and then the one that has room last.
local function is_worse(cap, ends, than)
  if not than then return true end
  if cap.rank ~= than.rank then return cap.rank > than.rank end
  return ends > than.ends
end

-- Return what stands in the way of a slot under all caps, if anything does. Put the index of each
-- cap's counter into `at` (0: it has none yet, -1: none is wanted); return full shadow caps too.
local function examine(counters, caps, at)
  local worst, places, shadows, fresh = nil, nil, nil, 0
  for c = 1, #caps do
    local cap, used, i = caps[c], 0, nil
    local mark = cap.mark
    if mark then
      -- Mostly the counters stand in the order of the caps.
      local guess = 3 * c - 2
      i = counters[guess] == mark and guess or find(counters, 3, mark)
      used = i and counters[i + 2] or 0
    else
      places = places or places_of(counters)
      used, i = add_up(counters, cap, places)
    end
    at[c] = i or 0
    if used >= cap.limit then
      if cap.shadow then
        shadows, at[c] = (shadows or '') .. string.char(c), -1
      else
        local part, ends = frees(counters, cap, used, places)
        if is_worse(cap, ends, worst) then
          worst = { number = c, used = used, part = part, ends = ends, rank = cap.rank }
        end
      end
    end
    if at[c] == 0 then fresh = fresh + 1 end
  end
  if not worst and #counters / 3 + fresh > MOST_COUNTERS then
    for c = 1, #caps do
      -- Towards fewer: a slot that cannot be noted is none.
      if at[c] == 0 then return { number = c, used = 0, part = caps[c].own } end
    end
  end
  return worst, shadows
end

local function take(record, caps, at)
  local counters, open, numbers = record.counters, record.open, {}
  for c = 1, #at do
    local cap, i = caps[c], at[c]
    if i >= 0 then
      if i == 0 then
        i = #counters + 1
        counters[i], counters[i + 1], counters[i + 2] = cap.takes, cap.ends, 1
      else
        counters[i + 2] = counters[i + 2] + 1
        if counters[i + 1] < cap.ends then counters[i + 1] = cap.ends end
      end
      numbers[#numbers + 1] = string.char((i + 2) / 3)
    end
  end
  local o = #open
  open[o + 1], open[o + 2], open[o + 3], open[o + 4] = mark, 0, deadline, table.concat(numbers)
end

-- Free one slot in each counter that is named for the next recipient; tell whether any was.
local freed, freed_at = ARGV[11], 1
local function free_first(counters)
  if freed == '' then return false end
  local n = string.byte(freed, freed_at)
  freed_at = freed_at + 1
  for _ = 1, n do
    local i = find(counters, 3, string.sub(freed, freed_at, freed_at + 3))
    if i then counters[i + 2] = math.max(counters[i + 2] - 1, 0) end
    freed_at = freed_at + 4
  end
  return n > 0
end

local groups = {}
for g = 12, #ARGV do groups[#groups + 1] = read_caps(ARGV[g]) end

-- What follows from the shape of a record for a slot under a group's caps: `counts` has for each
-- cap the numbers of the counters that are its use, `raised` those that go up, `after` the shape
-- and `took` the open slot that a granted one leaves. False for a shape that has to be looked at
-- field by field, because a window in it is over or it has no room for another.
local function plan_for(caps, shape, n)
  local fields, places, last = decode_shape(shape, n), {}, 0
  for c = 1, n do
    local ends = fields[2 * c]
    if ends + grace <= now then return false end
    places[fields[2 * c - 1]], last = c, math.max(last, ends)
  end
  local before, counts, raised, size = last, {}, {}, n
  for c = 1, #caps do
    local cap, found = caps[c], {}
    for p = 1, #cap.parts, 2 do
      local place = places[cap.parts[p]]
      if place and place <= n then found[#found + 1] = place end
    end
    local own = places[cap.takes]
    if not own then
      size = size + 1
      own, fields[2 * size - 1], fields[2 * size] = size, cap.takes, 0
      places[cap.takes] = own
    end
    fields[2 * own] = math.max(fields[2 * own], cap.ends)
    last = math.max(last, cap.ends)
    counts[c], raised[c] = found, own
  end
  if size > MOST_COUNTERS then return false end
  return {
    counts = counts, raised = raised, size = size, before = before, last = last,
    after = encode_shape(fields),
    took = pack_open(mark, 0, deadline, string.char(unpack(raised))),
  }
end

-- What follows from the bytes of open slots: until when the last of them matters. False where one
-- is this reservation's, or is over, so that the record has to be looked at field by field.
local function judge_open(tail, m)
  local open, last = decode_open(tail, m, 1), 0
  for i = 1, #open, 4 do
    local expiry = open[i + 2]
    if open[i] == mark or expiry + grace <= now or (open[i + 1] == 0 and expiry <= now) then
      return false
    end
    last = math.max(last, expiry)
  end
  return last
end

-- Return a record with a slot more under all caps and in how many seconds it ends, nil for those
-- that stay; nothing where there is no room under some cap, or more than bytes have to change.
local plans, tails, EMPTY = {}, {}, encode_shape({})
for g = 1, #groups do plans[g] = {} end
local function quickly(value, g)
  local layout, n, m, shape, tail, front = LAYOUT, 0, 0, EMPTY, '', 0
  if value then
    local high, low
    layout, n, high, low = string.byte(value, 1, HEADER)
    m = 256 * high + low
    if layout ~= LAYOUT or m == 65535 then return end
    front = HEADER + shape_length(value, n)
    shape = string.sub(value, HEADER + 1, front)
    tail = string.sub(value, front + PER_USED * n + 1)
  end
  local plan, ends = plans[g][shape], tails[tail]
  if plan == nil then
    plan = plan_for(groups[g], shape, n)
    plans[g][shape] = plan
  end
  if ends == nil then
    ends = judge_open(tail, m)
    tails[tail] = ends
  end
  if not plan or not ends then return end
  local used = {}
  if n > 0 then used = { struct.unpack(COUNTS[n], value, front + 1) } end
  for c = n + 1, plan.size do used[c] = 0 end
  local caps, counts, raised = groups[g], plan.counts, plan.raised
  for c = 1, #caps do
    local found, sum = counts[c], 0
    for p = 1, #found do sum = sum + used[found[p]] end
    if sum >= caps[c].limit then return end
  end
  for c = 1, #caps do used[raised[c]] = used[raised[c]] + 1 end
  local made = header(plan.size, m + 1) .. plan.after
    .. struct.pack(COUNTS[plan.size], unpack(used, 1, plan.size)) .. tail .. plan.took
  local last = math.max(plan.last, ends, deadline)
  local stays = value and math.max(plan.before, ends) == last
  return made, not stays and last + grace - now or nil
end

-- Everything is read and decided before the first write, so that an error leaves nothing half done.
local values = redis.call('MGET', unpack(KEYS, 3))
local records, made, seconds, answer = {}, {}, {}, {}
for i = 1, #values do
  local g = string.byte(ARGV[10], i)
  answer[i] = GRANTED
  if freed == '' then made[i], seconds[i] = quickly(values[i], g) end
  if not made[i] then
    local record, at = decode(values[i]), {}
    tidy(record, now, grace)
    local is_known = find(record.open, 4, mark)
    if free_first(is_known and {} or record.counters) then records[i] = record end
    if not is_known then
      local caps = groups[g]
      local worst, shadows = examine(record.counters, caps, at)
      if worst then
        answer[i] = struct.pack('>BHBB', worst.number, math.min(worst.used, 65535), worst.part, 0)
      else
        take(record, caps, at)
        records[i] = record
        if shadows then answer[i] = struct.pack('>BHBB', 0, 0, 0, #shadows) .. shadows end
      end
    end
  end
end

for i = 1, #values do
  if seconds[i] then
    redis.call('SET', KEYS[i + 2], made[i], 'EX', seconds[i])
  elseif made[i] then
    redis.call('SET', KEYS[i + 2], made[i], 'KEEPTTL')
  elseif records[i] then
    store(KEYS[i + 2], records[i], now, grace)
  end
end
local whole = table.concat(answer)
local is_all = whole == string.rep(GRANTED, #values)
redis.call('SET', KEYS[2], is_all and digest or digest .. whole, 'EX', ARGV[9])
write_head(KEYS[1], ARGV[1], ARGV[3], 0)
return whole
