-- Mark open slots as started, so that they never expire; a slot that expired is not started.
-- KEYS  the recipients' records    ARGV  now, grace, reservation's mark    Answers 1 or 0 each.

local now, grace = tonumber(ARGV[1]), tonumber(ARGV[2])
return change_open(KEYS, now, grace, ARGV[3], function(record, at)
  local open = record.open
  if open[at + 1] == 0 and open[at + 2] <= now then return false end
  open[at + 1] = 1
  return true
end)
