-- Make a started block final: forget what could be given back.
-- KEYS  the started block    Answers 1 or 0.

return tostring(redis.call('DEL', KEYS[1]))
