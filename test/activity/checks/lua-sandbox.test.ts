import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LuaSandbox } from '../../../checks/lua/sandbox.ts';
import { createLuaSandbox } from '../../../checks/lua/sandbox.ts';

const object = {
  apiVersion: 'example.io/v1',
  kind: 'Thing',
  metadata: { name: 'web', generation: 3, labels: { 'a/b': 'ü\n"' } },
  spec: { ratio: 1.5, none: null, list: [1, null, 'x', { deep: [true] }] },
};

let sandbox: LuaSandbox;
/** One with a short limit, for scripts that run into it. */
let hasty: LuaSandbox;
beforeAll(() => {
  sandbox = createLuaSandbox();
  hasty = createLuaSandbox(300);
});
afterAll(async () => {
  await sandbox.close();
  await hasty.close();
});

const says = async (message: string, before = '') => {
  const answer = await sandbox.evaluate(`${before}\nreturn { status = 'Healthy', message = ${message} }`, object);
  return answer.kind === 'health' ? answer.message : answer;
};

describe('a script in the sandbox', () => {
  it('reads the object as plain tables, and returns its status and message [argo 4.Lua]', async () => {
    const code = `
hs = {}
for i, item in ipairs(obj.spec.list) do
  hs.message = (hs.message or '') .. i .. type(item) .. ' '
end
if obj.status == nil and obj.spec.none == nil and obj.spec.list[3].deep[1] then
  hs.status = "Progressing"
end
return hs`;
    const message = '1number 2string 3table ';
    expect(await sandbox.evaluate(code, object)).toEqual({ kind: 'health', status: 'Progressing', message });
  });

  it.each([
    ['nothing', ''],
    ['nil', 'return nil'],
    ['an empty table', 'return {}'],
    ['a list', 'return { "Healthy" }'],
    ['a message that is no text', 'return { status = "Healthy", message = {} }'],
  ])('that returns %s has said nothing, as in Argo CD', async (_, code) => {
    expect(await sandbox.evaluate(code, object)).toEqual({ kind: 'blank' });
  });

  it.each([
    [
      'whole numbers have no .0',
      'obj.metadata.generation .. " " .. 10 / 2 .. " " .. 1.0 .. " " .. tonumber("2.0")',
      '3 5 1 2',
    ],
    [
      'others have the digits they need',
      '0.1 + 0.2 .. " " .. obj.spec.ratio .. " " .. -0.5',
      '0.30000000000000004 1.5 -0.5',
    ],
    ['tostring', 'tostring(4 / 2) .. tostring(nil) .. tostring(true)', '2niltrue'],
    ['string.format', 'string.format("%d %s %5.1f%% %s %q", 7 / 2, 4 / 2, 1, "a", "b")', '3 2   1.0% a "b"'],
    ['table.concat', 'table.concat({ 4 / 2, "x", 3 }, "-") .. table.concat({ 1, 2, 3 }, ",", 2, 3)', '2-x-32,3'],
    ['concatenation groups to the right, under arithmetic', '1 + 1 .. 2 .. -3 .. 2 ^ 2', '22-34'],
    ['escapes that mean nothing', '"a\\.b"', 'a.b'],
    ['characters', 'obj.metadata.labels["a/b"]', 'ü\n"'],
  ])('writes numbers and texts as Argo CD does: %s', async (_, expression, expected) => {
    expect(await says(expression)).toBe(expected);
  });

  it.each([
    ['table.getn({ 1, 2 })', '2'],
    ['table.maxn({ 1, nil, 3 })', '3'],
    ['unpack({ "a" })', 'a'],
    ['string.gfind("abc", "b")()', 'b'],
    ['math.mod(7, 3)', '1'],
    ['math.pow(2, 3)', '8'],
    ['math.log10(100)', '2'],
    ['math.ldexp(1, 3)', '8'],
    ['math.floor(math.atan2(0, 1))', '0'],
    ['#obj.spec.list', '3'],
    ['select("#", 1, 2)', '2'],
    ['type(os.time())', 'number'],
    ['os.date("!%Y", 0)', '1970'],
    ['require("os").date("!%d", 0)', '01'],
    ['("a-b"):gsub("%-", "+")', 'a+b'],
  ])('has %s', async (expression, expected) => {
    expect(await says(`(${expression})`)).toBe(expected);
  });

  it('goes through tables by their keys in order, so that its message stays the same', async () => {
    const keys = 'local s = "" for key in pairs({ b = 1, a = 1, [2] = 1, [1] = 1, c = 1 }) do s = s .. key end';
    expect(await says('s', keys)).toBe('12abc');
  });

  it('takes names of fields in any case, as Argo CD does', async () => {
    expect(await sandbox.evaluate('return { Status = "Healthy", Message = 5 }', object)).toMatchObject({
      message: '5',
    });
  });

  it('leaves nothing to the next', async () => {
    await says('""', 'leak = 1 string.rep = nil setmetatable(_G, { __index = function() return 2 end })');
    expect(await says('tostring(leak) .. string.rep("a", 2)')).toBe('nilaa');
  });
});

