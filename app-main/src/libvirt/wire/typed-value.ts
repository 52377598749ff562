import { XdrError } from './xdr-error.ts'

/** Value of a typed parameter, whose type is named beside it and has to be checked before it is written. */
export type TypedValue = number | bigint | boolean | string

export function anyNumber(value: TypedValue): number {
  return typeof value === 'number' ? value : refuse(value, 'a number')
}

/** @returns the integer as a `bigint` */
export function anyInteger(value: TypedValue): bigint {
  if (typeof value === 'bigint') return value
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : refuse(value, 'an integer')
}

export function anyBoolean(value: TypedValue): boolean {
  return typeof value === 'boolean' ? value : refuse(value, 'a boolean')
}

export function anyString(value: TypedValue): string {
  return typeof value === 'string' ? value : refuse(value, 'a string')
}

function refuse(value: TypedValue, wanted: string): never {
  throw new XdrError(`a typed parameter wants ${wanted}, not the ${typeof value} ${String(value)}`)
}
