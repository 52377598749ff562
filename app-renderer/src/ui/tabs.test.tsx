import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { useState } from 'react'
import { afterEach, expect, test } from 'vitest'
import { Tabs } from './tabs.tsx'

afterEach(cleanup)

const TABS = [
  { id: 'one', label: 'One' },
  { id: 'two', label: 'Two', bare: true },
] as const
type Id = (typeof TABS)[number]['id']

const Shown = () => {
  const [selected, setSelected] = useState<Id>('one')
  return (
    <Tabs label="Parts" tabs={TABS} selected={selected} onSelect={setSelected}>
      {id => (id === 'one' ? <input aria-label="Field" /> : <p>Words</p>)}
    </Tabs>
  )
}

const panelOf = (name: string): HTMLElement => {
  const id = screen.getByRole('tab', { name }).getAttribute('aria-controls') ?? ''
  const panel = document.getElementById(id)
  if (panel === null) throw new Error(`the tab ${name} controls nothing`)
  return panel
}

test('a tab and its panel name each other', () => {
  render(<Shown />)
  expect(screen.getByRole('tabpanel', { name: 'One' })).toBe(panelOf('One'))
  expect(screen.getByRole('tab', { name: 'Two' }).getAttribute('aria-controls')).toBeNull()
  fireEvent.click(screen.getByRole('tab', { name: 'Two' }))
  expect(screen.getByRole('tabpanel', { name: 'Two' })).toBe(panelOf('Two'))
})

test('a panel that was left is out of reach and keeps what was typed', () => {
  render(<Shown />)
  expect(screen.queryByText('Words')).toBeNull()
  const [one, field] = [panelOf('One'), screen.getByRole<HTMLInputElement>('textbox')]
  fireEvent.change(field, { target: { value: 'kept' } })
  fireEvent.click(screen.getByRole('tab', { name: 'Two' }))
  expect(one.inert).toBe(true)
  fireEvent.click(screen.getByRole('tab', { name: 'One' }))
  expect(one.inert).toBe(false)
  expect(one.contains(field)).toBe(true)
  expect(field.value).toBe('kept')
})

test('a panel takes the keyboard only where nothing in it does', () => {
  render(<Shown />)
  expect(panelOf('One').hasAttribute('tabindex')).toBe(false)
  fireEvent.click(screen.getByRole('tab', { name: 'Two' }))
  expect(panelOf('Two').tabIndex).toBe(0)
})
