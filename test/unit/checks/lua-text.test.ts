import { describe, expect, it } from 'vitest';
import { JOIN, toLua54 } from '../../../checks/lua/dialect.ts';
import { luaLiteral } from '../../../checks/lua/values.ts';

describe('a script of Lua 5.1 as one of 5.4', () => {
  it.each([
    ['a .. b', `a ..${JOIN}.. b`],
    ['1 ..2', `1 ..${JOIN}..2`],
    ['f(...)', 'f(...)'],
    ['"a .. b"', '"a .. b"'],
    ["'it\\'s .. b'", "'it\\'s .. b'"],
    ['-- a .. b\nc', '-- a .. b\nc'],
    ['--[[ a .. b\n]] c', '--[[ a .. b\n]] c'],
    ['[==[ a ]] .. b ]==]', '[==[ a ]] .. b ]==]'],
    ['t[[[a .. b]]]', 't[[[a .. b]]]'],
    ['"a\\.b\\n\\065"', '"a.b\\n\\065"'],
    ['"a .. ', '"a .. '],
    ['[[ a .. ', '[[ a .. '],
    ['3.5 .. x', `3.5 ..${JOIN}.. x`],
  ])('%s', (script, expected) => {
    expect(toLua54(script)).toBe(expected);
  });
});

describe('a JSON value as a Lua expression', () => {
  it.each([
    [null, 'nil'],
    [true, 'true'],
    [3, '(3)'],
    [-1, '(-1)'],
    [0.5, '(5e-1)'],
    [1e300, '(1e+300)'],
    ['a"b\\c\n\u0000é', '"a\\034b\\092c\\010\\000é"'],
    [[1, null, 'x'], '{[1]=(1),[2]="x"}'],
    [{ a: 1, b: null }, '{["a"]=(1)}'],
    [{ 'x"]=os.exit(),["y': 1 }, '{["x\\034]=os.exit(),[\\034y"]=(1)}'],
  ])('%j', (value, expected) => {
    expect(luaLiteral(value)).toBe(expected);
  });
});
