import { describe, expect, it } from 'vitest';
import { formatFailure } from '../../../core/failures.ts';
import { parseManifests } from '../../../core/manifests/parse.ts';
import type { ParsedManifests } from '../../../core/manifests/parse.ts';

const parse = (text: string, options = {}): ParsedManifests => parseManifests([{ file: 'app.yaml', text }], options);

const aConfigMap = (metadata: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: ${metadata}\n`;

const placesOf = ({ manifests }: ParsedManifests): readonly unknown[] =>
  manifests.map(({ object, location }) => [
    object.kind,
    (object.metadata as { name: string }).name,
    location.file,
    location.line,
  ]);

describe('parseManifests', () => {
  it('keeps file and line of every object, over files and documents', () => {
    const parsed = parseManifests([
      { file: 'a.yaml', text: `# head\n${aConfigMap('{name: one}')}---\n${aConfigMap('{name: two}')}` },
      { file: 'b.json', text: '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"three"}}' },
    ]);
    expect(parsed.failures).toEqual([]);
    expect(placesOf(parsed)).toEqual([
      ['ConfigMap', 'one', 'a.yaml', 2],
      ['ConfigMap', 'two', 'a.yaml', 6],
      ['Secret', 'three', 'b.json', 1],
    ]);
  });

  it('expands lists, nested ones too, with the line of each item', () => {
    const parsed = parse(
      [
        'apiVersion: v1',
        'kind: List',
        'items:',
        '- apiVersion: v1',
        '  kind: ConfigMap',
        '  metadata: {name: one}',
        '- apiVersion: v1',
        '  kind: SecretList',
        '  items:',
        '    - metadata: {name: two}',
        '    - apiVersion: v1',
        '      kind: Secret',
        '      metadata: {name: three}',
      ].join('\n'),
    );
    expect(parsed.failures).toEqual([]);
    expect(placesOf(parsed)).toEqual([
      ['ConfigMap', 'one', 'app.yaml', 4],
      ['Secret', 'two', 'app.yaml', 10],
      ['Secret', 'three', 'app.yaml', 11],
    ]);
  });

  it('takes an object whose kind ends in List but has no items as it is', () => {
    const parsed = parse('apiVersion: net.example.com/v1\nkind: AllowList\nmetadata: {name: office}\nspec: {}');
    expect(placesOf(parsed)).toEqual([['AllowList', 'office', 'app.yaml', 1]]);
  });

  it('accepts names that Kubernetes accepts', () => {
    const parsed = parse(
      [
        'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: "system:kube:Some.Role_x"}',
        `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${'a'.repeat(253)}}`,
        'apiVersion: networking.k8s.io/v1\nkind: IPAddress\nmetadata: {name: "2001:db8::1"}',
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kube-root-ca.crt, namespace: , labels: , annotations: }',
        'apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: migrate-}',
        'apiVersion: example.com/v1\nkind: widget\nmetadata: {name: w}',
      ].join('\n---\n'),
    );
    expect(parsed.failures).toEqual([]);
    expect(parsed.manifests).toHaveLength(6);
  });

  it.each<[string, string, number, RegExp, RegExp]>([
    ['no apiVersion', 'kind: ConfigMap\nmetadata: {name: a}', 1, /no apiVersion/, /apiVersion: /],
    ['no kind', 'apiVersion: v1\nmetadata: {name: a}', 1, /no kind/, /kind: /],
    ['neither apiVersion nor kind', 'replicas: 3', 1, /neither apiVersion nor kind/, /leave the file out/],
    ['no name', 'apiVersion: v1\nkind: ConfigMap', 1, /no metadata.name/, /generateName/],
    ['an empty name', aConfigMap('{name: ""}'), 1, /no metadata.name/, /add one/],
    ['a number as name', aConfigMap('{name: 123}'), 1, /must be a string, but is the number 123/, /name: "123"/],
    [
      'a name of 300 characters',
      `---\n# x\n${aConfigMap(`{name: ${'a'.repeat(300)}}`)}`,
      3,
      /300 characters; at most 253/,
      /another/,
    ],
    ['capitals in a name', aConfigMap('{name: Big}'), 1, /"Big"/, /another/],
    ['a colon in a name that is not RBAC', aConfigMap('{name: "a:b"}'), 1, /"a:b"/, /another/],
    [
      'a slash in an RBAC name',
      'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: a/b}',
      1,
      /"a\/b"/,
      /another/,
    ],
    [
      'a Service of 64 characters',
      `apiVersion: v1\nkind: Service\nmetadata: {name: ${'a'.repeat(64)}}`,
      1,
      /at most 63/,
      /another/,
    ],
    ['a Namespace with a dot', 'apiVersion: v1\nkind: Namespace\nmetadata: {name: a.b}', 1, /"a.b"/, /another/],
    [
      'a bad generateName',
      'apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: Migrate-}',
      1,
      /generateName/,
      /another/,
    ],
    ['a namespace that is none', aConfigMap('{name: a, namespace: Shop_1}'), 1, /metadata.namespace/, /existing/],
    ['a number as namespace', aConfigMap('{name: a, namespace: 1}'), 1, /namespace must be a string/, /namespace: "1"/],
    ['a template as name', aConfigMap('{name: "a-{{ .Values.tag }}"}'), 1, /metadata.name/, /template/],
    [
      'a number as annotation',
      aConfigMap('{name: a, annotations: {argocd.argoproj.io/sync-wave: 1}}'),
      1,
      /annotation argocd.argoproj.io\/sync-wave must be a string, but is the number 1/,
      /quote it: argocd.argoproj.io\/sync-wave: "1"/,
    ],
    [
      'a boolean as label',
      aConfigMap('{name: a, labels: {on: yes}}'),
      1,
      /label true must be a string, but is the boolean true/,
      /"true"/,
    ],
    [
      'a null as an annotation that steers',
      aConfigMap('{name: a, annotations: {helm.sh/hook: }}'),
      1,
      /but is null/,
      /quoted string/,
    ],
    [
      'a mapping as annotation',
      aConfigMap('{name: a, annotations: {x: {y: z}}}'),
      1,
      /but is a mapping/,
      /quoted string/,
    ],
    [
      'annotations that are a list',
      aConfigMap('{name: a, annotations: [x]}'),
      1,
      /annotations are not a mapping/,
      /key: "value"/,
    ],
    ['metadata that is a list', aConfigMap('[a]'), 1, /metadata is not a mapping/, /^$/],
    [
      'annotations beyond 256 KiB',
      aConfigMap(`{name: a, annotations: {x: "${'é'.repeat(131_072)}"}}`),
      1,
      /262145 bytes/,
      /ConfigMap/,
    ],
    [
      'an apiVersion with two slashes',
      'apiVersion: a/b/c\nkind: X\nmetadata: {name: a}',
      1,
      /apiVersion is not a valid one/,
      /apiVersion/,
    ],
    [
      'a number as apiVersion',
      'apiVersion: 1\nkind: X\nmetadata: {name: a}',
      1,
      /apiVersion must be a string/,
      /apiVersion: "1"/,
    ],
    ['a document that is a list', '- a\n- b', 1, /is a list, not an object/, /---/],
    ['a document that is a string', 'hello', 1, /is a string, not an object/, /---/],
    ['an item that is no object', 'apiVersion: v1\nkind: List\nitems: [7]', 1, /is a number, not an object/, /---/],
    [
      'an item that is wrong',
      'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: ok}\n- kind: Secret\n  metadata: {name: bad}',
      7,
      /no apiVersion/,
      /apiVersion/,
    ],
  ])('%s is a failure with file, line and remedy', (_, text, line, message, remedy) => {
    const { failures } = parse(text);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ type: 'InvalidManifest', location: `app.yaml:${line}` });
    expect(failures[0]?.message).toMatch(message);
    expect(failures[0]?.remedy ?? '').toMatch(remedy);
  });

  it('does not repeat a name of 300 characters in full', () => {
    const { failures } = parse(aConfigMap(`{name: ${'a'.repeat(300)}}`));
    expect(failures.map(formatFailure).join('').length).toBeLessThan(300);
  });

  it('collects all failures of all files and keeps what is valid', () => {
    const parsed = parseManifests([
      { file: 'a.yaml', text: `a: 1\na: 2\n---\n${aConfigMap('{name: Bad, labels: {x: 1}}')}` },
      { file: 'b.yaml', text: `${aConfigMap('{name: good}')}---\nkind: X` },
    ]);
    expect(parsed.failures.map(({ location }) => location)).toEqual([
      'a.yaml:2',
      'a.yaml:4',
      'a.yaml:4',
      'b.yaml:5',
      'b.yaml:5',
    ]);
    expect(placesOf(parsed)).toEqual([['ConfigMap', 'good', 'b.yaml', 1]]);
  });

  describe('finds objects that are written twice', () => {
    const job = (hook: string, name = 'name: migrate'): string =>
      `apiVersion: batch/v1\nkind: Job\nmetadata: {${name}, annotations: {argocd.argoproj.io/hook: "${hook}"}}\n`;

    it.each<[string, string, string]>([
      ['in one namespace', aConfigMap('{name: a, namespace: x}'), aConfigMap('{name: a, namespace: x}')],
      ['where one names no namespace', aConfigMap('{name: a}'), aConfigMap('{name: a, namespace: shop}')],
      [
        'in two versions of one group',
        'apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}',
        'apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: a}',
      ],
      [
        'with namespaces on a cluster-scoped kind',
        'apiVersion: v1\nkind: Namespace\nmetadata: {name: a, namespace: x}',
        'apiVersion: v1\nkind: Namespace\nmetadata: {name: a}',
      ],
      ['as hooks of one phase', job('PreSync'), job('PreSync,PostSync')],
      ['as a hook and as a resource', job('PreSync'), 'apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate}'],
      ['as hooks with one generateName', job('PreSync', 'generateName: m-'), job('PreSync', 'generateName: m-')],
    ])('%s', (_, one, other) => {
      const { failures } = parseManifests(
        [
          { file: 'a.yaml', text: one },
          { file: 'b.yaml', text: `\n${other}` },
        ],
        { namespace: 'shop' },
      );
      expect(failures).toHaveLength(1);
      expect(failures[0]).toMatchObject({ type: 'InvalidManifest', location: 'b.yaml:2' });
      expect(failures[0]?.message).toContain('a.yaml:1');
    });

    it.each<[string, string, string]>([
      ['in two namespaces', aConfigMap('{name: a, namespace: x}'), aConfigMap('{name: a, namespace: z}')],
      ['of two kinds', aConfigMap('{name: a}'), 'apiVersion: v1\nkind: Secret\nmetadata: {name: a}'],
      [
        'of two groups',
        'apiVersion: a.io/v1\nkind: X\nmetadata: {name: a}',
        'apiVersion: b.io/v1\nkind: X\nmetadata: {name: a}',
      ],
      ['as hooks of two phases', job('PreSync'), job('PostSync')],
    ])('but not %s', (_, one, other) => {
      expect(parse(`${one}\n---\n${other}`, { namespace: 'shop' }).failures).toEqual([]);
    });
  });

  it.each<[string, readonly { file: string; text: string }[], RegExp]>([
    ['no files', [], /no manifest files/],
    [
      'files without an object',
      [
        { file: 'a.yaml', text: '---\n# nothing\n' },
        { file: 'b.yaml', text: '' },
      ],
      /a\.yaml, b\.yaml/,
    ],
    ['an empty list', [{ file: 'a.yaml', text: 'apiVersion: v1\nkind: List\nitems: []' }], /no object in a\.yaml/],
  ])('%s are a failure', (_, files, message) => {
    const { manifests, failures } = parseManifests(files);
    expect(manifests).toEqual([]);
    expect(failures).toHaveLength(1);
    expect(failures[0]?.message).toMatch(message);
  });

  it('refuses more bytes than the limit, counted over all files in UTF-8', () => {
    const files = [
      { file: 'a.yaml', text: aConfigMap('{name: a}') },
      { file: 'b.yaml', text: `${aConfigMap('{name: b}')}data: {x: "${'é'.repeat(50)}"}` },
    ];
    const bytes = new TextEncoder().encode(files.map(({ text }) => text).join('')).length;
    expect(parseManifests(files, { maxBytes: bytes }).failures).toEqual([]);
    const { manifests, failures } = parseManifests(files, { maxBytes: bytes - 1 });
    expect(manifests).toEqual([]);
    expect(failures).toMatchObject([{ type: 'InvalidManifest', location: 'b.yaml:1' }]);
    expect(failures[0]?.message).toMatch(/limit/);
  });
});
