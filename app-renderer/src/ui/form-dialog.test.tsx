import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { FormDialog } from './form-dialog.tsx'

afterEach(cleanup)

const show = (part: { pending?: boolean; reason?: string; failure?: { title: string; text: string } }) => {
  const [onSubmit, onClose] = [vi.fn(), vi.fn()]
  render(
    <FormDialog title="New" action="Create" onSubmit={onSubmit} onClose={onClose} {...part}>
      <input aria-label="Name" />
    </FormDialog>,
  )
  const form = (screen.getByRole('textbox') as HTMLInputElement).form
  if (form === null) throw new Error('the field belongs to no form')
  return { onSubmit, onClose, form }
}

test('its button and the Enter key submit, its other button leaves', () => {
  const { onSubmit, onClose, form } = show({})
  fireEvent.click(screen.getByRole('button', { name: 'Create' }))
  expect(onSubmit).toHaveBeenCalledTimes(1)
  fireEvent.submit(form)
  expect(onSubmit).toHaveBeenCalledTimes(2)
  expect(onClose).not.toHaveBeenCalled()
  fireEvent.click(screen.getByRole('button', { name: 'Cancel' }))
  expect(onClose).toHaveBeenCalledTimes(1)
})

test.each([{ pending: true }, { reason: 'It has no name.' }])('submits nothing with %j', part => {
  const { onSubmit, form } = show(part)
  fireEvent.click(screen.getByRole('button', { name: /Create/ }))
  fireEvent.submit(form)
  expect(onSubmit).not.toHaveBeenCalled()
})

test('tells what became of the last try', () => {
  show({ failure: { title: 'It was not made.', text: 'No room left.' } })
  expect(screen.getByText('It was not made.')).toBeTruthy()
  expect(screen.getByText('No room left.')).toBeTruthy()
})
