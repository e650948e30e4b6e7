-- Read how often each counter is used; writes nothing.
-- KEYS  the recipients' records    ARGV  now, grace, then the marks of cap and window
-- Answers u16 per recipient and mark, recipient by recipient.

local now, grace = tonumber(ARGV[1]), tonumber(ARGV[2])
local values = redis.call('MGET', unpack(KEYS))
local answer = {}
for i = 1, #values do
  local record = decode(values[i])
  tidy(record, now, grace)
  for m = 3, #ARGV do
    local at = find(record.counters, 3, ARGV[m])
    answer[#answer + 1] = struct.pack('>H', at and record.counters[at + 2] or 0)
  end
end
return table.concat(answer)
