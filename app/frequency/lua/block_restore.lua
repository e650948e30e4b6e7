-- Make good what a bucket of blocks has lost, part by part; between the parts it is closed.
-- KEYS  the bucket's head, then records
-- ARGV  ledger, after (not used), number, now, grace, step before this one, step after it (0:
--       open), then per record its counters: per counter 6 bytes mark, u32 end, u32 used
-- Answers "1".

local shut = cannot_restore(KEYS[1], ARGV[1], ARGV[3], ARGV[6], ARGV[7])
if shut then return refuse(shut) end
local now, grace = tonumber(ARGV[4]), tonumber(ARGV[5])

for i = 2, #KEYS do
  local record, packed, at = decode_block(redis.call('GET', KEYS[i])), ARGV[i + 6], 1
  -- Nothing of what is there can be undone any more: what was never started never will be.
  for _, one in ipairs(record.open) do lower(record, one.counter, one.taken) end
  record.open, record.epoch = {}, tonumber(ARGV[3]) % 4294967296
  tidy_block(record, now, grace)
  while at <= #packed do
    local mark, ends, used
    mark, ends, used, at = struct.unpack('>c6I4I4', packed, at)
    local one = marked(record.counters, mark)
    if one then
      -- Counters stay where they are more than what was counted.
      one.ends, one.used = math.max(one.ends, ends), math.max(one.used, used)
    else
      if #record.counters >= 255 then error('CROWDED a cap has more than 255 counters') end
      record.counters[#record.counters + 1] = { mark = mark, ends = ends, used = used }
    end
  end
  store_block(KEYS[i], record, now, grace)
end
write_head(KEYS[1], ARGV[1], ARGV[3], ARGV[7])
return '1'
