import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_DEPTH, parseXml, type XmlElement } from './document.ts'
import { escapeXml } from './edit.ts'

const refusal = (text: string): string => {
  try {
    parseXml(text)
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
  throw new Error('was accepted')
}

/** Every element's range must begin and end with its own tags. */
const checkRanges = (text: string, element: XmlElement): void => {
  const own = text.slice(element.start, element.end)
  expect(own.startsWith(`<${element.name}`)).toBe(true)
  const closed = own.endsWith('/>') || new RegExp(`</${element.name}\\s*>$`).test(own)
  expect(closed).toBe(true)
  if (element.openEnd !== element.end) expect(text.slice(element.closeStart, element.closeStart + 2)).toBe('</')
  for (const attribute of element.attributes.values())
    expect('"\''.includes(text.charAt(attribute.end)) && text.charAt(attribute.start - 1)).toBe(
      text.charAt(attribute.end),
    )
  for (const child of element.children) checkRanges(text, child)
}

describe('parseXml', () => {
  it('places elements and attributes among comments, CDATA, line ends and characters beyond the BMP', () => {
    const text = `<?xml version="1.0"?>\r\n<!-- <fake/> --><a k = '😀"' >\r\n<b>x<![CDATA[</b>]]></b><b/><c\n></c ></a>`
    const { root } = parseXml(text)
    checkRanges(text, root)
    expect(root.attributes.get('k')?.value).toBe('😀"')
    expect(root.children.map(child => child.name)).toEqual(['b', 'b', 'c'])
    expect(root.children[0]?.text).toBe('x</b>')
  })

  it('resolves the built-in entities and nothing else', () => {
    expect(parseXml('<a>&lt;&#65;&amp;</a>').root.text).toBe('<A&')
    expect(refusal('<a>&file;</a>')).toMatch(/entity/)
  })

  it('refuses document types, so that no entity can be declared', () => {
    const laughs = `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>`
    expect(refusal(laughs)).toMatch(/document type/)
    expect(refusal('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>')).toMatch(/document type/)
  })

  it('refuses what is nested too deep, too long, or broken', () => {
    const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth)
    expect(parseXml(nested(MAX_DEPTH)).root.name).toBe('a')
    expect(refusal(nested(MAX_DEPTH + 1))).toMatch(/deeper/)
    expect(refusal(nested(1_000_000))).toMatch(/deeper|longer/)
    expect(refusal('<a>' + 'x'.repeat(4 * 1024 * 1024) + '</a>')).toMatch(/longer/)
    for (const broken of [
      '',
      'x',
      '<a>',
      '<a></b>',
      '<a/><b/>',
      '<a x=1/>',
      '<a b="1" b="2"/>',
      '<a>\u0000</a>',
      '\uFEFF<a/>',
    ])
      expect(refusal(broken)).toMatch(/cannot be used/)
  })

  it('reads a document of nearly 4 MB', () => {
    const text = `<a>${'<b c="d">hello</b>\n'.repeat(190_000)}</a>`
    expect(parseXml(text).root.children).toHaveLength(190_000)
  })

  it('keeps text and attribute values, whatever they hold', () => {
    const anything = fc.string({ unit: 'binary' }).filter(text => {
      try {
        return escapeXml(text) !== null
      } catch {
        return false
      }
    })
    fc.assert(
      fc.property(anything, anything, (value, content) => {
        const text = `<a><b v="${escapeXml(value).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}">${escapeXml(content)}</b></a>`
        const { root } = parseXml(text)
        checkRanges(text, root)
        expect(root.children[0]?.attributes.get('v')?.value).toBe(value)
        expect(root.children[0]?.text).toBe(content)
      }),
    )
  })

  it('answers any text with a tree or a typed error', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('<', '>', '/', 'a', '"', "'", '=', '&', ';', '!', '-', '[', ']', '?', ' ')),
        parts => {
          try {
            parseXml(parts.join(''))
          } catch (error) {
            expect(error).toMatchObject({ detail: { kind: 'invalid-input' } })
          }
        },
      ),
    )
  })
})
