-- Read how much of each counter is used; writes nothing.
-- KEYS  the bucket's head, then a record each cap
-- ARGV  now, grace, then per record its marks, 6 bytes each
-- Answers u32 per record and mark, record by record.

local head = read_head(KEYS[1])
if not head then return refuse('lost 0') end
if head.step ~= '0' then return refuse('rebuilding ' .. head.number) end

local now, grace = tonumber(ARGV[1]), tonumber(ARGV[2])
local answer = {}
for i = 2, #KEYS do
  local record, marks = decode_block(redis.call('GET', KEYS[i])), ARGV[i + 1]
  tidy_block(record, now, grace)
  for m = 1, #marks, 6 do
    local one = marked(record.counters, string.sub(marks, m, m + 5))
    answer[#answer + 1] = struct.pack('>I4', one and one.used or 0)
  end
end
return table.concat(answer)
