import { expect, test } from 'vitest'
import { mayTakeFocus } from './take-focus.ts'

const made = (html: string): Element => {
  const template = document.createElement('template')
  template.innerHTML = html
  return template.content.firstElementChild ?? expect.fail('nothing was made')
}

test('a console takes the keyboard when nobody has it or its tab was pressed', () => {
  expect(mayTakeFocus(null)).toBe(true)
  expect(mayTakeFocus(document.body)).toBe(true)
  expect(mayTakeFocus(made('<div role="tab"></div>'))).toBe(true)
  expect(mayTakeFocus(made('<section data-detail></section>'))).toBe(true)
})

test('it does not take it from a person who walks the tabs by keys or types elsewhere', () => {
  expect(mayTakeFocus(made('<div role="tab" data-focus-visible="true"></div>'))).toBe(false)
  expect(mayTakeFocus(made('<input>'))).toBe(false)
})
