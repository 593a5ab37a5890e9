const GRAMMAR = ['SET', 'REMOVE', 'AND', 'OR', 'NOT', 'contains', 'attribute_not_exists', 'if_not_exists'];

/** @returns the words of an expression of DynamoDB that are neither its grammar nor placeholders, and may be reserved */
export function bareWords(expression: string): string[] {
  const words = expression.match(/(?<![#:\w])\w+/g) ?? [];
  return words.filter((word) => ![...GRAMMAR, 'list_append'].includes(word));
}
