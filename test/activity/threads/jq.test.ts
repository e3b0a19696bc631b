import { afterAll, describe, expect, it } from 'vitest';
import { createPathFinder } from '../../../threads/jq/path-finder.ts';

const finder = createPathFinder();
afterAll(() => finder.close());

const deployment = { spec: { containers: [{ name: 'web' }, { name: 'log', image: 'b' }] } };

describe('a jq path expression', () => {
  it.each([
    ['.spec.containers[] | select(.name == "log") | .image', [['spec', 'containers', 1, 'image']]],
    [
      '.spec.containers[].name',
      [
        ['spec', 'containers', 0, 'name'],
        ['spec', 'containers', 1, 'name'],
      ],
    ],
    ['.spec.containers[-1:]', [['spec', 'containers', { start: -1, end: null }]]],
    ['.spec.replicas', [['spec', 'replicas']]],
    ['.spec.replicas # a comment', [['spec', 'replicas']]],
    ['.spec.volumes[].name', []],
    ['.spec | error("no")', []],
    ['halt', []],
    ['.', []],
  ])('%s finds %j', async (expression, paths) => {
    expect(await finder.find(expression, deployment)).toEqual({ kind: 'paths', paths });
  });

  it.each([
    ['.spec[', /^syntax error/],
    ['.spec)] | [("x"', /^syntax error/],
    ['nothing_of_jq', /not defined/],
    ['.spec.containers | length', /^it finds values and no paths$/],
  ])('%s is wrong', async (expression, why) => {
    expect(await finder.find(expression, deployment)).toEqual({
      kind: 'wrong',
      why: expect.stringMatching(why) as string,
    });
  });

  it('does not say the values it was given', async () => {
    const answer = await finder.find('.data.password + "!"', { data: { password: 'hunter2-secret' } });
    expect(answer.kind).toBe('wrong');
    expect(JSON.stringify(answer)).not.toContain('hunter2');
  });

  it('that loops is ended, and the next one is answered', async () => {
    const impatient = createPathFinder(300);
    const loop = await impatient.find('def f: f; f', {});
    expect(loop).toEqual({ kind: 'wrong', why: 'it runs longer than 0.3 s' });
    await impatient.close();
    expect(await finder.find('.a', {})).toEqual({ kind: 'paths', paths: [['a']] });
  });
});
