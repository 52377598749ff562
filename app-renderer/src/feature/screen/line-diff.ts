export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added' | 'gap'
  readonly text: string
}

/** Unchanged lines shown around a change. */
const AROUND = 2

/** Longest common subsequence of the differing middles; quadratic, so bounded. */
const MOST = 2000

const lengths = (a: readonly string[], b: readonly string[]): Uint16Array[] => {
  const table = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1))
  const at = (i: number, j: number): number => table[i]?.[j] ?? 0
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const row = table[i]
      if (row) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  return table
}

const middle = (a: readonly string[], b: readonly string[]): DiffLine[] => {
  const all = (lines: readonly string[], kind: 'removed' | 'added'): DiffLine[] => lines.map(text => ({ kind, text }))
  if (a.length > MOST || b.length > MOST) return [...all(a, 'removed'), ...all(b, 'added')]
  const table = lengths(a, b)
  const out: DiffLine[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    const left = a[i] ?? ''
    const right = b[j] ?? ''
    if (left === right) {
      out.push({ kind: 'same', text: left })
      i++
      j++
    } else if ((table[i + 1]?.[j] ?? 0) >= (table[i]?.[j + 1] ?? 0)) {
      out.push({ kind: 'removed', text: left })
      i++
    } else {
      out.push({ kind: 'added', text: right })
      j++
    }
  }
  return [...out, ...all(a.slice(i), 'removed'), ...all(b.slice(j), 'added')]
}

/** What changes between two texts, line by line, with a little of what stays around it. Empty when nothing changes. */
export const lineDiff = (before: string, after: string): DiffLine[] => {
  const a = before.split('\n')
  const b = after.split('\n')
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  const same = (lines: readonly string[]): DiffLine[] => lines.map(text => ({ kind: 'same', text }))
  const lines = [
    ...same(a.slice(0, head)),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...same(a.slice(a.length - tail)),
  ]
  return onlyAround(lines)
}

const onlyAround = (lines: readonly DiffLine[]): DiffLine[] => {
  const near = (at: number): boolean =>
    lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(one => one.kind !== 'same')
  const out: DiffLine[] = []
  lines.forEach((line, at) => {
    if (near(at)) out.push(line)
    else if (out.length > 0 && out.at(-1)?.kind !== 'gap') out.push({ kind: 'gap', text: '' })
  })
  if (out.at(-1)?.kind === 'gap') out.pop()
  return out
}
