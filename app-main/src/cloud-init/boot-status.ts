/** What cloud-init says of itself in a guest, in the files that it keeps for that. All of it is the guest's word. */
import { z } from 'zod'

export type CloudInitStatus =
  /** It left no trace. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'working'; readonly stage: string | null }
  | { readonly kind: 'ended'; readonly datasource: string | null; readonly errors: readonly string[] }

/** Where cloud-init keeps its state; FreeBSD has no /run. */
const FOLDERS = ['/run/cloud-init', '/var/run/cloud-init'] as const
const MOST_ERRORS = 20
const MOST_TEXT = 300

const Result = z.object({
  v1: z.looseObject({ datasource: z.string().nullish(), errors: z.array(z.unknown()).nullish() }),
})
const Status = z.object({ v1: z.looseObject({ stage: z.string().nullish() }) })

const plain = (text: string): string =>
  text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, MOST_TEXT)

const json = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    // Half written, or no work of cloud-init's: somebody looks again.
    return undefined
  }
}

/** @param read gives a file of the guest, null where there is none; at most some 64 KiB of it */
export const readBootStatus = async (read: (path: string) => Promise<string | null>): Promise<CloudInitStatus> => {
  for (const folder of FOLDERS) {
    const result = Result.safeParse(json((await read(`${folder}/result.json`)) ?? ''))
    if (result.success) {
      const { datasource, errors } = result.data.v1
      const words = (errors ?? []).map(error => plain(typeof error === 'string' ? error : JSON.stringify(error)))
      return { kind: 'ended', datasource: datasource ? plain(datasource) : null, errors: words.slice(0, MOST_ERRORS) }
    }
    const text = await read(`${folder}/status.json`)
    if (text === null) continue
    const status = Status.safeParse(json(text))
    return { kind: 'working', stage: (status.success && status.data.v1.stage && plain(status.data.v1.stage)) || null }
  }
  return { kind: 'absent' }
}
