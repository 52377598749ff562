/** Where the window was, if that place still exists. */
import { z } from 'zod'
import { JsonFile } from '../../base/json-file.ts'

/** Device-independent pixels. */
export const WindowBounds = z.object({
  x: z.int().optional(),
  y: z.int().optional(),
  width: z.int().min(1).max(100_000),
  height: z.int().min(1).max(100_000),
  maximized: z.boolean(),
})
export type WindowBounds = z.infer<typeof WindowBounds>

export const MIN_WIDTH = 720
export const MIN_HEIGHT = 480
export const DEFAULT_BOUNDS: WindowBounds = { width: 1280, height: 820, maximized: false }

export interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Enough of the title bar to take hold of, in pixels. */
const GRIP = 80

const shows = (bounds: Area, display: Area): boolean => {
  const across = Math.min(bounds.x + bounds.width, display.x + display.width) - Math.max(bounds.x, display.x)
  return across >= GRIP && bounds.y >= display.y && bounds.y <= display.y + display.height - GRIP
}

/** The saved bounds made to fit `displays` (work areas, the first one is the fallback's). */
export const restoreBounds = (saved: WindowBounds, displays: readonly Area[]): WindowBounds => {
  const { x, y, maximized } = saved
  const home = x === undefined || y === undefined ? undefined : displays.find(area => shows({ ...saved, x, y }, area))
  const area = home ?? displays[0]
  const fit = (size: number, least: number, most: number | undefined) =>
    Math.min(Math.max(size, least), Math.max(least, most ?? size))
  const width = fit(saved.width, MIN_WIDTH, area?.width)
  const height = fit(saved.height, MIN_HEIGHT, area?.height)
  return { ...(home && x !== undefined && y !== undefined && { x, y }), width, height, maximized }
}

export const boundsFile = (path: string): JsonFile<WindowBounds> =>
  new JsonFile(path, raw => WindowBounds.parse(raw), DEFAULT_BOUNDS)
