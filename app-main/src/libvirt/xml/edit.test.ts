import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseXml } from './document.ts'
import { XmlEdit, escapeXml } from './edit.ts'
import { find } from './query.ts'

const DOMAIN = `<?xml version='1.0'?>
<!-- hand written,   keep  -->
<domain type="kvm"   id='3'>
\t<name>web &amp; mail</name>
  <title/>
  <x:mystery xmlns:x="urn:x" b='2' a='1'><![CDATA[ <raw> ]]></x:mystery>
  <devices>
    <disk/> <!-- stays -->
    <serial type='pty'/>
  </devices>
</domain>
`
const edit = () => new XmlEdit(parseXml(DOMAIN))
const at = (change: XmlEdit, path: string) => {
  const element = find(change.document.root, path)
  if (element === undefined) throw new Error(`no ${path}`)
  return element
}

describe('XmlEdit', () => {
  it('gives an untouched document back byte for byte', () => {
    expect(edit().toString()).toBe(DOMAIN)
  })

  it('changes one attribute and nothing else', () => {
    const change = edit()
    expect(change.setAttribute(change.document.root, 'type', 'a"<b').toString()).toBe(
      DOMAIN.replace('"kvm"', '"a&quot;&lt;b"'),
    )
  })

  it('adds an attribute, also to a self-closing element', () => {
    const change = edit()
    expect(change.setAttribute(at(change, 'devices/disk'), 'type', 'file').toString()).toBe(
      DOMAIN.replace('<disk/>', "<disk type='file'/>"),
    )
  })

  it('sets text in full and in empty elements', () => {
    const change = edit()
    change.setText(at(change, 'name'), 'a<b').setText(at(change, 'title'), 'T')
    expect(change.toString()).toBe(DOMAIN.replace('web &amp; mail', 'a&lt;b').replace('<title/>', '<title>T</title>'))
  })

  it('removes an element with its line, but leaves a neighbour on that line alone', () => {
    const line = edit()
    expect(line.remove(at(line, 'devices/serial')).toString()).toBe(DOMAIN.replace("\n    <serial type='pty'/>", ''))
    const shared = edit()
    expect(shared.remove(at(shared, 'devices/disk')).toString()).toBe(DOMAIN.replace('<disk/>', ''))
  })

  it('inserts behind the last child with its indentation', () => {
    const change = edit()
    expect(change.insert(at(change, 'devices'), '<rng/>').toString()).toBe(
      DOMAIN.replace("<serial type='pty'/>", "<serial type='pty'/>\n    <rng/>"),
    )
  })

  it('inserts into empty elements of both spellings', () => {
    for (const [before, after] of [
      ['<a><b/></a>', '<a><b><c/></b></a>'],
      ['<a><b></b></a>', '<a><b><c/></b></a>'],
      ['<a>\n  <b/>\n</a>', '<a>\n  <b>\n    <c/>\n  </b>\n</a>'],
    ] as const) {
      const change = new XmlEdit(parseXml(before))
      expect(change.insert(at(change, 'b'), '<c/>').toString()).toBe(after)
    }
  })

  it('refuses XML that is not well-formed, characters that XML cannot carry, and overlapping edits', () => {
    const change = edit()
    expect(() => change.insert(change.document.root, '<a>')).toThrow(/cannot be used/)
    expect(() => change.setText(at(change, 'name'), 'a\u0000')).toThrow(/cannot carry/)
    expect(() => change.setText(at(change, 'name'), '\uD800')).toThrow(/cannot carry/)
    expect(change.toString()).toBe(DOMAIN)
    change.remove(at(change, 'devices')).setAttribute(at(change, 'devices/disk'), 'x', '1')
    expect(() => change.toString()).toThrow(/overlap/)
  })

  it('a text once set reads back, and the rest of the document is as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (title, type) => {
        const change = edit()
        change.setText(at(change, 'title'), title).setAttribute(change.document.root, 'type', type)
        const after = change.toString()
        expect(find(parseXml(after).root, 'title')?.text).toBe(title)
        expect(parseXml(after).root.attributes.get('type')?.value).toBe(type)
        const [head, tail] = DOMAIN.split('<title/>')
        expect(after.endsWith(`</title>${tail}`)).toBe(true)
        expect(after.startsWith(head?.split('"kvm"')[0] ?? '?')).toBe(true)
        expect(after).toContain(`>${escapeXml(title)}</title>`)
      }),
    )
  })
})
