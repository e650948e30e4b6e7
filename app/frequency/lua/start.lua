-- Mark open slots as started, so that they never expire; a slot that expired is not started.
-- KEYS  the bucket's head, then the recipients' records, if any
-- ARGV  ledger, after, number, now, grace, reservation's mark    Answers 1 or 0 each.

local shut = closed(KEYS[1], ARGV[1], ARGV[2], ARGV[3])
if shut then return refuse(shut) end
local now = tonumber(ARGV[4])
local answer = ''
if #KEYS > 1 then
  answer = change_slots({ unpack(KEYS, 2) }, ARGV[6], function(open, at)
    if open[at + 1] == 0 and open[at + 2] <= now then return false end
    open[at + 1] = 1
    return true
  end)
end
write_head(KEYS[1], ARGV[1], ARGV[3], 0)
return answer
