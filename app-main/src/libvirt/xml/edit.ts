/**
 * Edits of an XML text that change nothing else: each is a replacement of one range of the original. Comments, unknown
 * elements, attribute order, quotes and white space stay as they are, byte for byte.
 */
import { invalidXml, parseXml, type XmlDocument, type XmlElement } from './document.ts'

interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

// Characters that XML 1.0 cannot carry at all, lone surrogates included.
const FORBIDDEN =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/

/** Makes any text safe as character data or between quotes of either kind. Throws `invalid-input` for control characters. */
export const escapeXml = (text: string): string => {
  if (FORBIDDEN.test(text)) throw invalidXml('a value holds a character that XML cannot carry')
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;')
    .replaceAll('\r', '&#13;')
}

// Parsers turn raw line ends and tabs in attributes into spaces.
const escapeAttribute = (text: string): string => escapeXml(text).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')

export class XmlEdit {
  readonly document: XmlDocument
  readonly #splices: Splice[] = []

  constructor(document: XmlDocument) {
    this.document = document
  }

  setAttribute(element: XmlElement, name: string, value: string): this {
    const present = element.attributes.get(name)
    if (present !== undefined) return this.#splice(present.start, present.end, escapeAttribute(value))
    const afterName = element.start + 1 + element.name.length
    return this.#splice(afterName, afterName, ` ${name}='${escapeAttribute(value)}'`)
  }

  /** Replaces all that the element holds by a text. */
  setText(element: XmlElement, text: string): this {
    return this.#setContent(element, escapeXml(text))
  }

  replace(element: XmlElement, xml: string): this {
    parseXml(xml)
    return this.#splice(element.start, element.end, xml)
  }

  /** Removes the element together with the line it stood on, when it stood alone. */
  remove(element: XmlElement): this {
    const { text } = this.document
    const lineStart = text.lastIndexOf('\n', element.start - 1)
    const alone = lineStart >= 0 && text.slice(lineStart, element.start).trim() === ''
    const followed = text.slice(element.end, endOfLine(text, element.end)).trim() !== ''
    return this.#splice(alone && !followed ? lineStart : element.start, element.end, '')
  }

  /** Adds an element behind `after`, or as the last child, indented like its neighbours. */
  insert(parent: XmlElement, xml: string, after: XmlElement | undefined = parent.children.at(-1)): this {
    parseXml(xml)
    if (after !== undefined) return this.#splice(after.end, after.end, `${this.#indentOf(after)}${xml}`)
    const outer = this.#indentOf(parent)
    return this.#setContent(parent, outer === '' ? xml : `${outer}  ${xml}${outer}`)
  }

  /** The edited text. Throws when two edits touch the same place. */
  toString(): string {
    const { text } = this.document
    let out = ''
    let at = 0
    for (const splice of this.#splices.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
      if (splice.start < at) throw new Error('two edits overlap')
      out += text.slice(at, splice.start) + splice.text
      at = splice.end
    }
    return out + text.slice(at)
  }

  #setContent(element: XmlElement, raw: string): this {
    if (element.openEnd !== element.end) return this.#splice(element.openEnd, element.closeStart, raw)
    const slash = this.document.text.lastIndexOf('/', element.end - 1)
    return this.#splice(slash, element.end, `>${raw}</${element.name}>`)
  }

  /** The line break and white space before an element, empty when it does not begin its line. */
  #indentOf(element: XmlElement): string {
    const before = this.document.text.slice(0, element.start)
    return /\r?\n[ \t]*$/.exec(before.slice(-200))?.[0] ?? ''
  }

  #splice(start: number, end: number, text: string): this {
    this.#splices.push({ start, end, text })
    return this
  }
}

const endOfLine = (text: string, from: number): number => {
  const at = text.indexOf('\n', from)
  return at < 0 ? text.length : at
}
