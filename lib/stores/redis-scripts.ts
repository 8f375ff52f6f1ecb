import { LATE_MS, MAX_LATE, MAX_SIBLINGS, MAX_TOKENS } from './rotation';

// A grant is one hash, so that its fields expire and are evicted together, and have one hash slot in a cluster. A token
// is a key of its own, which holds its grant, generation and number. It never changes.

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

const KEEP = (argument: string) => `
if redis.call('PTTL', KEYS[1]) < tonumber(${argument}) then redis.call('PEXPIRE', KEYS[1], ${argument}) end`;

/** Writes a Lua number without an exponent, which `tostring` uses for large ones. */
const WHOLE = `
local function whole(number) return string.format('%.0f', number) end`;

/** ARGV: record, lifetime. */
export const SAVE_CODE = `
if redis.call('HSETNX', KEYS[1], 'code', ARGV[1]) == 0 then return 0 end${KEEP('ARGV[2]')}
return 1`;

export const FIND_CODE = `${WHOLE}
local code = redis.call('HMGET', KEYS[1], 'code', 'redeemed', 'by')
if not code[1] then return false end${NOW}
return {code[1], code[2] and whole(now - code[2]) or '', code[3] or ''}`;

/** ARGV: by, lifetime. */
export const CONSUME_CODE = `${WHOLE}
local grant = redis.call('HMGET', KEYS[1], 'code', 'redeemed', 'revoked')
if not grant[1] or grant[2] or grant[3] then return 0 end${NOW}
redis.call('HSET', KEYS[1], 'redeemed', whole(now), 'by', ARGV[1])${KEEP('ARGV[2]')}
return 1`;

/** ARGV: lifetime. */
export const REVOKE = `
redis.call('HSET', KEYS[1], 'revoked', '1')${KEEP('ARGV[1]')}
return 1`;

export const FIND_GRANT = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 'unknown' end
return redis.call('HEXISTS', KEYS[1], 'revoked') == 1 and 'revoked' or 'live'`;

/**
 * ARGV: the generation of the token that it replaces (-1: none), its number, its kind, record, idle end, lifetime,
 * leeway. Returns the number of the new token, or why there is none. A `+` follows it if the grant is kept longer now, by
 * more than commands take.
 */
export const JOIN = `${WHOLE}
local function n(value) return tonumber(value or 0) end
local grant = redis.call('HMGET', KEYS[1], 'revoked', 'record', 'generation', 'issued', 'floor', 'late', 'spent', 'spender',
  'spentFloor', 'sibling', 'run')
if grant[1] then return 'revoked' end
local from, number, kind, target = n(ARGV[1]), n(ARGV[2]), ARGV[3], n(ARGV[1]) + 1
if not grant[2] and target > 0 then return 'unknown' end
local issued, floor, late, sibling, run = n(grant[4]), n(grant[5]), n(grant[6]), tonumber(grant[10] or -2), n(grant[11])
if target > n(grant[3]) then return 'unspent' end
if target < n(grant[3]) then return 'overtaken' end
if issued >= ${MAX_TOKENS} then return 'too_often' end
if target > 0 then${NOW}
  local age, leeway = now - n(grant[7]), n(ARGV[7])
  if number ~= n(grant[8]) then
    if number < n(grant[9]) or (kind ~= 'sibling' and age >= leeway) then return 'overtaken' end
    if sibling == from - 1 and run >= ${MAX_SIBLINGS} then return 'overtaken' end
    if sibling ~= from then run = sibling == from - 1 and run + 1 or 1 end
    sibling = from
  elseif issued > 0 and kind == 'late' then
    if late >= ${MAX_LATE} then return 'too_often' end
    if age >= ${LATE_MS} then return 'overtaken' end
    late = late + 1
    floor = issued
  elseif issued > 0 and kind ~= 'at_once' and age >= leeway then
    return 'overtaken'
  end
end
redis.call('HSET', KEYS[1], 'record', ARGV[4], 'ends', ARGV[5], 'issued', issued + 1, 'floor', floor, 'late', late,
  'sibling', sibling, 'run', run)
local isLonger = ARGV[6] - redis.call('PTTL', KEYS[1]) > 10000
if isLonger then redis.call('PEXPIRE', KEYS[1], ARGV[6]) end
return whole(issued) .. (isLonger and '+' or '')`;

export const FIND_FAMILY = `${WHOLE}
local grant = redis.call('HMGET', KEYS[1], 'record', 'ends', 'generation', 'floor', 'late', 'spent', 'spender',
  'spentFloor', 'sibling', 'run', 'revoked')
if not grant[1] or grant[11] then return false end${NOW}
local spent = grant[6] and whole(now - grant[6]) or ''
return {grant[1], grant[2], grant[3] or '0', grant[4], grant[5], spent, grant[7] or '0', grant[8] or '0', grant[9], grant[10]}`;

const LIVES = `
local grant = redis.call('HMGET', KEYS[1], 'revoked', 'record', 'generation', 'floor')
if grant[1] or not grant[2] or tonumber(grant[3] or 0) ~= tonumber(ARGV[1]) or tonumber(ARGV[2]) < tonumber(grant[4]) then
  return 0
end`;

/** ARGV: generation, number. */
export const CONSUME = `${WHOLE}${LIVES}${NOW}
redis.call('HSET', KEYS[1], 'generation', ARGV[1] + 1, 'issued', 0, 'floor', 0, 'late', 0, 'spent', whole(now),
  'spender', ARGV[2], 'spentFloor', grant[4])
return 1`;

/** ARGV: generation, number, idle end. */
export const EXTEND = `${LIVES}
redis.call('HSET', KEYS[1], 'ends', ARGV[3])
return 1`;

/** Keeps the grants of a user, each with its end. ARGV: grant, lifetime. */
export const KEEP_USER = `${NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], 'GT', now + ARGV[2], ARGV[1])${KEEP('ARGV[2]')}
return 1`;
