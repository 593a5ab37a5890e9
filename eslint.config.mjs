import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import tseslint from 'typescript-eslint';

/** Commands are registered in one place, which logs them and shows their errors. */
const REGISTER = {
  selector:
    ':matches(MemberExpression, Property, PropertyDefinition)[computed=false] > Identifier[name=/^register(TextEditor)?Command$/], Literal[value=/^register(TextEditor)?Command$/]',
  message: 'Use registerCommand of src/ui/base/register-command.ts.',
};
/** Context keys are set in one place, which knows their names and values. */
const SET_CONTEXT = {
  selector: "Literal[value='setContext'], TemplateElement[value.cooked='setContext']",
  message: 'Use ContextKeyWriter of src/ui/base/context-keys.ts.',
};

export default tseslint.config(
  { ignores: ['node_modules/', 'dist/', '.local/', '.vscode-test/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: dirname(fileURLToPath(import.meta.url)) },
    },
    rules: {
      'max-lines': ['error', { max: 400 }],
      'no-empty': ['error', { allowEmptyCatch: false }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 60 }],
      'no-restricted-syntax': ['error', REGISTER, SET_CONTEXT],
    },
  },
  {
    files: ['src/ui/base/register-command.ts'],
    rules: { 'no-restricted-syntax': ['error', SET_CONTEXT] },
  },
  {
    files: ['src/ui/base/context-keys.ts'],
    rules: { 'no-restricted-syntax': ['error', REGISTER] },
  },
  {
    // describe() and it() bodies are long by nature, and chai-less asserts read as bare expressions.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
);
