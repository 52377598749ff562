import type { BootStep, FirstBoot, VireoClient } from '@vireo/app-main/contract'
import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { createStore } from 'zustand'
import { StoresContext } from '../../store/hooks.ts'
import type { Stores } from '../../store/stores.ts'
import { domainOf } from '../../store/testing.ts'
import { FirstStart } from './first-start.tsx'

const stepsOf = (...states: readonly BootStep['state'][]): BootStep[] =>
  (['running', 'address', 'agent', 'cloud-init', 'ssh'] as const).map((stage, at) => ({
    ...{ stage, state: states[at] ?? 'waiting', detail: states[at] === 'failed' ? 'It took too long.' : null },
  }))

const show = (name: string, told: Partial<FirstBoot> | null, state: 'running' | 'shutoff' = 'running') => {
  const domain = domainOf(name, { state })
  const bootOf = (part: Partial<FirstBoot>): FirstBoot => ({
    ...{
      id: domain.id,
      name,
      steps: stepsOf(),
      phase: null,
      address: null,
      port: 22,
      user: 'debian',
      sshCommand: null,
      errors: [],
    },
    ...part,
  })
  const firstBoot = vi.fn(async () => ({ taskId: 'x' }))
  const listeners: ((boot: FirstBoot) => void)[] = []
  const create = {
    ...{ firstBoot, bootState: async () => (told === null ? null : bootOf(told)) },
    bootChanged: (listener: (boot: FirstBoot) => void) => (listeners.push(listener), () => undefined),
  }
  const ui = { go: vi.fn() }
  const client = { create } as unknown as VireoClient
  render(
    <StoresContext value={{ client, ui, online: createStore(() => true) } as unknown as Stores}>
      <FirstStart domain={domain} />
    </StoresContext>,
  )
  return { firstBoot, ui, tell: (part: Partial<FirstBoot>) => act(() => listeners.forEach(one => one(bootOf(part)))) }
}

afterEach(cleanup)

test('a new machine is followed until it is what its person wanted', async () => {
  const { firstBoot, ui, tell } = show('web', {})
  await waitFor(() => expect(firstBoot).toHaveBeenCalledTimes(1))
  tell({ phase: { phase: 'kernel', line: '[ 0.000000] Linux version 6.1' } })
  expect(screen.getByText('Its kernel starts')).toBeTruthy()
  expect(screen.getByText('[ 0.000000] Linux version 6.1')).toBeTruthy()
  tell({ steps: stepsOf('done', 'done'), sshCommand: 'ssh debian@192.0.2.5' })
  expect(screen.getByRole('button', { name: /ssh debian@192\.0\.2\.5/ })).toBeTruthy()
  expect(screen.queryByText('Its kernel starts')).toBeNull()
  expect(screen.getAllByText('waited for')).toHaveLength(3)
  expect(screen.queryByText('“web” is ready.')).toBeNull()
  tell({ steps: stepsOf('done', 'done', 'skipped', 'done', 'done') })
  expect(screen.getByText('“web” is ready.')).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Terminal' }))
  expect(ui.go).toHaveBeenCalledWith({ tab: 'terminal' })
  fireEvent.click(screen.getByRole('button', { name: 'Hide the first start' }))
  expect(screen.queryByRole('region')).toBeNull()
})

test('what went wrong is told in its own words, and can be waited for again', async () => {
  const { firstBoot } = show('db', { steps: stepsOf('done', 'failed'), errors: ['no such package'] })
  await screen.findByText('It took too long.')
  expect(screen.getByText('no such package')).toBeTruthy()
  await waitFor(() => expect(firstBoot).toHaveBeenCalledTimes(1))
  fireEvent.click(screen.getByRole('button', { name: 'Wait again' }))
  expect(firstBoot).toHaveBeenCalledTimes(2)
})

test.each([
  ['a machine that somebody else made', 'other', null, 'running'],
  ['one that was never started', 'off', {}, 'shutoff'],
] as const)('nothing is told of %s', async (_what, name, told, state) => {
  const { firstBoot } = show(name, told, state)
  await act(async () => undefined)
  expect(screen.queryByRole('region')).toBeNull()
  expect(firstBoot).not.toHaveBeenCalled()
})
