import type { Task, TaskId, VireoClient } from '@vireo/app-main/contract'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { StoresContext } from '../../store/hooks.ts'
import type { Stores } from '../../store/stores.ts'
import { domainOf } from '../../store/testing.ts'
import { TaskLine } from './task-line.tsx'

const task: Task = {
  ...{ id: '00000000-0000-4000-8000-000000000001' as TaskId, room: 'guest', name: 'installAgent' },
  ...{ target: domainOf('a').id, targetName: 'a', state: 'running', progress: 0.4, step: 'Copying the agent' },
  ...{ error: null, offer: null, startedAt: 0, endedAt: null },
}

const show = (cancel: (input: { taskId: string }) => Promise<object>) => {
  const stores = { client: { task: { cancel } } as unknown as VireoClient } as Stores
  render(
    <StoresContext value={stores}>
      <TaskLine task={task} />
    </StoresContext>,
  )
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

test('what lasts says its step, how far it is, and can be cancelled once', async () => {
  const cancel = vi.fn(() => Promise.resolve({}))
  show(cancel)
  expect(screen.getByRole('progressbar', { name: 'Copying the agent' }).getAttribute('aria-valuenow')).toBe('40')
  expect(screen.queryByText('Copying the agent')).toBeNull()
  await act(() => vi.advanceTimersByTimeAsync(1000))
  expect(screen.getByText('Copying the agent')).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Cancel' }))
  await act(() => vi.advanceTimersByTimeAsync(10))
  fireEvent.click(screen.getByRole('button', { name: /Cancel/ }))
  expect(cancel).toHaveBeenCalledTimes(1)
  expect(cancel).toHaveBeenCalledWith({ taskId: task.id })
  expect(screen.getByText('Cancelling…')).toBeTruthy()
})

test('a task that could not be cancelled can be tried again', async () => {
  const cancel = vi.fn(() => Promise.reject(new Error('gone')))
  show(cancel)
  await act(() => vi.advanceTimersByTimeAsync(1000))
  for (let turn = 0; turn < 2; turn++) {
    fireEvent.click(screen.getByRole('button', { name: 'Cancel' }))
    await act(() => vi.advanceTimersByTimeAsync(10))
  }
  expect(cancel).toHaveBeenCalledTimes(2)
})