describe('what a script does wrong', () => {
  it.each([
    [
      'an index of nil',
      'local hs = {}\nif obj.status.phase then return hs end',
      /index a nil value \(field 'status'\)/,
      2,
    ],
    ['a concatenation of nil', '\nreturn { message = "a" .. obj.none }', /concatenate a nil value/, 2],
    ['bad syntax', 'return {\n status = = 1 }', /unexpected symbol near '='/, 2],
    ['an error of its own', '\n\nerror("no way")', /no way/, 3],
    ['an error that is no text', 'error({})', /value of type table/, 1],
    ['a result that is no table', 'return 5', /must return a table, not a number/, 1],
    ['a string without end', '\nlocal s = ("x"):rep(1e9)', /needs more than 32 MiB/, 2],
    // On a busy machine its second is over first.
    [
      'a table without end',
      'local t = {}\nwhile true do\n  t[#t + 1] = {}\nend',
      /needs more than 32 MiB|runs longer/,
      3,
    ],
    [
      'recursion without end',
      'local function f()\n  return 1 + f()\nend\nreturn f()',
      /needs more than 32 MiB|stack overflow/,
      2,
    ],
  ])('%s is told with its line', async (_, code, message, line) => {
    const answer = await sandbox.evaluate(code, object);
    expect(answer).toMatchObject({ kind: 'error', message: expect.stringMatching(message) as string, line });
  });

  it.each([
    ['os.execute("id")', 'os.execute'],
    ['os.getenv("HOME")', 'os.getenv'],
    ['os.exit(1)', 'os.exit'],
    ['io.open("/etc/passwd")', 'io.open'],
    ['io.popen("id")', 'io.popen'],
    ['debug.getregistry()', 'debug.getregistry'],
    ['package.loadlib("x", "y")', 'package.loadlib'],
    ['require("socket")', "require of 'socket'"],
    ['loadstring("return 1")()', 'loadstring'],
    ['load("return 1")()', 'load'],
    ['loadfile("/etc/passwd")', 'loadfile'],
    ['dofile("/etc/passwd")', 'dofile'],
    ['getfenv(1)', 'getfenv'],
    ['collectgarbage("stop")', 'collectgarbage'],
  ])('%s is not available, and said so', async (call, name) => {
    const message = `${name} is not available to health checks`;
    expect(await sandbox.evaluate(`\nlocal x = ${call}`, object)).toEqual({ kind: 'error', message, line: 2 });
  });

  it.each(['string.dump(print)', 'js.global', 'fengari.x'])('%s does not exist', async (call) => {
    expect(await sandbox.evaluate(`local x = ${call}`, object)).toMatchObject({ kind: 'error' });
  });

  it.each([
    ['a loop', 'local n = 0\nwhile true do\n  n = n + 1\nend', 3],
    ['a loop that catches its errors', '\nwhile true do pcall(function() while true do end end) end', 2],
    [
      'a pattern that backtracks without end',
      '\nreturn string.find(("a"):rep(40), ("a?"):rep(40) .. ("a"):rep(40))',
      2,
    ],
  ])('%s is ended after the time limit, and told with its line', async (_, code, line) => {
    expect(await hasty.evaluate(code, object)).toEqual({ kind: 'error', message: 'runs longer than 0.3 s', line });
    expect(await hasty.evaluate('return { status = "Healthy" }', object)).toMatchObject({ status: 'Healthy' });
  });

  it('costs its time once: a script that was ended is left to rest', async () => {
    const code = 'while true do end';
    await hasty.evaluate(code, object);
    const times = 100;
    const before = performance.now();
    for (let time = 0; time < times; time += 1)
      expect(await hasty.evaluate(code, object)).toMatchObject({ message: 'runs longer than 0.3 s' });
    expect(performance.now() - before).toBeLessThan(times * 300);
  });

  it('is told when it is compiled alone', async () => {
    expect(await sandbox.evaluate('return = 1')).toMatchObject({ kind: 'error', line: 1 });
    expect(await sandbox.evaluate('while true do end')).toEqual({ kind: 'blank' });
  });
});
