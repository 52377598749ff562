import type { DomainId } from '@vireo/app-main/contract'
import { cleanup, render, screen } from '@testing-library/react'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { TransferList } from './transfer-list.tsx'
import { transfers } from './transfer-store.ts'

const machine = 'transfers@test:///x' as DomainId
const SHOWN = 300

const height = vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(SHOWN)

afterEach(cleanup)
afterAll(() => height.mockRestore())

test('of thousands of transfers only those in sight are drawn, the newest first', () => {
  const job = { run: () => new Promise<void>(() => undefined), discard: () => undefined }
  const facts = { machine, machineName: 'a', direction: 'upload', folder: '/', size: 1 } as const
  transfers.addAll(Array.from({ length: 5000 }, (_, at) => ({ facts: { ...facts, name: `file-${at}` }, job })))
  render(<TransferList machine={machine} />)
  const lines = screen.getAllByRole('listitem')
  expect(lines.length).toBeLessThan(30)
  expect(lines[0]?.textContent).toContain('file-4999')
  expect(lines[0]?.getAttribute('aria-setsize')).toBe('5000')
})
