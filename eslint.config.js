/** Lint: what the compiler does not see. Formatting is prettier's, arrows between rooms dependency-cruiser's. */
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules', 'runs', 'docs'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { varsIgnorePattern: '^_', argsIgnorePattern: '^_' },
      ],
      // What an interface wants async may have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // Our objects are closures; methods that need `this` are rare and are never handed around.
      '@typescript-eslint/unbound-method': 'off',
      // `ServerId | ''` says more to a reader than `string`.
      '@typescript-eslint/no-redundant-type-constituents': 'off',
      'max-lines': ['error', 300],
      'no-irregular-whitespace': ['error', { skipTemplates: true }],
    },
  },
  {
    files: ['**/*.test.ts'],
    // Matchers such as `expect.stringContaining` are of type any.
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  // Script of the report's page; what it finds there is the browser's.
  { files: ['reports/html/*.js'], rules: { 'no-undef': 'off' } },
);
