-- Read how often each counter is used; writes nothing.
-- KEYS  the bucket's head, the recipients' records
-- ARGV  now, grace, then the marks of cap and window
-- Answers u16 per recipient and mark, recipient by recipient. Counters without a head are lost, and
-- those being restored are short: neither can say how much is used.

local head = read_head(KEYS[1])
if not head then return refuse('lost 0') end
if head.step ~= '0' then return refuse('rebuilding ' .. head.number) end

local now, grace = tonumber(ARGV[1]), tonumber(ARGV[2])
local values = redis.call('MGET', unpack(KEYS, 2))
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
