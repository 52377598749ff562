/** Lists that come in pages, from an agent that may never end them. */
import { badAnswer } from '../rpc-failure.ts'

export interface Page<T, Cursor> {
  readonly items: readonly T[]
  /** Where the next page begins; null on the last one. */
  readonly next: Cursor | null
}

const MAX_ITEMS = 100_000
const MAX_PAGES = 1000

/** All pages together. Rejects with kind `refused` when there is no end to them. */
export const allPages = async <T, Cursor extends string | number>(
  what: string,
  page: (after: Cursor | undefined) => Promise<Page<T, Cursor>>,
): Promise<T[]> => {
  const all: T[] = []
  let after: Cursor | undefined
  for (let count = 0; count < MAX_PAGES; count++) {
    const { items, next } = await page(after)
    for (const item of items) all.push(item)
    if (all.length > MAX_ITEMS) throw badAnswer(what, `more than ${MAX_ITEMS} entries`)
    if (next === null) return all
    if (next === after || items.length === 0) throw badAnswer(what, 'its pages do not advance')
    after = next
  }
  throw badAnswer(what, `more than ${MAX_PAGES} pages`)
}
