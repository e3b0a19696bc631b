import { JOIN } from './dialect.ts';

/** The Lua function that runs a script and answers what it says as plain values. */
export const ANSWER = '__syncline_answer';

/**
 * What a script finds besides Lua's own base, table, string, math and coroutine libraries: the functions of Lua 5.1, numbers
 * that become text as in Argo CD's engine (`1`, not `1.0`), `pairs` in the order of the keys (Argo CD's goes by insertion; in
 * Lua 5.4 a message could differ from look to look), and `os` with `time` and `date` alone, as its "safe os". What would
 * reach out of the sandbox is an error that names it. It is one line, so that any line after it is the script's.
 */
export const PRELUDE = `
local type, error, pcall, next, rawget, select, tonumber, floor = type, error, pcall, next, rawget, select, tonumber, math.floor
local ordinary, sort, setmetatable, mathtype, format, unpack, concat = pairs, table.sort, setmetatable, math.type, string.format, table.unpack, table.concat
local gsub, gmatch, lower, plain = string.gsub, string.gmatch, string.lower, tostring

local function text(value)
  if mathtype(value) == 'integer' then return format('%d', value) end
  if value == floor(value) and value > -2^63 and value < 2^63 then return format('%d', value) end
  for digits = 14, 17 do
    local said = format('%.' .. digits .. 'g', value)
    if tonumber(said) == value then return said end
  end
  return plain(value)
end
local function worded(value) if type(value) == 'number' then return text(value) end return value end

local right = {}
right.__concat = function(left, box)
  local other = box[1]
  for _, part in next, { left, other } do
    local kind = type(part)
    if kind ~= 'string' and kind ~= 'number' and kind ~= 'table' then
      error('attempt to concatenate a ' .. kind .. ' value', 2)
    end
  end
  if left == nil or other == nil then error('attempt to concatenate a nil value', 2) end
  return worded(left) .. worded(other)
end
${JOIN} = setmetatable({}, { __concat = function(_, other) return setmetatable({ other }, right) end })

tostring = function(...) if mathtype(...) then return text(...) end return plain(...) end
table.concat = function(list, separator, first, last)
  if type(list) ~= 'table' then return concat(list, separator) end
  local words = {}
  for index = first or 1, last or #list do words[index] = worded(list[index]) end
  return concat(words, separator, first or 1, last or #list)
end
string.format = function(pattern, ...)
  local values, count = { ... }, 0
  for letter in gmatch((gsub(pattern, '%%%%', '')), '%%[-+ #0]*%d*%.?%d*(%a)') do
    count = count + 1
    local value = values[count]
    if type(value) == 'number' and (letter == 's' or letter == 'q') then values[count] = text(value) end
    if type(value) == 'number' and gsub('cdiouxX', letter, '') ~= 'cdiouxX' then
      values[count] = value < 0 and -floor(-value) or floor(value)
    end
    if letter == 'u' then pattern = gsub(pattern, '(%%[-+ #0]*%d*%.?%d*)u', '%1d') end
  end
  return format(pattern, unpack(values, 1, select('#', ...)))
end

local ranks = { number = 1, string = 2 }
local function before(a, b)
  local kind, other = type(a), type(b)
  if kind == other then return ranks[kind] ~= nil and a < b end
  return (ranks[kind] or 3) < (ranks[other] or 3)
end
pairs = function(list)
  if type(list) ~= 'table' then return ordinary(list) end
  local keys, at = {}, 0
  for key in next, list do keys[#keys + 1] = key end
  sort(keys, before)
  return function()
    repeat at = at + 1 until keys[at] == nil or rawget(list, keys[at]) ~= nil
    return keys[at], list[keys[at]]
  end
end

_G.unpack = table.unpack
table.getn = function(list) return #list end
table.maxn = function(list)
  local most = 0
  for key in next, list do if type(key) == 'number' and key > most then most = key end end
  return most
end
string.gfind = string.gmatch
math.mod = math.fmod
math.pow = function(base, exponent) return base ^ exponent end
math.log10 = function(value) return math.log(value, 10) end
math.atan2 = function(y, x) return math.atan(y, x) end
math.ldexp = function(value, exponent) return value * 2.0 ^ exponent end

local function refuse(name) error(name .. ' is not available to health checks', 3) end
local function fenced(name, open)
  return setmetatable(open, { __index = function(_, key) refuse(name .. '.' .. plain(key)) end })
end
os = fenced('os', { time = os.time, date = os.date })
io = fenced('io', {})
debug = fenced('debug', {})
package = fenced('package', {})
string.dump = nil
for _, name in next, { 'collectgarbage', 'dofile', 'getfenv', 'load', 'loadfile', 'loadstring', 'module', 'setfenv' } do
  _G[name] = function() refuse(name) end
end
local libraries = { os = os, string = string, table = table, math = math }
require = function(name)
  return libraries[name] or refuse("require of '" .. plain(name) .. "'")
end
print = function() end
warn = nil

${ANSWER} = function(script)
  local done, answer = pcall(script)
  if not done then error(type(answer) == 'string' and answer or 'error with a value of type ' .. type(answer), 0) end
  if answer == nil then return 'blank' end
  if type(answer) ~= 'table' then error('a health check must return a table, not a ' .. type(answer), 0) end
  local found = {}
  for key, value in next, answer do
    if type(key) ~= 'string' then return 'blank' end
    local name = lower(key)
    if found[name] == nil or key == name then found[name] = value end
  end
  if next(found) == nil then return 'blank' end
  local function field(name)
    local value = found[name]
    if type(value) == 'number' then return text(value) end
    if type(value) == 'string' then return value end
    return value == nil and '' or nil
  end
  return 'health', field('status'), field('message')
end
`.replaceAll(/\s*\n\s*/g, ' ');
