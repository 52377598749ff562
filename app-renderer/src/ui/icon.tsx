/** One-stroke icons on a 16 by 16 grid. */
const PATHS = {
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.6-1.4L14 14',
  play: 'M5 3.2v9.6L13 8 5 3.2Z',
  stop: 'M4 4h8v8H4z',
  power: 'M8 2v6M4.5 4.3a5 5 0 1 0 7 0',
  pause: 'M5 3.5v9M11 3.5v9',
  resume: 'M3 3.5v9M6.5 3.5v9L14 8 6.5 3.5Z',
  plus: 'M8 3v10M3 8h10',
  screen: 'M2 3h12v8H2zM6 14h4M8 11v3',
  term: 'M2 3h12v10H2zM4.5 6l2 2-2 2M8.5 10.5h3',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  copy: 'M6 6h7v7H6zM10 6V3H3v7h3',
  paste: 'M5 3H3v11h10V3h-2M5.5 2h5v2.5h-5z',
  camera: 'M2 5h3l1-2h4l1 2h3v8H2zM8 11.2A2.4 2.4 0 1 0 8 6.4a2.4 2.4 0 0 0 0 4.8Z',
  check: 'M3 8.5 6.5 12 13 4.5',
  cross: 'M4 4l8 8M12 4l-8 8',
  warn: 'M8 2 15 14H1L8 2Zm0 5v3m0 2h.01',
  info: 'M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM8 7.5v3.5M8 5h.01',
  question: 'M6 6a2 2 0 1 1 2.8 1.8c-.5.2-.8.6-.8 1.2v.5m0 2.3h.01',
  host: 'M2 3h12v4H2zM2 9h12v4H2zM4.5 5h.01M4.5 11h.01',
  disk: 'M8 6c3.3 0 6-.9 6-2s-2.7-2-6-2-6 .9-6 2 2.7 2 6 2Zm6-2v8c0 1.1-2.7 2-6 2s-6-.9-6-2V4M14 8c0 1.1-2.7 2-6 2S2 9.1 2 8',
  net: 'M8 2v4M4 14v-4h8v4M8 6v4M2.5 14h3M10.5 14h3',
  save: 'M2.5 2.5h9l2 2v9h-11zM5 2.5v4h5v-4M5 13.5v-4h6v4',
  moon: 'M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7Z',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1.1 1.1M11.9 11.9 13 13M3 13l1.1-1.1M11.9 4.1 13 3',
  chevron: 'M6 3.5 10.5 8 6 12.5',
  down: 'M3.5 6 8 10.5 12.5 6',
  up: 'M3.5 10 8 5.5 12.5 10',
  list: 'M2 4h12M2 8h12M2 12h12',
  bolt: 'M9 1 3 9h4l-1 6 6-8H8l1-6Z',
  arrow: 'M3 8h10M9 4l4 4-4 4',
  reboot: 'M13.5 8A5.5 5.5 0 1 1 11.8 4M12 1.5V4.5H9',
  lock: 'M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5',
  unlock: 'M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 4.8-1',
  trash: 'M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9',
  settings:
    'M2 4.5h7M13 4.5h1M2 11.5h1M7 11.5h7M11 6.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM5 13.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
  keyboard: 'M1.5 4h13v8.5h-13zM4 6.5h.01M6.7 6.5h.01M9.3 6.5h.01M12 6.5h.01M4.5 10h7',
  wide: 'M9.5 2.5h4v4M6.5 13.5h-4v-4M13.5 2.5 9 7M2.5 13.5 7 9',
  narrow: 'M13.5 6.5h-4v-4M2.5 9.5h4v4M9.5 6.5 14 2M6.5 9.5 2 14',
  external: 'M9 2.5h4.5V7M13.5 2.5 7.5 8.5M11.5 9.5v4h-9v-9h4',
  upload: 'M8 11V3M4.5 6 8 2.5 11.5 6M2.5 13.5h11',
  folder: 'M2 4h4.5L8 5.5h6v7.5H2z',
  file: 'M4 2h5.5L12.5 5v9H4zM9.5 2v3h3',
  link: 'M6.5 9.5 9.5 6.5M7.5 5l1.6-1.6a2.5 2.5 0 0 1 3.5 3.5L11 8.5M8.5 11l-1.6 1.6a2.5 2.5 0 0 1-3.5-3.5L5 7.5',
  home: 'M2.5 7.5 8 3l5.5 4.5M4 6.5v7h8v-7',
  edit: 'M3 13v-2.5L10.5 3 13 5.5 5.5 13zM9 4.5 11.5 7',
  download: 'M8 2.5v8M4.5 7.5 8 11l3.5-3.5M2.5 13.5h11',
  eye: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
  globe:
    'M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM1.5 8h13M8 1.5c2 2 2.6 4.2 2.6 6.5S10 12.5 8 14.5C6 12.5 5.4 10.3 5.4 8S6 3.5 8 1.5Z',
  code: 'M5.5 4 1.5 8l4 4M10.5 4l4 4-4 4',
  text: 'M3 4V2.5h10V4M8 2.5v11M6 13.5h4',
  actual: 'M2 3h12v10H2zM5 6.5 6 6v4M11 6.5 12 6M8 7.5h.01M8 9.5h.01M10.5 6v4',
} as const

export type IconName = keyof typeof PATHS

/** Icons that point along the line of text turn round with it. */
const DIRECTED: ReadonlySet<IconName> = new Set(['chevron', 'arrow', 'play', 'resume', 'external'])

export const Icon = ({ name, size = 16, title }: { name: IconName; size?: number; title?: string }) => (
  <svg
    width={size}
    height={size}
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    strokeWidth={name === 'more' ? 2.2 : 1.5}
    strokeLinecap="round"
    strokeLinejoin="round"
    {...(DIRECTED.has(name) ? { 'data-directed': '' } : {})}
    {...(title ? { role: 'img', 'aria-label': title } : { 'aria-hidden': true })}
  >
    <path d={PATHS[name]} />
  </svg>
)
