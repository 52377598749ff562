/** The small shapes that the methods share. Each refuses what JSON can say and no method means: 1e999, 0.5 bytes, NUL in a path. */
import * as v from 'valibot'

/** A whole number that is not negative: bytes, ticks, identifiers. */
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
export const integer = v.pipe(v.number(), v.safeInteger())
export const real = v.pipe(v.number(), v.finite())
/** Milliseconds since 1970 on the guest's own clock. */
export const epochMs = integer
/** Of one hundred; may exceed it where several CPUs count. */
export const percent = v.pipe(v.number(), v.finite(), v.minValue(0))

function withoutNul(value: string): boolean {
  return !value.includes('\0')
}

/** Text that ends up in a system call: no NUL. */
export function text(maxLength: number): v.GenericSchema<string> {
  return v.pipe(v.string(), v.maxLength(maxLength), v.check(withoutNul, 'holds a NUL character'))
}

/** An absolute path in the guest. `.` and `..` are allowed and resolved by the agent before its rules are asked. */
export const path: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.startsWith('/', 'a path must be absolute'),
  v.maxLength(4095),
  v.check(withoutNul, 'holds a NUL character'),
)

/** A user's or group's name, or its number in decimal digits. */
export const account: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,254}\$?$/, 'no name of a user or group'),
)

/** Permission bits with setuid, setgid and sticky: 0 to 0o7777. */
export const mode = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0o7777))

/** Bytes as standard base64 with padding and without line breaks. */
export const base64 = v.string()

export const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'no SHA-256 in lower-case hexadecimal digits'))

/** Names an upload, a frozen state: 32 hexadecimal digits. Hard to guess. */
export const token = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/, 'no token'))

/** No members: of a method without params, or one whose success says everything. */
export const nothing = v.object({})
