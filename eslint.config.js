import tseslint from 'typescript-eslint';
import importX from 'eslint-plugin-import-x';

/**
 * The direction of imports: a folder may import itself and the folders listed for it, nothing else.
 * `typesOnly` folders may be imported with `import type` alone.
 */
const MAY_IMPORT = {
  core: [],
  workflows: ['core'],
  kubernetes: ['core'],
  programs: ['core'],
  sources: ['core', 'programs'],
  bundles: ['core', 'kubernetes'],
  threads: ['core'],
  secrets: ['core'],
  notifications: ['core', 'secrets'],
  checks: ['core', 'kubernetes', 'threads'],
  activities: ['core', 'kubernetes', 'sources', 'bundles', 'checks', 'threads', 'notifications'],
  worker: ['core', 'workflows', 'activities', 'kubernetes', 'bundles', 'checks', 'threads', 'notifications'],
  client: ['core', 'workflows', 'bundles', 'kubernetes', 'sources'],
  api: ['core', 'client', 'secrets'],
  cli: ['core', 'client', 'programs'],
  /** The commands that put processes together, or stand beside Temporal and the cluster as those do. */
  'cli/operations': [
    'core',
    'client',
    'api',
    'worker',
    'kubernetes',
    'bundles',
    'sources',
    'programs',
    'sandbox',
    'checks',
    'cli',
    'notifications',
  ],
  sandbox: ['core', 'programs'],
};
const TYPES_ONLY = { activities: ['workflows'] };
const FOLDERS = [...Object.keys(MAY_IMPORT), 'test', 'bench', 'examples'];

/** Node's modules and Temporal's worker side have no place in code that must replay. */
const PURE_FORBIDS = '^(node:|undici|@kubernetes/|@temporalio/(client|worker|activity|testing|envconfig))';

function directionRule(folder) {
  const allowed = new Set([folder, ...MAY_IMPORT[folder]]);
  const typesOnly = TYPES_ONLY[folder] ?? [];
  const forbidden = FOLDERS.filter((name) => !allowed.has(name) && !typesOnly.includes(name));
  const patterns = [
    {
      regex: `^(\\.\\./)+(${forbidden.join('|')})/`,
      message: `${folder}/ may import only: ${[...allowed].join(', ')}`,
    },
  ];
  if (typesOnly.length > 0) {
    patterns.push({
      regex: `^(\\.\\./)+(${typesOnly.join('|')})/`,
      allowTypeImports: true,
      message: `${folder}/ may import only types from ${typesOnly.join(', ')}`,
    });
  }
  if (folder === 'core' || folder === 'workflows') {
    patterns.push({ regex: PURE_FORBIDS, message: `${folder}/ must stay free of I/O` });
  }
  if (folder === 'core') patterns.push({ regex: '^@temporalio/', message: 'core/ knows nothing of Temporal' });
  return {
    files: [`${folder}/**/*.ts`],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
  };
}

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'coverage/**', 'programs/go/**'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [] },
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.pure.json', './tsconfig.node.json', './tsconfig.test.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' }],
      'max-lines': ['error', { max: 200, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
    },
  },
  ...Object.keys(MAY_IMPORT).map(directionRule),
  {
    files: ['test/**/*.ts', 'bench/**/*.ts', '*.config.ts'],
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      'no-restricted-syntax': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
);
