/** What was run from the palette last, newest first, kept for the next start. */
const PLACE = 'vireo.palette-recent'
const KEPT = 12

export const readRecent = (storage: Storage = localStorage): readonly string[] => {
  try {
    const value: unknown = JSON.parse(storage.getItem(PLACE) ?? '[]')
    return Array.isArray(value) ? value.filter(id => typeof id === 'string').slice(0, KEPT) : []
  } catch {
    return []
  }
}

export const rememberRecent = (id: string, storage: Storage = localStorage): void => {
  const next = [id, ...readRecent(storage).filter(known => known !== id)].slice(0, KEPT)
  storage.setItem(PLACE, JSON.stringify(next))
}
