import tseslint from 'typescript-eslint';

/** What browsers run, as it is. */
const PAGE = ['src/http/page/*.js', 'src/http/page/*.ts'];

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
