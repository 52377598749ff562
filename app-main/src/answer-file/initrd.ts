/** Files for a system that starts from a ramdisk: the kernel reads archives one after the other, so nothing is unpacked. */

const FILE = 0o100600
const ALIGN = 4

const padded = (bytes: Uint8Array): Uint8Array[] => [bytes, new Uint8Array((ALIGN - (bytes.length % ALIGN)) % ALIGN)]

/** One entry of the `newc` format: numbers are eight hexadecimal digits. */
const entry = (name: string, bytes: Uint8Array, inode: number, mode: number): Uint8Array[] => {
  const path = Buffer.from(`${name}\0`)
  const time = 0
  const fields = [inode, mode, 0, 0, 1, time, bytes.length, 0, 0, 0, 0, path.length, 0]
  const head = `070701${fields.map(value => value.toString(16).padStart(8, '0')).join('')}`
  return [...padded(Buffer.concat([Buffer.from(head), path])), ...padded(bytes)]
}

/** The ramdisk with these files at its root, which win over those of the same name. Only root may read them there. */
export const appendFiles = (
  ramdisk: Uint8Array,
  files: readonly { readonly name: string; readonly text: string }[],
): Buffer => {
  if (files.length === 0) return Buffer.from(ramdisk)
  const entries = files.flatMap(({ name, text }, index) => entry(name, Buffer.from(text), index + 1, FILE))
  return Buffer.concat([...padded(ramdisk), ...entries, ...entry('TRAILER!!!', new Uint8Array(), 0, 0)])
}
