/** Writes XML: elements as text, everything in them escaped. */
import { escapeXml } from './edit.ts'

type Value = string | number | null | undefined

/** Attributes that are null or undefined are left out. */
export const element = (
  name: string,
  attributes: Readonly<Record<string, Value>> = {},
  ...children: readonly string[]
): string => {
  const said = Object.entries(attributes).flatMap(([key, value]) =>
    value === null || value === undefined ? [] : [` ${key}='${escapeXml(String(value))}'`],
  )
  const inner = children.filter(child => child !== '')
  if (inner.length === 0) return `<${name}${said.join('')}/>`
  const [only = ''] = inner
  if (inner.length === 1 && !only.startsWith('<')) return `<${name}${said.join('')}>${only}</${name}>`
  const lines = inner.flatMap(child => child.split('\n')).map(line => `  ${line}`)
  return [`<${name}${said.join('')}>`, ...lines, `</${name}>`].join('\n')
}

/** Character data. Its line ends are written as references, so that indenting changes nothing. */
export const text = (value: string | number): string => escapeXml(String(value)).replaceAll('\n', '&#10;')
