/** Small questions to a parsed document. */
import type { XmlElement } from './document.ts'

export const childrenOf = (element: XmlElement | undefined, name: string): XmlElement[] =>
  element === undefined ? [] : element.children.filter(child => child.name === name)

/** The first element down a path such as `os/type`. */
export const find = (element: XmlElement | undefined, path: string): XmlElement | undefined => {
  let at = element
  for (const name of path.split('/')) at = at?.children.find(child => child.name === name)
  return at
}

/** All elements down a path: `devices/disk` gives every disk. */
export const findAll = (element: XmlElement | undefined, path: string): XmlElement[] => {
  const names = path.split('/')
  const last = names.pop() ?? ''
  return childrenOf(names.length === 0 ? element : find(element, names.join('/')), last)
}

/** An attribute's value; null when it or the element is missing. */
export const attribute = (element: XmlElement | undefined, name: string): string | null =>
  element?.attributes.get(name)?.value ?? null

/** Trimmed character data; null when the element is missing or has none. */
export const textOf = (element: XmlElement | undefined): string | null => {
  const text = element?.text.trim()
  return text === undefined || text === '' ? null : text
}

/** The namespace an element's prefix stands for, null when it is not declared. */
export const namespaceOf = (element: XmlElement): string | null => {
  const colon = element.name.indexOf(':')
  const declaration = colon < 0 ? 'xmlns' : `xmlns:${element.name.slice(0, colon)}`
  for (let at: XmlElement | null = element; at !== null; at = at.parent) {
    const uri = at.attributes.get(declaration)
    if (uri !== undefined) return uri.value
  }
  return null
}

export const localName = (element: XmlElement): string => element.name.slice(element.name.indexOf(':') + 1)
