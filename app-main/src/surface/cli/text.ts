/** Text for a terminal: nothing that a guest or a file named can move the cursor or hide what stands there. */
const segmenter = new Intl.Segmenter()
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
const UNSAFE_EXCEPT_LINES = /[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
/** East Asian wide and full-width blocks (Unicode UAX #11), as far as a name may hold them. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u

const visible = (character: string) => `\\u{${character.codePointAt(0)?.toString(16)}}`

/** One line, with control and direction characters made visible. */
export const printable = (text: string): string => text.replace(UNSAFE, visible)
/** The same for documents: line ends and tabs stay. */
export const printableLines = (text: string): string => text.replace(UNSAFE_EXCEPT_LINES, visible)

/** Columns a text takes on a terminal. */
export const width = (text: string): number => {
  let columns = 0
  for (const { segment } of segmenter.segment(text)) columns += WIDE.test(segment) ? 2 : /^\p{M}/u.test(segment) ? 0 : 1
  return columns
}

const pad = (text: string, columns: number) => text + ' '.repeat(Math.max(0, columns - width(text)))

/** Aligned columns under a heading; `paint` may colour a cell and must not change its width. */
export const table = (
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  paint: (cell: string, column: number, row: number) => string = cell => cell,
): string => {
  const clean = rows.map(row => row.map(printable))
  const columns = heading.map((title, index) => Math.max(width(title), ...clean.map(row => width(row[index] ?? ''))))
  const line = (cells: readonly string[], row: number) =>
    cells
      .map((cell, index) => {
        const last = index === cells.length - 1
        const padding = last ? '' : pad(cell, columns[index] ?? 0).slice(cell.length)
        return (row < 0 ? cell : paint(cell, index, row)) + padding
      })
      .join('  ')
  return [line(heading, -1), ...clean.map(line)].map(text => text.trimEnd()).join('\n')
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
/** For instance `1.5 GiB`. */
export const size = (bytes: number): string => {
  const step = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10))
  return `${Number((bytes / 1024 ** step).toFixed(1))} ${UNITS[step]}`
}

/** For instance `3 d 4 h 5 min`. */
export const duration = (seconds: number): string => {
  const [days, hours, minutes] = [seconds / 86_400, (seconds / 3600) % 24, (seconds / 60) % 60].map(Math.floor)
  return `${days ? `${days} d ` : ''}${hours} h ${minutes} min`
}

/** JSON that no terminal takes for commands: C1 controls are escaped too. */
export const json = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(
    /[\u007f-\u009f]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
