-- Make good what a bucket has lost, part by part; between the parts it is closed.
-- KEYS  the bucket's head, then the recipients' records
-- ARGV  ledger, after (not used), number, now, grace, step before this one, step after it (0:
--       open), then per record its counters: per counter 4 bytes mark, u32 end, u16 used
-- Answers "1".

local shut = cannot_restore(KEYS[1], ARGV[1], ARGV[3], ARGV[6], ARGV[7])
if shut then return refuse(shut) end
local now, grace = tonumber(ARGV[4]), tonumber(ARGV[5])

-- Nothing of what is there can be undone any more: what was never started never will be.
local function settle(record)
  for i = 1, #record.open, 4 do
    if record.open[i + 1] == 0 then free(record, i) end
  end
  record.open = {}
end

-- Leave out what was not counted again, such as caps that are gone, where there is no room for it.
local function make_room(counters, found)
  local kept, both = {}, 0
  for c = 1, #counters, 3 do
    if find(found, 3, counters[c]) then
      both = both + 1
      for i = c, c + 2 do kept[#kept + 1] = counters[i] end
    end
  end
  local fresh = (#found - 1) / 3 - both
  return #counters / 3 + fresh > 255 and kept or counters
end

-- Counters stay where they are more than what was counted.
local function raise(record, packed)
  local found = { struct.unpack('>' .. string.rep('c4I4H', #packed / 10), packed) }
  record.counters = make_room(record.counters, found)
  local counters = record.counters
  for c = 1, #found - 1, 3 do
    local i = find(counters, 3, found[c])
    if i then
      counters[i + 1] = math.max(counters[i + 1], found[c + 1])
      counters[i + 2] = math.max(counters[i + 2], found[c + 2])
    else
      i = #counters + 1
      if i > 763 then error('CROWDED a recipient has more than 255 counters') end
      counters[i], counters[i + 1], counters[i + 2] = found[c], found[c + 1], found[c + 2]
    end
  end
end

for i = 2, #KEYS do
  local record = decode(redis.call('GET', KEYS[i]))
  settle(record)
  tidy(record, now, grace)
  raise(record, ARGV[i + 6])
  store(KEYS[i], record, now, grace)
end
write_head(KEYS[1], ARGV[1], ARGV[3], ARGV[7])
return '1'
