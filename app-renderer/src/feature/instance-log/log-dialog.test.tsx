import { RemoteError, type InstanceLog, type VireoClient } from '@vireo/app-main/contract'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { StoresContext } from '../../store/hooks.ts'
import type { Stores } from '../../store/stores.ts'
import { domainOf } from '../../store/testing.ts'
import { LogDialog } from './log-dialog.tsx'

const domain = domainOf('web', { kind: 'lxd' })
const LOG: InstanceLog = { files: ['lxc.log'], file: 'lxc.log', text: 'lxc web ERROR <b>no</b>\n', cut: true }

const show = (log: (input: object) => Promise<InstanceLog>) =>
  render(
    <StoresContext value={{ client: { lxd: { log } } as unknown as VireoClient } as unknown as Stores}>
      <LogDialog domain={domain} onClose={() => undefined} />
    </StoresContext>,
  )

afterEach(cleanup)

test('the log of a machine is text, with a word where it is only the end, and is read again on request', async () => {
  const log = vi.fn<(input: object) => Promise<InstanceLog>>().mockResolvedValue(LOG)
  show(log)
  expect((await screen.findByRole('region', { name: 'lxc.log' })).textContent).toBe(LOG.text)
  expect(screen.getByText('Only the end is shown.')).toBeDefined()
  expect(log).toHaveBeenLastCalledWith({ id: domain.id, file: null })
  log.mockRejectedValueOnce(new RemoteError({ kind: 'timeout', message: 'LXD does not answer.' }))
  fireEvent.click(screen.getByRole('button', { name: 'Read again' }))
  expect(await screen.findByText('LXD does not answer.')).toBeDefined()
  expect(screen.getByRole('region', { name: 'lxc.log' }).textContent).toBe(LOG.text)
})

test('a machine without any log says so', async () => {
  show(() => Promise.resolve({ files: [], file: null, text: '', cut: false }))
  expect(await screen.findByText('There is no log file.')).toBeDefined()
})
