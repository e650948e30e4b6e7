-- Make slots final: forget what would be undone, keep the counters as they are.
-- KEYS  the recipients' records    ARGV  now, grace, reservation's mark    Answers 1 or 0 each.

return change_open(KEYS, tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], function(record, at)
  cut(record.open, at, 4)
  return true
end)
