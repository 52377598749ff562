import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { Button, IconButton } from './button.tsx'

afterEach(cleanup)

test('a button with a reason cannot be pressed, can be reached, and tells the reason', () => {
  const press = vi.fn()
  render(
    <Button onPress={press} reason="Only while running.">
      Pause
    </Button>,
  )
  const button = screen.getByRole('button', { name: 'Pause' })
  fireEvent.click(button)
  expect(press).not.toHaveBeenCalled()
  expect(button.getAttribute('aria-disabled')).toBe('true')
  expect((button as HTMLButtonElement).disabled).toBe(false)
  const described = document.getElementById(button.getAttribute('aria-describedby') ?? '')
  expect(described?.textContent).toBe('Only while running.')
})

test('without a reason it does its work', () => {
  const press = vi.fn()
  render(<IconButton icon="play" label="Start" onPress={press} />)
  fireEvent.click(screen.getByRole('button', { name: 'Start' }))
  expect(press).toHaveBeenCalledTimes(1)
})
