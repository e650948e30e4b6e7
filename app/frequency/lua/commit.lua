-- Make slots final: forget what would be undone, keep the counters as they are.
-- KEYS  the recipients' records    ARGV  now, grace, reservation's mark    Answers 1 or 0 each.

return change_slots(KEYS, ARGV[3], function(open, at)
  cut(open, at, 4)
  return true
end)
