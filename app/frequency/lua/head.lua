-- A bucket's head: whose counters these are, and how far they have come.
--
-- "<ledger> <number> <step>". Step 0 is open; while a bucket is restored the step counts up, so
-- that a part that gets lost on the way leaves it closed. The head is written in the same call as
-- the records, so whatever loses a call's records loses its number.

local function read_head(key)
  local value = redis.call('GET', key)
  if not value then return nil end
  local ledger, number, step = string.match(value, '^(%S+) (%d+) (%d+)$')
  return { ledger = ledger or '', number = number or '0', step = step or '0' }
end

-- Return why a call must not be made now as words for an error, or nil if it may.
local function closed(key, ledger, after, number)
  local head = read_head(key)
  if not head then return 'lost 0' end
  if head.ledger ~= ledger then return 'foreign 0' end
  if head.step ~= '0' then return 'rebuilding ' .. head.number end
  if tonumber(head.number) < tonumber(after) then return 'behind ' .. head.number end
  if tonumber(head.number) > tonumber(number) then return 'ahead ' .. head.number end
end

local function write_head(key, ledger, number, step)
  redis.call('SET', key, ledger .. ' ' .. number .. ' ' .. step)
end

local function refuse(why)
  return redis.error_reply('CLOSED ' .. why)
end

-- Return why a step of a restoring must not be made now, or nil if it may. The first takes a bucket
-- over from whatever it was, but never back to an older number.
local function cannot_restore(key, ledger, number, before, step)
  local head = read_head(key)
  local is_ours = head and head.ledger == ledger
  if is_ours and tonumber(head.number) > tonumber(number) then return 'ahead ' .. head.number end
  local stands = is_ours and head.number == number and (head.step == before or head.step == step)
  if before ~= '0' and not stands then
    return 'rebuilding ' .. (is_ours and head.number or '0')
  end
  if before == '0' and is_ours and head.number == number and head.step ~= step then
    return 'ahead ' .. head.number
  end
end
