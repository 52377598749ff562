/**
 * XML read with the place of everything in the text, so that an edit can replace exactly what it means (`edit.ts`).
 *
 * Nothing is ever expanded: a document with a DTD is refused, only the five built-in entities and character references
 * exist. Depth, size and number of elements are bounded, because definitions may come from anywhere.
 */
import { SaxesParser } from 'saxes'
import { RemoteError } from '../../contract/index.ts'

export interface XmlAttribute {
  readonly name: string
  readonly value: string
  /** Range of the raw value between its quotes. */
  readonly start: number
  readonly end: number
}

export interface XmlElement {
  /** As written, with its prefix. */
  readonly name: string
  readonly parent: XmlElement | null
  readonly attributes: ReadonlyMap<string, XmlAttribute>
  readonly children: readonly XmlElement[]
  /** Its own character data, without that of its children. */
  readonly text: string
  /** Range of the whole element. */
  readonly start: number
  readonly end: number
  /** Where its start tag ends and its end tag begins; both equal `end` when it is self-closing. */
  readonly openEnd: number
  readonly closeStart: number
}

export interface XmlDocument {
  readonly text: string
  readonly root: XmlElement
}

type Building = { -readonly [K in keyof XmlElement]: XmlElement[K] } & {
  parent: Building | null
  attributes: Map<string, XmlAttribute>
  children: Building[]
}

/** Characters; libvirt itself sends at most 4 MiB of XML. */
const MAX_TEXT = 4 * 1024 * 1024
export const MAX_DEPTH = 128
const MAX_ELEMENTS = 200_000

export const invalidXml = (why: string): RemoteError =>
  new RemoteError({ kind: 'invalid-input', message: `The XML cannot be used: ${why}` })

/** Reads a document. Throws `RemoteError` of kind `invalid-input`. */
export const parseXml = (text: string): XmlDocument => {
  if (text.length > MAX_TEXT) throw invalidXml(`it is longer than ${MAX_TEXT} characters`)
  // A byte order mark is not part of the document for the parser and would shift every offset.
  if (text.startsWith('\uFEFF')) throw invalidXml('it begins with a byte order mark')
  const builder = new TreeBuilder(text)
  builder.run()
  if (builder.root === null) throw invalidXml('it has no element')
  return { text, root: builder.root }
}

class TreeBuilder {
  root: Building | null = null
  readonly #text: string
  readonly #parser = new SaxesParser({ position: true })
  #open: Building | null = null
  #depth = 0
  #count = 0

  constructor(text: string) {
    this.#text = text
  }

  run(): void {
    const parser = this.#parser
    parser.on('error', error => {
      throw invalidXml(error.message)
    })
    parser.on('doctype', () => {
      throw invalidXml('document type declarations are not accepted')
    })
    parser.on('opentagstart', tag => this.#start(tag.name))
    parser.on('attribute', ({ name, value }) => this.#attribute(name, value))
    parser.on('opentag', () => {
      if (this.#open !== null) this.#open.openEnd = parser.position
    })
    const characters = (value: string) => {
      if (this.#open !== null) this.#open.text += value
    }
    parser.on('text', characters)
    parser.on('cdata', characters)
    parser.on('closetag', () => this.#end())
    parser.write(this.#text).close()
  }

  #start(name: string): void {
    if (++this.#depth > MAX_DEPTH) throw invalidXml(`elements are nested deeper than ${MAX_DEPTH}`)
    if (++this.#count > MAX_ELEMENTS) throw invalidXml(`it has more than ${MAX_ELEMENTS} elements`)
    const start = this.#text.lastIndexOf('<', this.#parser.position - 1)
    const parent = this.#open
    const element: Building = {
      name,
      parent,
      attributes: new Map(),
      children: [],
      text: '',
      start,
      end: start,
      openEnd: start,
      closeStart: start,
    }
    if (parent === null) this.root = element
    else parent.children.push(element)
    this.#open = element
  }

  #attribute(name: string, value: string): void {
    const end = this.#parser.position - 1
    const start = this.#text.lastIndexOf(this.#text.charAt(end), end - 1) + 1
    this.#open?.attributes.set(name, { name, value, start, end })
  }

  #end(): void {
    const element = this.#open
    if (element === null) return
    const end = this.#parser.position
    element.end = end
    element.closeStart = element.openEnd === end ? end : this.#text.lastIndexOf('</', end - 1)
    this.#depth--
    this.#open = element.parent
  }
}
