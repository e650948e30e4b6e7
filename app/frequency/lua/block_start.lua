-- Say how much of a block is about to be used, so that it never expires, and free the rest.
-- KEYS  the started block, then the records of its caps
-- ARGV  now, grace, reservation's mark, how much is used
-- Answers 1, or 0 for a block that expired or was lost: then nothing of it may be used.
--
-- A started block is u32 used, u32 the last attempt that gave something back, then per cap u32
-- the number of the record's last restoring, 6 bytes mark of the counter, u32 taken.

local now, grace = tonumber(ARGV[1]), tonumber(ARGV[2])
local mark, used = ARGV[3], tonumber(ARGV[4])
if redis.call('EXISTS', KEYS[1]) == 1 then return '1' end

local records, parts, last = {}, { struct.pack('>I4I4', used, 0) }, 0
for i = 2, #KEYS do
  local record = decode_block(redis.call('GET', KEYS[i]))
  tidy_block(record, now, grace)
  local one, place = marked(record.open, mark)
  if not one then return '0' end
  local taken = math.min(one.taken, used)
  lower(record, one.counter, one.taken - taken)
  table.remove(record.open, place)
  parts[#parts + 1] = struct.pack('>I4c6I4', record.epoch, one.counter, taken)
  last = math.max(last, last_end(record))
  records[i] = record
end
for i = 2, #KEYS do store_block(KEYS[i], records[i], now, grace) end
if used > 0 then
  redis.call('SET', KEYS[1], table.concat(parts), 'EX', math.max(last + grace - now, 1))
end
return '1'
