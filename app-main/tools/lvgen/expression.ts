import type { TokenCursor } from './tokens.ts'

const precedence: Readonly<Record<string, number>> = {
  '|': 1,
  '^': 2,
  '&': 3,
  '<<': 4,
  '>>': 4,
  '+': 5,
  '-': 5,
  '*': 6,
}

/** Values of names seen so far. */
export type Constants = Map<string, bigint>

/** Reads a constant expression of C: numbers, names, parentheses, `- ~ | ^ & << >> + - *`. */
export function readExpression(cursor: TokenCursor, constants: Constants, least = 1): bigint {
  let left = readOperand(cursor, constants)
  for (;;) {
    const operator = cursor.peek().text
    const level = precedence[operator]
    if (level === undefined || level < least) return left
    cursor.take()
    left = apply(operator, left, readExpression(cursor, constants, level + 1))
  }
}

function readOperand(cursor: TokenCursor, constants: Constants): bigint {
  if (cursor.accept('-')) return -readOperand(cursor, constants)
  if (cursor.accept('~')) return ~readOperand(cursor, constants)
  if (cursor.accept('(')) {
    const value = readExpression(cursor, constants)
    cursor.expect(')')
    return value
  }
  const token = cursor.peek()
  if (token.kind === 'number') return BigInt(cursor.take().text)
  const value = token.kind === 'word' ? constants.get(token.text) : undefined
  if (value === undefined) cursor.fail(`${token.text} has no known value`)
  cursor.take()
  return value
}

function apply(operator: string, left: bigint, right: bigint): bigint {
  switch (operator) {
    case '|':
      return left | right
    case '^':
      return left ^ right
    case '&':
      return left & right
    case '<<':
      return left << right
    case '>>':
      return left >> right
    case '+':
      return left + right
    case '-':
      return left - right
    default:
      return left * right
  }
}
