import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { Suspense } from 'react'
import { afterEach, expect, test } from 'vitest'
import { ErrorBoundary } from './feature/notices/error-boundary.tsx'
import { fetchParts, part } from './lazy-part.tsx'

afterEach(cleanup)

const Hello = () => <p>Hello</p>

/** A part whose file comes only while `there` is true; counts how often it was asked for. */
const unsteady = () => {
  const state = { there: false, asked: 0 }
  const Part = part(async () => {
    state.asked++
    if (!state.there) throw new TypeError('Failed to fetch dynamically imported module')
    return Hello
  })
  return { state, Part }
}

const show = (Part: React.ComponentType, place = 'one') => (
  <ErrorBoundary place={place}>
    <Suspense fallback="Loading">
      <Part />
    </Suspense>
  </ErrorBoundary>
)

const paint = (Part: React.ComponentType) => {
  // The boundary shows it; React would write it to the console as well.
  return render(show(Part), { onCaughtError: () => {} })
}

/** Whatever is being fetched has come, or not, before anybody looks. */
const settled = (work: () => void) => act(async () => work())

const again = () => settled(() => void fireEvent.click(screen.getByRole('button', { name: 'Load again' })))

test('a part that could not be fetched is asked for again by “Load again”, once each time', async () => {
  const { state, Part } = unsteady()
  await settled(() => void paint(Part))
  expect(state.asked).toBe(1)
  await again()
  expect(state.asked).toBe(2)
  state.there = true
  await again()
  expect(screen.getByText('Hello')).toBeTruthy()
  expect(state.asked).toBe(3)
})

test('another place has another chance', async () => {
  const { state, Part } = unsteady()
  let rerender = (_: React.ReactNode) => {}
  await settled(() => void ({ rerender } = paint(Part)))
  expect(screen.getByRole('button', { name: 'Load again' })).toBeTruthy()
  state.there = true
  await settled(() => rerender(show(Part, 'two')))
  expect(screen.getByText('Hello')).toBeTruthy()
})

test('a part that was fetched ahead is painted at once', async () => {
  const { state, Part } = unsteady()
  state.there = true
  await fetchParts()
  paint(Part)
  expect(screen.queryByText('Loading')).toBeNull()
  expect(screen.getByText('Hello')).toBeTruthy()
})

test('every part is fetched, those that others name too, although one cannot be had', async () => {
  const fetched: string[] = []
  part(() => Promise.reject(new Error('the server is gone')))
  part(async () => {
    fetched.push('detail')
    part(async () => {
      fetched.push('console')
      return Hello
    })
    return Hello
  })
  await fetchParts()
  expect(fetched).toEqual(['detail', 'console'])
})
