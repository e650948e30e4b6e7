-- Free so many of a started block, of an attempt that certainly reached nobody with them.
-- KEYS  the started block, then the records of its caps    ARGV  now, grace, how many, attempt
-- Answers 1, or 0 for a block that is final, lost or unknown. An attempt gives back once; what was
-- restored since is counted from the rows, which know what reached nobody.

local now, grace = tonumber(ARGV[1]), tonumber(ARGV[2])
local value = redis.call('GET', KEYS[1])
if not value then return '0' end
local used, last, at = struct.unpack('>I4I4', value)
if tonumber(ARGV[4]) <= last then return '1' end
used = math.max(used - tonumber(ARGV[3]), 0)

local parts = { struct.pack('>I4I4', used, tonumber(ARGV[4])) }
for i = 2, #KEYS do
  local epoch, counter, taken
  epoch, counter, taken, at = struct.unpack('>I4c6I4', value, at)
  local left = math.min(taken, used)
  local record = decode_block(redis.call('GET', KEYS[i]))
  if record.epoch == epoch and left < taken then
    tidy_block(record, now, grace)
    lower(record, counter, taken - left)
    store_block(KEYS[i], record, now, grace)
  end
  parts[#parts + 1] = struct.pack('>I4c6I4', epoch, counter, left)
end
if used > 0 then
  redis.call('SET', KEYS[1], table.concat(parts), 'KEEPTTL')
else
  redis.call('DEL', KEYS[1])
end
return '1'
