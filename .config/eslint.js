import tseslint from 'typescript-eslint';

/** What browsers run, as it is. */
const PAGE = ['src/http/page/*.js', 'src/http/page/*.ts'];

/** Where waits begin: elsewhere a clock is asked, so that none is longer than a timer of the platform can be. */
const TIMERS = ['src/base/clock.ts', 'src/client/sleep.ts', 'src/http/page/loop.js'];

const TIMER = 'wait by a clock: kube/clock.ts, client/sleep.ts, or http/page/loop.js';
const DATE = 'a date is asked of a WallClock (kube/clock.ts), how long something takes of a Clock';

const typedBy = (files, project) => ({
  files,
  languageOptions: { parserOptions: { project, tsconfigRootDir: import.meta.dirname } },
});

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'node_modules', '.portico'] },
  ...tseslint.configs.recommendedTypeChecked,
  typedBy(['src/**/*.ts', 'test/**/*.ts'], '../tsconfig.json'),
  typedBy(PAGE, './tsconfig.page.json'),
  typedBy(['test/page/*.ts'], '../test/page/tsconfig.json'),
  {
    files: ['src/**/*.ts', 'test/**/*.ts', ...PAGE],
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      'max-lines': ['error', { max: 320, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['warn', { max: 60, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 16],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
    },
  },
  {
    files: ['src/**/*.ts', ...PAGE],
    ignores: TIMERS,
    rules: {
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval'].map((name) => ({ name, message: TIMER })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'AbortSignal', property: 'timeout', message: TIMER },
        ...['globalThis', 'window', 'self'].flatMap((object) =>
          ['setTimeout', 'setInterval'].map((property) => ({ object, property, message: TIMER })),
        ),
      ],
      '@typescript-eslint/no-restricted-imports': [
        'error',
        ...['timers', 'timers/promises'].flatMap((name) =>
          [name, `node:${name}`].map((path) => ({
            name: path,
            importNames: ['setTimeout', 'setInterval', 'scheduler'],
            message: TIMER,
          })),
        ),
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: [...TIMERS, ...PAGE],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: "MemberExpression[object.name='Date'][property.name='now']", message: DATE },
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: DATE },
        { selector: "CallExpression[callee.name='Date']", message: DATE },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // chai's assertions are property reads; describe() bodies are long by nature.
      '@typescript-eslint/no-unused-expressions': 'off',
      'max-lines-per-function': 'off',
      'no-console': 'off',
    },
  },
  { files: ['**/*.js'], ignores: PAGE, ...tseslint.configs.disableTypeChecked },
);
